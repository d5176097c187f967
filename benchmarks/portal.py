"""Run `python benchmarks/portal.py [members]`: the measurement of `rongshu bench portal`."""

import json
import sys

from rongshu.interfaces.cli.bench.portal import run

if __name__ == "__main__":
    print(json.dumps(run(members=int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)))
