"""What province, axis and portal hold, read back over their public interfaces and laid side by side.

Three streams sorted by code, read a piece at a time: the whole half year needs no more memory than a page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, Final

import httpx
import orjson

from contracts.portal import parse_portal_time
from deploy.demo.accounting import Account, Held, Row
from deploy.local.client import Axis
from deploy.local.errors import RunnerError

LANES_A_PAGE: Final = 500
_END: Final = "\U0010ffff"


async def add_up(axis: Axis, account: Account, since: datetime) -> None:
    """Count every dossier that began at `since` or later into the account, and every one that only the axis or
    the portal knows. Raises RunnerError if a side cannot be read."""
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(axis.client(name)) for name in ("dossier", "sync", "portal")]
        sides = [_province(clients[0]), _axis(clients[1]), _portal(clients[2])]
        for side in sides:
            stack.push_async_callback(side.aclose)  # type: ignore[attr-defined]
        try:
            async for code, (province, lane, portal) in _joined(sides):
                if province is None or province[0] >= since:
                    account.add(Held(code, province[1] if province else (), lane, portal))
        except httpx.HTTPError as error:
            raise RunnerError(
                f"What the services hold could not be read back ({type(error).__name__}). "
                "`truc status` says what is not ready."
            ) from error


async def _joined(sides: list[AsyncIterator[tuple[str, Any]]]) -> AsyncIterator[tuple[str, list[Any]]]:
    """Every code that any side knows, in order, with what each side has of it (None: nothing)."""
    heads = [await _next(side, "") for side in sides]
    while (code := min(head[0] for head in heads)) != _END:
        yield code, [head[1] if head[0] == code else None for head in heads]
        for place, head in enumerate(heads):
            if head[0] == code:
                heads[place] = await _next(sides[place], code)


async def _next(side: AsyncIterator[tuple[str, Any]], after: str) -> tuple[str, Any]:
    try:
        head = await anext(side)
    except StopAsyncIteration:
        return _END, None
    if head[0] <= after:
        raise RunnerError(f"A list of dossiers is not sorted by code: {head[0]} comes after {after}.")
    return head


async def _province(http: httpx.AsyncClient) -> AsyncIterator[tuple[str, tuple[datetime, list[Row]]]]:
    """When it began, and status and second of every step in order of its version."""
    async for line in _lines(http, "/v1/export"):
        steps = [(int(version), int(status), datetime.fromisoformat(at)) for version, status, at in line["steps"]]
        if [version for version, _, _ in steps] != list(range(1, len(steps) + 1)):
            raise RunnerError(f"The steps of dossier {line['code']} are not numbered from 1 without a gap.")
        yield line["code"], (steps[0][2], [(status, int(at.timestamp())) for _, status, at in steps])


async def _axis(http: httpx.AsyncClient) -> AsyncIterator[tuple[str, tuple[int, int]]]:
    """The newest version sync has heard of, and the newest one the portal has acknowledged to it."""
    cursor: str | None = None
    while True:
        parameters = {"limit": str(LANES_A_PAGE)} | ({"cursor": cursor} if cursor is not None else {})
        answer = await http.get("/v1/lanes", params=parameters)
        answer.raise_for_status()
        page = answer.json()
        for lane in page["items"]:
            yield lane["code"], (lane["newest_version"], lane["acknowledged_version"])
        cursor = page["next_cursor"]
        if cursor is None:
            return


async def _portal(http: httpx.AsyncClient) -> AsyncIterator[tuple[str, tuple[int, list[Row]]]]:
    """Its status, and status and second of every row in order of arrival."""
    async for line in _lines(http, "/v1/export"):
        rows = sorted(line["steps"], key=lambda row: int(row[2]))
        steps = [(int(status), int(parse_portal_time(at).timestamp())) for at, status, _ in rows]
        yield line["code"], (int(line["status"]), steps)


async def _lines(http: httpx.AsyncClient, path: str) -> AsyncIterator[dict[str, Any]]:
    async with http.stream("GET", path, timeout=httpx.Timeout(120.0)) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if line:
                yield orjson.loads(line)
