"""Connections that do nothing, that take their answers slowly or not, and that come and go.

Each kind beside a small load of usual requests, whose latencies are measured; afterwards the
server has as many descriptors as before.
"""

import resource
import socket
import tempfile
import threading
import time

from server import FAST, FAST_BODY, Load, Server, body_file, rows

IDLE, SLOW, STALLED, CHURN = 10_000, 1_000, 50, 20_000

# Rows of a request whose answer is taken slowly, and of one whose answer is too long for the
# buffers of its sockets, so that the server waits as well.
ROWS, MANY_ROWS = 5_000, 60_000


def request(body, close=False):
    end = "Connection: close\r\n" if close else ""
    return (f"POST /invocations HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{end}"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def connect(address, buffer=None):
    host, port = address.rsplit(":", 1)
    made = socket.socket()
    made.settimeout(30)
    if buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    made.connect((host, int(port)))
    return made


def whole(made, size=1 << 16, pause=0.0):
    """Reads an answer to the end of the connection."""
    got = []
    while part := made.recv(size):
        got.append(part)
        if pause:
            time.sleep(pause)
    return b"".join(got)


def measure(options):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    idle = min(IDLE, hard - 1000)
    report = {}
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1024), hard))
    with tempfile.TemporaryDirectory() as folder, Server(options.flowgate, FAST) as server:
        body = body_file(folder, FAST_BODY)

        def usual(seconds=3):
            found = Load(options.flowgate, server, body, "--rate", 500, "--connections", 16,
                         "--duration", f"{seconds}s").rate()
            assert found["statuses"].keys() == {"200"}, found["statuses"]
            return found["latency_ms"]["p99"]

        def note(kind, **values):
            values["descriptors"] = [start, server.settled(start)]
            values["memory_mb"] = server.memory()
            report[kind] = values
            shown = (f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
                     for key, value in values.items())
            print(f"  {kind}: " + ", ".join(shown))

        # The server began with the limit that most systems give, and has raised it by itself.
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        usual(1)
        print("connections:")
        start = server.settled(0, seconds=1)
        note("nothing else", p99_ms=usual())

        memory = server.memory()
        open_ones = [connect(server.address) for _ in range(idle)]
        p99, held = usual(), server.memory()
        opened = server.descriptors()
        for one in open_ones:
            one.close()
        note(f"{idle} idle", p99_ms=p99, opened=opened, kb_each=(held - memory) * 1024 / idle)

        memory = server.memory()
        long = rows(ROWS)
        slow = []
        for _ in range(SLOW):
            one = connect(server.address, buffer=4096)
            one.sendall(request(long, close=True))
            slow.append(one)
        time.sleep(5)  # Until all are answered, as far as their sockets take it.
        p99, held = usual(), server.memory()
        answers = [None] * SLOW

        def take(nth):
            answers[nth] = whole(slow[nth], size=1 << 14, pause=0.01)

        takers = [threading.Thread(target=take, args=(nth,)) for nth in range(SLOW)]
        for one in takers:
            one.start()
        for one in takers:
            one.join()
        cut = [one for one in answers if not one.endswith(b"]}")]
        assert not cut and len({len(one) for one in answers}) == 1, f"{len(cut)} were cut off"
        for one in slow:
            one.close()
        note(f"{SLOW} slow readers", p99_ms=p99, kb_each=(held - memory) * 1024 / SLOW,
             octets_each=len(answers[0]))

        begin = time.monotonic()
        long = rows(MANY_ROWS)
        stalled = [connect(server.address, buffer=4096) for _ in range(STALLED)]
        for one in stalled:
            one.sendall(request(long, close=True))
        p99 = usual()
        server.settled(start, seconds=120)
        note(f"{STALLED} that take nothing", p99_ms=p99, seconds=time.monotonic() - begin)
        for one in stalled:
            one.close()

        def churn(count):
            one = request(FAST_BODY, close=True)
            for nth in range(count):
                made = connect(server.address)
                if nth % 4 == 3:
                    # Gone in the middle of a request.
                    made.sendall(one[:len(one) // 2 if nth % 8 == 3 else -1])
                else:
                    made.sendall(one)
                    assert whole(made).startswith(b"HTTP/1.1 200"), "answered"
                made.close()

        begin = time.monotonic()
        workers = [threading.Thread(target=churn, args=(CHURN // 4,)) for _ in range(4)]
        for one in workers:
            one.start()
        p99 = usual()
        for one in workers:
            one.join()
        note(f"{CHURN} that come and go", p99_ms=p99,
             a_second=CHURN / (time.monotonic() - begin))
    return report
