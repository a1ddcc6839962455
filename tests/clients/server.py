"""A server of the program under test, for one package at a time."""

import os
import pathlib
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def package(name):
    """The folder of a recorded package."""
    return ROOT / "tests" / "golden" / "models" / name


class Server:
    """Serves `path` while it is entered; `host` and `port` say where."""

    def __init__(self, path, *flags, runtime="ort"):
        self.path, self.flags = path, ("--runtime", runtime, *flags)

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        ready = pathlib.Path(self.folder.name) / "ready"
        command = [
            os.environ["FLOWGATE_BIN"], "serve", "--model", str(self.path),
            "--host", "127.0.0.1", "--port", "0", "--ready-file", str(ready),
            *self.flags,
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while not ready.exists():
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.process.stderr.read()}")
            if time.monotonic() > deadline:
                self.process.kill()
                raise RuntimeError("the server did not start")
            time.sleep(0.02)
        self.host, port = ready.read_text().split(":")
        self.port = int(port)
        self.url = f"http://{self.host}:{self.port}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.process.stderr.close()
        self.folder.cleanup()
