"""What happens under more load than can be answered, and beside all kinds of it.

    proof.py FLOWGATE MODEL BODY [--only overload,neighbours,connections] [--json FILE]

MODEL is one whose runs take milliseconds, so that the load comes from it and not from who makes
it; BODY is a file with the body of a request to it. Standard library only; the load comes from
`flowgate bench`.
"""

import argparse
import json
from pathlib import Path

import connections
import neighbours
import overload

PROOFS = {"overload": overload, "neighbours": neighbours, "connections": connections}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("flowgate")
    parser.add_argument("model")
    parser.add_argument("body")
    parser.add_argument("--only", default=",".join(PROOFS), help="which, with commas between them")
    parser.add_argument("--seconds", type=int, default=60, help="of each load")
    parser.add_argument("--rounds", type=int, default=3, help="of what is compared in turns")
    parser.add_argument("--deadline", type=float, default=1.0, help="of a request, in seconds")
    parser.add_argument("--json", help="a file for all that was measured")
    options = parser.parse_args()
    for name in ("flowgate", "body"):
        setattr(options, name, str(Path(getattr(options, name)).resolve()))
    report = {name: PROOFS[name].measure(options) for name in options.only.split(",")}
    if options.json:
        Path(options.json).write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
