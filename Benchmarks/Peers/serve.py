"""Times ONNX Runtime, and PyTorch where it is asked for, on the workload `serve-500-engine`, and prints one line of JSON
for each and each number of threads.

Usage: serve.py [--seconds 6] [--rows 500] [--threads 1 2] [--torch]

The model of `aliccp-mmoe`: 23 fields of 16 numbers and 100,000 ids each, 4 experts [512, 256], a softmax gate and a
tower [128, 64] for each of two tasks, sigmoid outputs, float32; weights are random. A request has the ids of `--rows`
rows; those of the first 11 fields are the same in all of them, which ONNX Runtime is not told: it computes
every row as it comes. The graph is written node by node, one Gemm for each expert, gate and layer of a tower. PyTorch
runs modules of the same layers and weights without gradients; its answers are checked against ONNX Runtime's. Needs
onnx and onnxruntime, and torch for `--torch`.
"""

import argparse
import json
import statistics
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FIELDS, SHARED, VOCABULARY, DIMENSION, EXPERTS, TASKS = 23, 11, 100_000, 16, 4, 2


def model(random):
    """The graph, as bytes."""
    nodes, weights = [], []

    def constant(name, *shape):
        scale = 1 / np.sqrt(shape[0])
        values = (random.standard_normal(shape) * scale).astype(np.float32)
        weights.append(numpy_helper.from_array(values, name))
        return name

    def node(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def dense(source, name, inner, units):
        weight = constant(f"{name}/weight", inner, units)
        bias = constant(f"{name}/bias", units)
        return node("Gemm", [source, weight, bias], name)

    def perceptron(source, name, sizes):
        for index, (inner, units) in enumerate(zip(sizes, sizes[1:])):
            layer = dense(source, f"{name}/{index}", inner, units)
            source = node("Relu", [layer], f"{layer}/relu")
        return source

    fields = [
        node("Gather", [constant(f"table_{i}", VOCABULARY, DIMENSION), f"field_{i}"], f"vector_{i}")
        for i in range(FIELDS)
    ]
    width = FIELDS * DIMENSION
    x = node("Concat", fields, "x", axis=1)
    experts = [perceptron(x, f"expert_{e}", [width, 512, 256]) for e in range(EXPERTS)]
    axis = numpy_helper.from_array(np.array([1], np.int64), "axis")
    weights.append(axis)
    lifted = [node("Unsqueeze", [expert, "axis"], f"{expert}/lifted") for expert in experts]
    stack = node("Concat", lifted, "experts", axis=1)  # [B, E, H]
    weights.append(numpy_helper.from_array(np.array([2], np.int64), "last"))
    outputs = []
    for task in range(TASKS):
        gate = node("Softmax", [dense(x, f"gate_{task}", width, EXPERTS)], f"share_{task}", axis=1)
        column = node("Unsqueeze", [gate, "last"], f"column_{task}")
        weighed = node("Mul", [stack, column], f"weighed_{task}")
        mixed = node("ReduceSum", [weighed, "axis"], f"mixed_{task}", keepdims=0)
        hidden = perceptron(mixed, f"tower_{task}", [256, 128, 64])
        node("Sigmoid", [dense(hidden, f"logit_{task}", 64, 1)], f"task_{task}")
        outputs.append(helper.make_tensor_value_info(f"task_{task}", TensorProto.FLOAT, ["B", 1]))
    inputs = [
        helper.make_tensor_value_info(f"field_{i}", TensorProto.INT64, ["B"]) for i in range(FIELDS)
    ]
    graph = helper.make_graph(nodes, "mmoe", inputs, outputs, weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(made)
    return made.SerializeToString()


def request(random, rows):
    """Ids of one user and many items."""
    ids = {}
    for field in range(FIELDS):
        count = 1 if field < SHARED else rows
        drawn = random.integers(0, VOCABULARY, count)
        ids[f"field_{field}"] = np.array(np.broadcast_to(drawn, rows))
    return ids


def torch_model(serialized):
    """The same network as modules of PyTorch, as a function of a request."""
    import torch

    weights = {
        tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy())
        for tensor in onnx.load_from_string(serialized).graph.initializer
    }

    def linear(name):
        weight = weights[f"{name}/weight"]
        layer = torch.nn.Linear(*weight.shape)
        layer.weight.data = weight.T.contiguous()
        layer.bias.data = weights[f"{name}/bias"]
        return layer

    def perceptron(name, depth):
        layers = []
        for index in range(depth):
            layers += [linear(f"{name}/{index}"), torch.nn.ReLU()]
        return torch.nn.Sequential(*layers)

    class MMoE(torch.nn.Module):
        """23 embeddings, 4 experts, and a gate and a tower for each task."""

        def __init__(self):
            super().__init__()
            self.tables = torch.nn.ModuleList(
                torch.nn.Embedding.from_pretrained(weights[f"table_{i}"]) for i in range(FIELDS)
            )
            self.experts = torch.nn.ModuleList(perceptron(f"expert_{e}", 2) for e in range(EXPERTS))
            self.gates = torch.nn.ModuleList(linear(f"gate_{t}") for t in range(TASKS))
            self.towers = torch.nn.ModuleList(
                torch.nn.Sequential(perceptron(f"tower_{t}", 2), linear(f"logit_{t}"))
                for t in range(TASKS)
            )

        def forward(self, fields):
            x = torch.cat([table(ids) for table, ids in zip(self.tables, fields)], 1)
            experts = torch.stack([expert(x) for expert in self.experts], 1)  # [B, E, H]
            outputs = []
            for gate, tower in zip(self.gates, self.towers):
                share = torch.softmax(gate(x), 1)
                mixed = torch.bmm(share.unsqueeze(1), experts).squeeze(1)
                outputs.append(torch.sigmoid(tower(mixed)))
            return outputs

    made = MMoE().eval()

    def run(ids):
        with torch.inference_mode():
            fields = [torch.from_numpy(ids[f"field_{i}"]) for i in range(FIELDS)]
            return [output.numpy() for output in made(fields)]

    return run


def measure(system, versions, run, requests, arguments, threads):
    """Runs requests one after the other, and prints what they took."""
    for ids in requests:
        run(ids)
    times, end, index = [], time.perf_counter() + arguments.seconds, 0
    while time.perf_counter() < end:
        start = time.perf_counter()
        run(requests[index % len(requests)])
        times.append(time.perf_counter() - start)
        index += 1
    times.sort()
    print(
        json.dumps(
            {
                "workload": "serve-500-engine",
                "system": system,
                "threads": threads,
                "rows": arguments.rows,
                "requests": len(times),
                "median_milliseconds": 1000 * statistics.median(times),
                "p99_milliseconds": 1000 * times[int(0.99 * len(times))],
                "least_milliseconds": 1000 * times[0],
                "versions": versions,
            }
        ),
        flush=True,
    )


def main():
    """Reads the arguments, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=6, help="time of each measurement")
    parser.add_argument("--rows", type=int, default=500, help="candidates of a request")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--torch", action="store_true", help="measure PyTorch too")
    arguments = parser.parse_args()
    random = np.random.default_rng(1)
    serialized = model(random)
    requests = [request(random, arguments.rows) for _ in range(32)]
    peer = torch_model(serialized) if arguments.torch else None
    for threads in arguments.threads:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(
            serialized, options, providers=["CPUExecutionProvider"]
        )
        versions = {"onnxruntime": onnxruntime.__version__}
        measure(
            "ONNX Runtime", versions, lambda ids: session.run(None, ids), requests, arguments, threads
        )
        if peer is None:
            continue
        import torch

        torch.set_num_threads(threads)
        for ours, theirs in zip(peer(requests[0]), session.run(None, requests[0])):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)
        measure("PyTorch", {"torch": torch.__version__}, peer, requests, arguments, threads)


if __name__ == "__main__":
    main()
