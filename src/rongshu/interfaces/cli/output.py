"""How commands print: tables for people, JSON for programs, messages on stderr."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import orjson
from rich.console import Console

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def as_json(document: Any) -> None:
    """Prints a document for a program."""
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")


def fail(message: str, code: int = 2) -> NoReturn:
    """Ends the command with a message on stderr."""
    err.print(message, style="red", markup=False)
    raise SystemExit(code)
