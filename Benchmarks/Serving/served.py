"""What the measurements of a server share: to wait until it is ready, to end it, and to ask it."""

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
import urllib.request


def ready(port, process=None, seconds=60):
    """Waits until a server answers that it is ready; `process` is its, where it was started here."""
    end = time.time() + seconds
    while True:
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        if process is not None and process.poll() is not None:
            sys.exit(f"the server of port {port} ended with {process.returncode}")
        if time.time() > end:
            sys.exit(f"no server at port {port}")
        time.sleep(0.05)


@contextlib.contextmanager
def server(command, port, seconds=60, **options):
    """A server for as long as the block runs."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    try:
        ready(port, process, seconds)
        yield process
    finally:
        process.terminate()
        process.wait()


def post(port, path, body, seconds=600):
    """Sends a body; the answer."""
    head = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, head)
    with urllib.request.urlopen(request, timeout=seconds) as answer:
        return json.load(answer)


def open_loop(port, path, bodies, rate, seconds, warmup, heed=None, connections=16):
    """Sends each body when it is due, and takes its time from then; after the warm-up, in milliseconds.

    `heed` is told the bytes of each answer, one at a time.
    """
    warm = int(warmup * rate)
    count = warm + int(seconds * rate)
    start, places, lock = time.perf_counter() + 0.2, iter(range(count)), threading.Lock()
    taken, statuses = [], {}

    def send():
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while True:
            with lock:
                place = next(places, None)
            if place is None:
                return
            due = start + place / rate
            time.sleep(max(0, due - time.perf_counter()))
            connection.request("POST", path, bodies[place % len(bodies)], {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
            end = time.perf_counter()
            with lock:
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
                if heed is not None:
                    heed(body)
                if place >= warm:
                    taken.append(end - due)

    threads = [threading.Thread(target=send) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken.sort()
    at = lambda share: round(1000 * taken[min(int(share * len(taken)), len(taken) - 1)], 2)
    return {
        "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "p99.9": at(0.999), "requests": len(taken), "statuses": statuses,
    }
