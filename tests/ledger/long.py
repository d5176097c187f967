"""The long form: python -m tests.ledger.long [seeds] [steps] [first seed] — lives of a ledger, and a tenth as many of a tenant."""

from __future__ import annotations

import sys
import time


def main() -> None:
    from rongshu.kernel.boot import boot, migrate

    server = boot()
    migrate()
    from tests.ledger.flow import run_flow
    from tests.ledger.trial import run_ledger

    seeds, steps, first = [*map(int, sys.argv[1:]), *(10_000, 40, 0)[len(sys.argv) - 1 :]]
    found = 0
    for name, run, count in (("ledger", run_ledger, seeds), ("tenant", run_flow, seeds // 10)):
        started, done = time.perf_counter(), 0
        for seed in range(first, first + count):
            try:
                done += run(seed, steps)
            except Exception as error:
                found += 1
                print(f"{name} seed {seed}: {type(error).__name__}: {str(error)[:500]}", flush=True)
        print(f"{name}: {count} lives, {done} steps, {time.perf_counter() - started:.0f} s", flush=True)
    print(f"{found} differences")
    if server is not None:
        server.stop()
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
