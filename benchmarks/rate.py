"""Run `python benchmarks/rate.py [lines]`: the measurement of `rongshu bench rate`."""

import json
import sys

from rongshu.interfaces.cli.bench.rate import run

if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)))
