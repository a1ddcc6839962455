"""What happens under more load than can be answered, measured from outside.

    proof.py FLOWGATE MODEL BODY [--seconds N] [--deadline SECONDS] [--json FILE]

Serves MODEL (one whose runs take milliseconds, so that the load comes from it and not from who
makes it), finds the highest rate that it answers, then offers 2 and 10 times that rate for some
seconds each. Beside the load it asks `/health` and counts what is refused. Standard library only;
the load itself comes from `flowgate bench`.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path


class Server:
    """The server, and what can be seen of it from outside."""

    def __init__(self, program, model, arguments=()):
        self.folder = tempfile.TemporaryDirectory()
        ready = Path(self.folder.name) / "ready"
        self.process = subprocess.Popen(
            [program, "serve", "-m", model, "--host", "127.0.0.1", "--port", "0",
             "--ready-file", ready, *arguments],
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

    def end(self):
        self.process.terminate()
        self.process.wait(30)
        self.folder.cleanup()


class Health(threading.Thread):
    """Asks `/health` every 10 ms on one connection and notes how long each answer took."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.times, self.over = address, [], threading.Event()

    def run(self):
        connection = http.client.HTTPConnection(self.address, timeout=10)
        while not self.over.wait(0.01):
            start = time.monotonic()
            connection.request("GET", "/health")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            self.times.append(time.monotonic() - start)

    def end(self):
        self.over.set()
        self.join()
        return percentile(self.times, 0.99) * 1e3


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def bench(program, server, body, rate, seconds, deadline, connections):
    """What the load generator says of one rate; none: the highest that is answered."""
    rates = ["--rate", f"{rate:.2f}"] if rate else ["--p99", f"{deadline / 2}s"]
    command = [program, "bench", "--url", f"http://{server.address}/invocations",
               "--body", body, "-H", f"X-Request-Timeout: {deadline}", *rates,
               "--duration", f"{seconds}s", "--connections", str(connections), "--json", "-"]
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if ended.returncode not in (0, 1):
        raise SystemExit(ended.stderr)
    return json.loads(ended.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("flowgate")
    parser.add_argument("model")
    parser.add_argument("body", help="a file with the body of a request")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--deadline", type=float, default=1.0)
    parser.add_argument("--json")
    options = parser.parse_args()
    server = Server(options.flowgate, options.model)
    report = {}
    try:
        def load(rate, seconds):
            return bench(options.flowgate, server, options.body, rate, seconds,
                         options.deadline, 512)

        found = load(None, 5)
        capacity = found["highest_rate"]
        report["capacity"] = capacity
        print(f"answers {capacity:.1f} requests a second")
        for times in (1, 2, 10):
            before, memory = server.counters(), server.memory()
            health = Health(server.address)
            health.start()
            found = load(capacity * times, options.seconds)
            p99_health = health.end()
            after = server.counters()
            report[times] = {
                "health_p99_ms": p99_health,
                "memory_mb": [memory, server.memory()],
                "bench": found,
                "counters": {
                    f"{name}{{{labels}}}": value - before.get((name, labels), 0)
                    for (name, labels), value in after.items()
                    if value != before.get((name, labels), 0)
                },
            }
            print(json.dumps(report[times], indent=1))
    finally:
        server.end()
    if options.json:
        Path(options.json).write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    sys.exit(main())
