"""Times ONNX Runtime on the workload `serve-500-engine`, and prints one line of JSON for each number of threads.

Usage: serve.py [--seconds 6] [--rows 500] [--threads 1 2]

The model of `aliccp-mmoe`: 23 fields of 16 numbers and 100,000 ids each, 4 experts [512, 256], a softmax gate and a
tower [128, 64] for each of two tasks, sigmoid outputs, float32; weights are random. A request has the ids of `--rows`
rows; those of the first 11 fields are the same in all of them, which ONNX Runtime is not told: it computes
every row as it comes. The graph is written node by node, one Gemm for each expert, gate and layer of a tower. Needs
onnx and onnxruntime.
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
        ids[f"field_{field}"] = np.ascontiguousarray(np.broadcast_to(drawn, rows))
    return ids


def main():
    """Reads the arguments, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=6, help="time of each measurement")
    parser.add_argument("--rows", type=int, default=500, help="candidates of a request")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    random = np.random.default_rng(1)
    serialized = model(random)
    requests = [request(random, arguments.rows) for _ in range(32)]
    for threads in arguments.threads:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(
            serialized, options, providers=["CPUExecutionProvider"]
        )
        for ids in requests:
            session.run(None, ids)
        times, end, index = [], time.perf_counter() + arguments.seconds, 0
        while time.perf_counter() < end:
            start = time.perf_counter()
            session.run(None, requests[index % len(requests)])
            times.append(time.perf_counter() - start)
            index += 1
        times.sort()
        print(
            json.dumps(
                {
                    "workload": "serve-500-engine",
                    "system": "ONNX Runtime",
                    "threads": threads,
                    "rows": arguments.rows,
                    "requests": len(times),
                    "median_milliseconds": 1000 * statistics.median(times),
                    "p99_milliseconds": 1000 * times[int(0.99 * len(times))],
                    "least_milliseconds": 1000 * times[0],
                    "versions": {"onnxruntime": onnxruntime.__version__},
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
