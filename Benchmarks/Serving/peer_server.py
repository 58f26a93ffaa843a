"""Serves the model of a Motet run by ONNX Runtime over HTTP, asked as `motet serve` is: the peer of `serve-500`.

Usage: onnx_server.py RUN FEATURES.npz [--port 8092] [--threads 1] [--workers 2]
       onnx_server.py RUN FEATURES.npz --bare [--threads 2] [--seconds 5]

RUN is a trained run of the experiment that make_data.py writes; its weights are exported to an ONNX graph, node by node.
`POST /v1/score` takes one user id and item ids; the fields of users and items stand in memory as ids of the tables, so a
request is parsed (orjson), gathered (numpy), computed in one call of ONNX Runtime, and written (orjson). Each worker is a
process of uvicorn with uvloop and httptools. With --bare no server is started: the call alone is timed with 500 items,
and a line of JSON printed. Needs numpy, onnx, onnxruntime; the server uvicorn, uvloop, httptools and orjson.
"""

import argparse
import json
import os
import struct
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

USER_FIELDS, ITEM_FIELDS, BUCKETS, TASKS = 11, 12, 100_000, ["click", "conversion"]
NAMES = [f"u_{n}" for n in range(USER_FIELDS)] + [f"i_{USER_FIELDS + n}" for n in range(ITEM_FIELDS)]


def parameters(run):
    """The weights of a run, by name."""
    with open(os.path.join(run, "parameters.safetensors"), "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], np.float32).reshape(entry["shape"])
        for name, entry in header.items()
    }


def buckets(values):
    """The ids of whole numbers, hashed as Motet hashes them."""
    with np.errstate(over="ignore"):
        bits = values.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits = bits ^ (bits >> np.uint64(31))
    # The upper half of a product of 64 bits, by halves.
    high, low = bits >> np.uint64(32), bits & np.uint64(0xFFFFFFFF)
    count = np.uint64(BUCKETS)
    return ((high * count + (low * count >> np.uint64(32))) >> np.uint64(32)).astype(np.int64) + 1


def graph(weights):
    """The model as ONNX, as bytes."""
    nodes, constants = [], []

    def constant(name, values):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def dense(source, name, weight, bias):
        return node("Gemm", [source, constant(f"{name}/w", weight), constant(f"{name}/b", bias)], name)

    fields = [
        node("Gather", [constant(f"table_{name}", weights[f"embeddings/{name}/weight"]), name], f"vector_{name}")
        for name in NAMES
    ]
    x = node("Concat", fields, "x", axis=1)
    def layer(source, name, part, index):
        return dense(source, f"{name}_{index}", weights[f"{part}/weight"][index], weights[f"{part}/bias"][index])

    experts = []
    for expert in range(4):
        h = x
        for number in [1, 2]:
            h = layer(h, f"expert_{number}", f"mmoe_1/experts/dense_{number}", expert)
            h = node("Relu", [h], h + "/relu")
        experts.append(h)
    axis, last = constant("axis", np.array([1])), constant("last", np.array([2]))
    stack = node("Concat", [node("Unsqueeze", [h, axis], h + "/lifted") for h in experts], "stack", axis=1)
    outputs = []
    for index, task in enumerate(TASKS):
        gate = node("MatMul", [x, constant(f"gate_{task}/w", weights["mmoe_1/gates/dense/weight"][index])], f"gate_{task}")
        share = node("Unsqueeze", [node("Softmax", [gate], gate + "/softmax", axis=1), last], gate + "/share")
        h = node("ReduceSum", [node("Mul", [stack, share], gate + "/weighed"), axis], gate + "/mixed", keepdims=0)
        for number in [1, 2]:
            h = layer(h, f"tower_{number}", f"mmoe_1/towers/hidden/dense_{number}", index)
            h = node("Relu", [h], h + "/relu")
        output = f"mmoe_1/towers/output_{task}"
        h = dense(h, f"logit_{task}", weights[f"{output}/weight"], weights[f"{output}/bias"])
        node("Sigmoid", [h], task)
        outputs.append(helper.make_tensor_value_info(task, TensorProto.FLOAT, ["B", 1]))
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["B"]) for name in NAMES]
    made = helper.make_graph(nodes, "serve-500", inputs, outputs, constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


class Scorer:
    """Answers for a user and items."""

    def __init__(self, run, features, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        model = graph(parameters(run))
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        arrays = np.load(features)
        self.users = buckets(arrays["users"])
        self.items = np.ascontiguousarray(buckets(arrays["items"]).T)

    def inputs(self, user, items):
        """The ids of a request."""
        row, count = self.users[user], len(items)
        ids = {NAMES[n]: np.full(count, row[n]) for n in range(USER_FIELDS)}
        ids |= {NAMES[USER_FIELDS + n]: self.items[n][items] for n in range(ITEM_FIELDS)}
        return ids

    def scores(self, user, items):
        """The scores of each task."""
        return [column[:, 0].tolist() for column in self.session.run(TASKS, self.inputs(user, items))]


def bare(scorer, threads, seconds):
    """Times the call alone."""
    random = np.random.default_rng(7)
    count = scorer.items.shape[1]
    requests = [
        scorer.inputs(random.integers(len(scorer.users)), random.choice(count, 500, replace=False)) for _ in range(32)
    ]
    for request in requests:
        scorer.session.run(TASKS, request)
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        scorer.session.run(TASKS, requests[len(times) % 32])
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    shown = {f"p{p}": round(times[int(p / 100 * (len(times) - 1))], 3) for p in [0, 50, 90, 99]}
    versions = {"onnxruntime": onnxruntime.__version__, "numpy": np.__version__}
    print(json.dumps({"system": "ONNX Runtime, bare", "threads": threads, "milliseconds": shown} | versions), flush=True)


def application():
    """The server of one worker, as ASGI."""
    import orjson

    run, features, threads = json.loads(os.environ["SERVE_500"])
    scorer = Scorer(run, features, threads)

    async def answer(scope, receive, send):
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message["body"]
            if not message.get("more_body"):
                break
        if scope["path"] == "/readyz":
            status, text = 200, b'{"status":"ready"}'
        else:
            request = orjson.loads(body)
            items = [item["id"] for item in request["items"]]
            click, conversion = scorer.scores(
                int(request["user"]["id"][1:]), np.fromiter((int(item[1:]) for item in items), np.int64, len(items))
            )
            answers = [
                {"id": item, "scores": {"click": c, "conversion": v}} for item, c, v in zip(items, click, conversion)
            ]
            status, text = 200, orjson.dumps({"model": "serve-500", "degraded": False, "items": answers})
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    return answer


def main():
    """Reads the arguments, and measures or serves."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run")
    parser.add_argument("features")
    parser.add_argument("--port", type=int, default=8092)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    if arguments.bare:
        bare(Scorer(arguments.run, arguments.features, arguments.threads), arguments.threads, arguments.seconds)
        return
    import uvicorn

    os.environ["SERVE_500"] = json.dumps([arguments.run, arguments.features, arguments.threads])
    uvicorn.run(
        "onnx_server:application", factory=True, port=arguments.port, workers=arguments.workers, log_level="warning",
        access_log=False, loop="uvloop", http="httptools",
    )


if __name__ == "__main__":
    main()
