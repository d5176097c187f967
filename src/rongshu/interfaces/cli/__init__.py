"""The command line. Each command parses, makes one call, and prints; `--json` where a program may read it.

Exit codes: 0 done, 1 done and something is not as it should be (differences, refused rows), 2 not done.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of `rongshu`."""
    from rongshu.interfaces.cli.application import application
    from rongshu.kernel.environment import WrongEnvironment

    try:
        application(prog_name="rongshu")
    except WrongEnvironment as error:
        sys.stderr.write(f"The environment needs mending:\n{error}\n")
        raise SystemExit(2) from error
