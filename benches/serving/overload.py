"""More requests than can be answered.

Finds the highest rate that is answered, then offers 1, 2 and 10 times as much. Beside it asks
`/health`, and reads what the server has counted.
"""

from server import Health, Load, Server


def measure(options):
    deadline, report = options.deadline, {}
    common = ["-H", f"X-Request-Timeout: {deadline}", "--connections", 512]
    with Server(options.flowgate, options.model) as server:
        load = Load(options.flowgate, server, options.body, *common,
                    "--p99", f"{deadline / 2}s", "--duration", "5s")
        capacity = report["capacity"] = load.found()["highest_rate"]
        print(f"overload: answers {capacity:.1f} requests a second")
        for times in (1, 2, 10):
            before, memory = server.counters(), server.memory()
            health = Health(server.address)
            found = Load(options.flowgate, server, options.body, *common,
                         "--rate", f"{capacity * times:.2f}",
                         "--duration", f"{options.seconds}s").rate()
            report[times] = {
                "health_p99_ms": health.p99_ms(),
                "memory_mb": [memory, server.memory()],
                "bench": found,
                "counters": {
                    f"{name}{{{labels}}}": value - before.get((name, labels), 0)
                    for (name, labels), value in server.counters().items()
                    if value != before.get((name, labels), 0)
                },
            }
            ok = found["statuses"].get("200", 0)
            print(f"  {times:2} x: answered {ok}, 200 p99 {found['latency_ms']['p99']:.0f} ms, "
                  f"{ {k: v for k, v in found['statuses'].items() if k != '200'} }, "
                  f"refused p99 {found['refused_p99_ms']} ms, "
                  f"/health p99 {report[times]['health_p99_ms']:.1f} ms, "
                  f"memory {report[times]['memory_mb'][0]:.0f} to "
                  f"{report[times]['memory_mb'][1]:.0f} MB")
    return report
