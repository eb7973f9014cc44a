"""The floor of the lookups: one row by its key over HTTP, in the barest code, on the same full database.

For a registry that writes every look down before it answers, the floor commits one row before it reads: that is
the law's price, not ours. Not part of the product.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import psycopg
import uvicorn

from services.bus.kit.ids import new_id

Ask = Callable[[str], dict[str, Any]]

_LOG = "CREATE TABLE IF NOT EXISTS bare_lookups (id TEXT PRIMARY KEY, asked TEXT)"


def sqlite_ask(path: str, table: str, key: str, log: str | None) -> Ask:
    """`log`: the file where each look is written down, flushed to the disk."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    wanted = f'SELECT * FROM "{table}" WHERE "{key}" = ?'
    written = None
    if log is not None:
        written = sqlite3.connect(log, isolation_level=None)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", _LOG):
            written.execute(statement)

    def ask(value: str) -> dict[str, Any]:
        if written is not None:
            written.execute("INSERT INTO bare_lookups VALUES (?, ?)", (new_id(), value))
        return dict(database.execute(wanted, (value,)).fetchone())

    return ask


def postgres_ask(url: str, table: str, key: str, log: str | None) -> Ask:
    """`log`: anything but None, to write each look down."""
    database = psycopg.connect(url, autocommit=True, row_factory=psycopg.rows.dict_row)
    if log is not None:
        database.execute(_LOG)

    def ask(value: str) -> dict[str, Any]:
        if log is not None:
            database.execute("INSERT INTO bare_lookups VALUES (%s, %s)", (new_id(), value))
        found = database.execute(f'SELECT * FROM "{table}" WHERE "{key}" = %s', (value,)).fetchone()
        assert found is not None
        return found

    return ask


def bare_app(ask: Ask) -> Any:
    """An ASGI app that answers `GET /<key>` with the row."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        value = unquote(scope["path"][1:])
        body = json.dumps(ask(value), default=str).encode() if value else b"{}"
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def main() -> None:
    """Serve until told to stop; TRUC_BARE_* say what from."""
    url, table, key = (os.environ[f"TRUC_BARE_{name}"] for name in ("DATABASE_URL", "TABLE", "KEY"))
    log = os.environ.get("TRUC_BARE_LOG")
    ask = (
        sqlite_ask(url.removeprefix("sqlite:///"), table, key, log)
        if url.startswith("sqlite")
        else postgres_ask(url, table, key, log)
    )
    uvicorn.run(
        bare_app(ask),
        port=int(os.environ["TRUC_BARE_PORT"]),
        loop="uvloop", http="httptools", access_log=False, log_level="error", lifespan="off",
        timeout_keep_alive=75,
    )  # fmt: skip


if __name__ == "__main__":
    main()
