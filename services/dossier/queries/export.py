"""Everything the province holds, as a stream sorted by code: what a reconciliation compares against."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from itertools import groupby

import orjson
from sqlalchemy import select, tuple_

from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from services.dossier.models import Step

PAGE = 5_000


async def export(store: Store, since: str = "", below: str | None = None) -> AsyncIterator[bytes]:
    """NDJSON, a line a dossier: `{"code": ..., "steps": [[version, status, at], ...]}`, with flat memory. Those of
    [since, below) only, if that is given."""
    after: tuple[str, int] = (since, 0)
    open_code: str | None = None
    open_steps: list[list[object]] = []
    while True:
        rows = await store.read(_page(after, below))
        if not rows:
            break
        after = (rows[-1][0], rows[-1][1])
        lines = bytearray()
        for code, steps in groupby(rows, key=lambda row: row[0]):
            if code != open_code:
                if open_code is not None:
                    lines += _line(open_code, open_steps)
                open_code, open_steps = code, []
            open_steps.extend([version, status, at.isoformat()] for _, version, status, at in steps)
        yield bytes(lines)
    if open_code is not None:
        yield _line(open_code, open_steps)


def _line(code: str, steps: list[list[object]]) -> bytes:
    return orjson.dumps({"code": code, "steps": steps}) + b"\n"


Row = tuple[str, int, int, datetime]


def _page(after: tuple[str, int], below: str | None) -> Callable[[Tx], list[Row]]:
    def query(tx: Tx) -> list[Row]:
        statement = (
            select(Step.code, Step.version, Step.status, Step.at)
            .where(tuple_(Step.code, Step.version) > after)
            .order_by(Step.code, Step.version)
            .limit(PAGE)
        )
        if below is not None:
            statement = statement.where(Step.code < below)
        return [(code, version, status, at) for code, version, status, at in tx.execute(statement)]

    return query
