"""The limit of whatever writes rows: the very same rows, by COPY into the same tables with the same indexes, triggers off."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping


def copied_again(selections: Mapping[str, str]) -> tuple[int, float]:
    """Writes the rows of each table (the rest of a SELECT after its name) again for tenant 1; how many, and the seconds it took."""
    import psycopg

    with psycopg.connect(os.environ["RONGSHU_OWNER_URL"]) as connection:
        connection.execute("SET session_replication_role = replica")
        texts: dict[str, tuple[str, bytes]] = {}
        rows = 0
        for table, selection in selections.items():
            listed = connection.execute(
                "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns "
                "WHERE table_name = %s AND column_name <> 'tenant_id'",
                [table],
            ).fetchone()
            columns = str(listed[0]) if listed else ""
            cursor = connection.cursor()
            with cursor.copy(f"COPY (SELECT 1, {columns} FROM {table} {selection}) TO STDOUT") as copy:
                texts[table] = (f"tenant_id, {columns}", b"".join(bytes(part) for part in copy))
            rows += cursor.rowcount
        started = time.perf_counter()
        for table, (columns, text) in texts.items():
            with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                copy.write(text)
        connection.commit()
        return rows, time.perf_counter() - started
