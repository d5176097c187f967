"""Run `python benchmarks/forest.py [members]`: the measurement of `rongshu bench forest`."""

import json
import sys

from rongshu.interfaces.cli.bench.forest import run

if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)))
