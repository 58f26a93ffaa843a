"""Measures the workload `serve-500` over HTTP: one request at a time, under load, or events.

Usage: measure.py alone|load|events FOLDER --run RUN --motet PROGRAM --load PROGRAM [--precisions f32 bf16] [--seconds 6]

FOLDER is what make_data.py wrote, RUN the run trained there, `--load` the program motet-load. Prints a line of JSON for
each measurement. The peer (onnx_server.py) runs with the interpreter that runs this file.

alone:  by turns, `--rounds` times: ONNX Runtime's bare call on 2 threads; `motet serve` with one worker of 2 threads, asked
        by one connection that sends its next request when it has an answer.
load:   each server with one thread a request and two requests at once, asked at fixed rates (an open loop; times count from
        when a request was due).
events: `motet serve` takes in batches of 100 events at `--rates` requests a second, kept against the loss of power and
        against the end of the process.
"""

import argparse
import contextlib
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from served import post, server

HERE = pathlib.Path(__file__).parent


class Measurement:
    """What is measured with."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = arguments.folder.resolve()
        self.requests = self.folder / "requests.jsonl"

    @contextlib.contextmanager
    def motet(self, configuration):
        """`motet serve` with the events of the users."""
        command = [self.arguments.motet, "serve", self.arguments.run, "--config", str(self.folder / configuration)]
        with server(command, 8091, stderr=subprocess.DEVNULL) as process:
            for line in (self.folder / "events.jsonl").read_bytes().splitlines():
                post(8091, "/v1/events", line)
            yield process

    @contextlib.contextmanager
    def onnx(self):
        """ONNX Runtime in a server of two processes."""
        command = [sys.executable, "onnx_server.py", str(self.arguments.run), str(self.folder / "features.npz")]
        with server(command, 8092, cwd=HERE):
            yield

    def load(self, port, path="/v1/score", bodies=None, **options):
        """Asks, and returns the report."""
        command = [self.arguments.load, f"http://127.0.0.1:{port}{path}", "--json", "--bodies", str(bodies or self.requests)]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        made = subprocess.run(command, capture_output=True, text=True, check=True)
        return json.loads(made.stdout)

    def show(self, **values):
        """Prints a measurement."""
        print(json.dumps(values), flush=True)

    def check(self):
        """Compares the scores of all servers: they are of one model."""
        body = self.requests.read_bytes().splitlines()[0]
        answers = {}
        for precision in self.arguments.precisions:
            with self.motet(f"serve-load-{precision}.yaml"):
                answers[precision] = post(8091, "/v1/score", body)
        with self.onnx():
            answers["onnx"] = post(8092, "/v1/score", body)
        for name, answer in answers.items():
            worst = max(
                abs(one["scores"][task] - other["scores"][task])
                for one, other in zip(answer["items"], answers["onnx"]["items"])
                for task in ["click", "conversion"]
            )
            self.show(system=name, greatest_difference_to_onnx=worst, items=len(answer["items"]))

    def alone(self):
        """One request at a time."""
        seconds = self.arguments.seconds
        for _ in range(self.arguments.rounds):
            command = [sys.executable, "onnx_server.py", str(self.arguments.run), str(self.folder / "features.npz")]
            bare = subprocess.run(
                command + ["--bare", "--threads", "2", "--seconds", str(seconds)],
                cwd=HERE, capture_output=True, text=True, check=True,
            )
            print(bare.stdout.strip(), flush=True)
            for precision in self.arguments.precisions:
                with self.motet(f"serve-alone-{precision}.yaml"):
                    report = self.load(8091, connections=1, seconds=seconds, warmup=2)
                    self.show(system=f"motet {precision}", **report)

    def under_load(self):
        """Fixed rates."""
        rates = self.arguments.rates

        def measure(name, port, context, own):
            with context:
                for rate in own:
                    report = self.load(
                        port, connections=32, rate=rate, seconds=self.arguments.seconds, warmup=1.5
                    )
                    self.show(system=name, rate=rate, **report)

        if "onnx" in self.arguments.systems:
            measure("onnx server", 8092, self.onnx(), rates)
        for precision in self.arguments.precisions:
            if precision in self.arguments.systems:
                measure(f"motet {precision}", 8091, self.motet(f"serve-load-{precision}.yaml"), rates)

    def events(self):
        """Events that are acknowledged when they are durable."""
        kinds = ["view", "click", "cart", "purchase"]
        draw = random.Random(1)
        for durability in ["power", "process"]:
            with tempfile.TemporaryDirectory() as folder:
                place = pathlib.Path(folder)
                text = (self.folder / "serve-load-f32.yaml").read_text()
                text = text.replace("store: memory", f"store: {place}/state, durability: {durability}")
                text = text.replace("items.csv", str(self.folder / "items.csv"))
                (place / "serve.yaml").write_text(text)
                command = [self.arguments.motet, "serve", self.arguments.run, "--config", str(place / "serve.yaml")]
                with server(command, 8091, stderr=subprocess.DEVNULL):
                    for rate in self.arguments.rates:
                        seconds, now = self.arguments.seconds, int(time.time() * 1000)
                        count = int(rate * (seconds + 3)) + 10
                        with open(place / "bodies.jsonl", "w", encoding="utf-8") as bodies:
                            for batch in range(count):
                                events = [
                                    {
                                        "id": f"{durability}-{rate}-{batch}-{n}", "time": now - draw.randrange(1000),
                                        "kind": draw.choice(kinds), "user": f"u{draw.randrange(100_000)}",
                                        "item": f"i{draw.randrange(20_000)}", "category": f"c{draw.randrange(20)}",
                                        "quantity": 1, "price": draw.randrange(1, 9900) / 100,
                                    }
                                    for n in range(100)
                                ]
                                bodies.write(json.dumps(events, separators=(",", ":")) + "\n")
                        report = self.load(
                            8091, "/v1/events", place / "bodies.jsonl", connections=16, rate=rate, seconds=seconds, warmup=2
                        )
                        self.show(durability=durability, events_a_second=100 * report["answers_per_second"], **report)


def main():
    """Reads the arguments and measures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["check", "alone", "load", "events"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--run", required=True)
    parser.add_argument("--motet", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--precisions", nargs="+", default=["f32", "bf16"])
    parser.add_argument("--systems", nargs="+", default=["onnx", "f32", "bf16"])
    parser.add_argument("--rates", type=float, nargs="+", default=[200])
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    measurement = Measurement(arguments)
    {
        "check": measurement.check, "alone": measurement.alone, "load": measurement.under_load,
        "events": measurement.events,
    }[arguments.what]()


if __name__ == "__main__":
    main()
