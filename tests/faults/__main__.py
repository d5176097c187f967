"""`python -m tests.faults --kills 100 --orders 20000 --seed 1`: the long form. One line of JSON; exit 1 when anything is wrong."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.kills import KINDS, Run, failed, output_into, run


def main() -> int:
    """Parses, runs, prints."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="kill -9 while a shop delivers")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--cap", help="a promoter's cap of the month, as 40.00; only sums and invariants are checked then"
    )
    parser.add_argument("--kinds", help=f"comma-separated, of {', '.join(dict.fromkeys(KINDS))}")
    parser.add_argument(
        "--forgetful", action="store_true", help="negative control: a worker that takes, commits, then works"
    )
    parser.add_argument("--log", type=Path, help="where the processes' output goes")
    asked = parser.parse_args()
    kinds = tuple(asked.kinds.split(",")) if asked.kinds else KINDS
    if set(kinds) - set(KINDS):
        parser.error(f"no such kind: {', '.join(set(kinds) - set(KINDS))}")
    what = Run(asked.kills, asked.orders, asked.seed, asked.workers, asked.cap, asked.forgetful, kinds)
    log = asked.log or Path(tempfile.mkdtemp(prefix="rongshu-faults-log-")) / "log"
    started = time.monotonic()
    with output_into(log) as screen:

        def say(text: str) -> None:
            screen.write(f"{time.monotonic() - started:6.1f} s  {text}\n")
            screen.flush()

        say(f"output of the processes: {log}")
        figures = run(what, say)
        screen.write(json.dumps(figures) + "\n")
    return 1 if failed(figures) else 0


if __name__ == "__main__":
    sys.exit(main())
