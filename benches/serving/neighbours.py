"""A slow model beside a fast one: two servers, each with a core and with load of its own.

The fast one is measured alone and beside the busy slow one, in turns.
"""

import os
import statistics
import tempfile

from server import FAST, FAST_BODY, Health, Load, Server, body_file

# Requests a second for the fast model: a load, not a race.
RATE = 2000


def measure(options):
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("two cores are needed")
    slow_core, fast_core = cores[:2]
    rounds = {"alone": [], "beside": []}
    with tempfile.TemporaryDirectory() as folder, \
            Server(options.flowgate, options.model, core=slow_core) as slow, \
            Server(options.flowgate, FAST, core=fast_core) as fast:
        body = body_file(folder, FAST_BODY)
        seconds = max(3, options.seconds // 6)
        for _ in range(options.rounds):
            for kind in ("alone", "beside"):
                busy = kind == "beside" and Load(
                    options.flowgate, slow, options.body, "--rate", 1000, "--connections", 8,
                    "--warm-up", "1s", "--duration", f"{seconds + 3}s", core=slow_core)
                health = Health(fast.address)
                found = Load(options.flowgate, fast, body, "--rate", RATE,
                             "--duration", f"{seconds}s", core=fast_core).rate()
                rounds[kind].append({
                    "health_p99_ms": health.p99_ms(),
                    "fast_p99_ms": found["latency_ms"]["p99"],
                    "fast_p50_ms": found["latency_ms"]["p50"],
                    "slow": busy and busy.rate()["statuses"],
                })
    report = {"rounds": rounds}
    print(f"neighbours: {options.rounds} rounds of {seconds} s, medians")
    for key in ("health_p99_ms", "fast_p99_ms", "fast_p50_ms"):
        alone, beside = (
            statistics.median(one[key] for one in rounds[kind]) for kind in ("alone", "beside")
        )
        report[key] = {"alone": alone, "beside": beside, "ratio": beside / alone}
        print(f"  {key}: alone {alone:.3f}, beside {beside:.3f}, ratio {beside / alone:.2f}")
    return report
