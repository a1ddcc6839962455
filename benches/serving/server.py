"""A server under measurement, what can be seen of it from outside, and load for it."""

import http.client
import json
import os
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The model of the fast requests, and a body for it.
FAST = "models:/iris/3"
FAST_BODY = json.dumps({"inputs": [
    {"sepal_length": 4.5, "sepal_width": 2.3, "petal_length": 1.3, "petal_width": 0.3}
]})


def rows(count):
    """A body of `count` rows for the fast model."""
    columns = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    return json.dumps({"dataframe_split": {
        "columns": columns, "data": [[4.5, 2.3, 1.3, 0.3]] * count,
    }})


def pinned(core):
    """What a child does before it begins: stay on `core`; none: go wherever it may."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


class Server:
    """`flowgate serve`, on `core` alone where one is given."""

    def __init__(self, program, model, arguments=(), core=None):
        self.folder = tempfile.TemporaryDirectory()
        ready = Path(self.folder.name) / "ready"
        self.process = subprocess.Popen(
            [program, "serve", "-m", model, "--host", "127.0.0.1", "--port", "0",
             "--ready-file", ready, *arguments],
            cwd=ROOT, preexec_fn=pinned(core),
            env={**os.environ, "FLOWGATE_LOG": "error"},
        )
        until = time.monotonic() + 60
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the server did not start")
            time.sleep(0.01)
        self.address = ready.read_text().strip()

    def memory(self):
        """Resident memory now, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def settled(self, descriptors, seconds=20):
        """How many descriptors there are once they are no more than that, or after a while."""
        until = time.monotonic() + seconds
        while self.descriptors() > descriptors and time.monotonic() < until:
            time.sleep(0.05)
        return self.descriptors()

    def counters(self):
        connection = http.client.HTTPConnection(self.address, timeout=10)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        found = {}
        for line in text.splitlines():
            match = re.match(r'flowgate_(\w+)\{(.*)\} (\S+)$', line)
            if match and "_bucket" not in line:
                found[match.group(1), match.group(2)] = float(match.group(3))
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.folder.cleanup()


class Health(threading.Thread):
    """Asks `/health` every 10 ms on one connection and notes how long each answer took."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.times, self.over = address, [], threading.Event()
        self.start()

    def run(self):
        connection = http.client.HTTPConnection(self.address, timeout=10)
        while not self.over.wait(0.01):
            start = time.monotonic()
            connection.request("GET", "/health")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            self.times.append(time.monotonic() - start)

    def p99_ms(self):
        """Ends it; the time that 99 % of the answers did not exceed."""
        self.over.set()
        self.join()
        times = sorted(self.times)
        return times[min(len(times) - 1, int(len(times) * 0.99))] * 1e3


class Load:
    """`flowgate bench` against a server."""

    def __init__(self, program, server, body, *arguments, core=None):
        self.process = subprocess.Popen(
            [program, "bench", "--url", f"http://{server.address}/invocations",
             "--body", body, "--json", "-", *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=pinned(core),
        )

    def found(self):
        """What it measured."""
        out, err = self.process.communicate()
        # 1: no rate held what was asked of it.
        if self.process.returncode not in (0, 1):
            raise SystemExit(err)
        return json.loads(out)

    def rate(self):
        """What it measured of its only rate."""
        return self.found()["rates"][-1]


def body_file(folder, text):
    path = Path(folder) / "body.json"
    path.write_text(text)
    return str(path)
