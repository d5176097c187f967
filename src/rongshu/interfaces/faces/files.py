"""Files that a page hands out: attached, and kept in no cache."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, cast

from django.http import HttpResponse, StreamingHttpResponse

CSV = "text/csv; charset=utf-8"


def attached(content: bytes, name: str, kind: str = CSV) -> HttpResponse:
    """A download under a name of ours."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store, private"
    return response


def streamed(rows: Iterable[Iterable[Any]], name: str) -> HttpResponse:
    """A CSV of any size, sent while it is made; `rows` opens a transaction of its own for each portion it reads."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\r\n")

    def lines() -> Iterator[bytes]:
        yield b"\xef\xbb\xbf"
        for row in rows:
            writer.writerow(row)
            yield line.getvalue().encode()
            line.seek(0)
            line.truncate()

    response = StreamingHttpResponse(lines(), content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store, private"
    return cast("HttpResponse", response)  # to whoever serves it; nobody asks for its content


def table(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows as CSV in UTF-8 with a byte-order mark, as spreadsheets take it. Texts from outside go through `plain`."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe says it is text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
