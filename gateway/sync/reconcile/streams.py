"""The three sides of a reconciliation as streams sorted by code, read a piece at a time.

The province and the portal list themselves as NDJSON; the axis is our own steps. A portal that cannot list
itself is asked dossier by dossier. A stream that is not sorted ends the job: a comparison would be worthless.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from itertools import groupby
from typing import Any, Final, TypeVar

import httpx
import orjson
from sqlalchemy import select, tuple_

from contracts.portal import Verb, parse_portal_time
from gateway.sync.client import PortalClient
from gateway.sync.models import PARKED, Lane, Step
from gateway.sync.outcomes import Delivered, Retry, Unknown
from gateway.sync.reconcile.compare import AxisDossier, PortalDossier, ProvinceDossier
from services.bus.kit.service import Service
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx

T = TypeVar("T")

PAGE: Final = 5_000
BREATHE_EVERY: Final = 200
"""Dossiers between two chances for the worker to go on: a reconciliation must not slow statuses down."""
TIMEOUT: Final = httpx.Timeout(30.0)


class ReconciliationError(Exception):
    """One of the sides could not be read."""


async def province(service: Service, url: str) -> AsyncIterator[tuple[str, ProvinceDossier]]:
    """GET {dossier}/v1/export: {code, steps: [[version, status, at], ...]}."""
    async for line in _lines(service, url):
        steps = {
            int(version): (int(datetime.fromisoformat(at).timestamp()), int(status))
            for version, status, at in line["steps"]
        }
        yield line["code"], ProvinceDossier(steps)


async def portal(service: Service, url: str) -> AsyncIterator[tuple[str, PortalDossier]]:
    """GET {portal}/v1/export: {code, status, steps: [[ThoiDiemXuLy, TrangThai, arrival], ...]}."""
    async for line in _lines(service, url):
        rows = sorted(line["steps"], key=lambda row: int(row[2]))
        yield (
            line["code"],
            PortalDossier(
                int(line["status"]),
                tuple((int(parse_portal_time(at).timestamp()), int(status)) for at, status, _ in rows),
            ),
        )


async def axis(store: Store, since: str = "", below: str | None = None) -> AsyncIterator[tuple[str, AxisDossier]]:
    """What sync itself holds, of [since, below) if that is given."""
    after: tuple[str, int] = (since, 0)
    left: list[Any] = []
    while True:
        page = await store.read(lambda tx, after=after: _steps_after(tx, after, below))  # type: ignore[misc]
        complete = len(page) < PAGE
        rows = [*left, *page]
        groups = [(code, list(steps)) for code, steps in groupby(rows, key=lambda row: row.code)]
        left = [] if complete or not groups else groups.pop()[1]  # the last one may go on in the next page
        for code, steps in groups:
            yield code, _axis_dossier(steps)
        if complete:
            return
        after = (page[-1].code, page[-1].version)


def _steps_after(tx: Tx, after: tuple[str, int], below: str | None) -> Sequence[Any]:
    statement = (
        select(
            Step.code,
            Step.version,
            Step.status,
            Step.wire_second,
            Step.discarded_at,
            Step.acknowledged_at,
            Lane.state,
        )
        .join(Lane, Lane.code == Step.code)
        .where(tuple_(Step.code, Step.version) > after)
        .order_by(Step.code, Step.version)
        .limit(PAGE)
    )
    if below is not None:
        statement = statement.where(Step.code < below)
    return tx.execute(statement).all()


def _axis_dossier(steps: Sequence[Any]) -> AxisDossier:
    return AxisDossier(
        {step.version: (step.wire_second, step.status) for step in steps},
        frozenset(step.version for step in steps if step.discarded_at is not None),
        parked=steps[0].state == PARKED,
        acknowledged=frozenset(step.version for step in steps if step.acknowledged_at is not None),
    )


async def looked_up(client: PortalClient, code: str, per_second: float) -> PortalDossier | None:
    """TraCuuHoSo, for a portal that does not list what it holds: the dossier and perhaps its status."""
    while True:
        await asyncio.sleep(1 / per_second)
        outcome = await client.call(Verb.LOOKUP_DOSSIER, {"mahoso": code})
        if isinstance(outcome, Retry):
            continue
        if isinstance(outcome, Unknown):
            return None
        if not isinstance(outcome, Delivered):
            raise ReconciliationError(f"the portal refuses TraCuuHoSo: {outcome.reason}")
        found = outcome.result if isinstance(outcome.result, list) else []
        if not found:
            return None
        status = str(found[0].get("TrangThaiHoSo", "")) if isinstance(found[0], dict) else ""
        return PortalDossier(int(status) if status.isdigit() else None, None)


async def _lines(service: Service, url: str) -> AsyncIterator[Any]:
    """The JSON documents of an NDJSON answer, as they come in."""
    headers = {"Accept": "application/x-ndjson"}
    if service.settings.client_id:
        headers["Authorization"] = f"Bearer {await service.tokens.token()}"
    try:
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(httpx.AsyncClient(timeout=TIMEOUT, trust_env=False))
            response = await stack.enter_async_context(client.stream("GET", url, headers=headers))
            if response.status_code != 200:
                raise ReconciliationError(f"{url} answered {response.status_code}")
            rest = b""
            async for chunk in response.aiter_bytes():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    if line:
                        yield orjson.loads(line)
            if rest.strip():
                yield orjson.loads(rest)
    except httpx.HTTPError as error:
        raise ReconciliationError(f"{url}: {type(error).__name__}") from error
    except orjson.JSONDecodeError as error:
        raise ReconciliationError(f"{url}: a line is no JSON") from error


async def joined(*streams: AsyncIterator[tuple[str, Any]]) -> AsyncIterator[tuple[str, list[Any]]]:
    """Streams sorted by code, side by side: each code once, with what each stream has of it, or None."""
    heads = [await anext(stream, None) for stream in streams]
    count = 0
    while any(head is not None for head in heads):
        code = min(head[0] for head in heads if head is not None)
        row: list[Any] = []
        for place, head in enumerate(heads):
            if head is None or head[0] != code:
                row.append(None)
                continue
            row.append(head[1])
            following = await anext(streams[place], None)
            if following is not None and following[0] <= code:
                raise ReconciliationError(f"a list is not sorted by code: {following[0]} after {code}")
            heads[place] = following
        yield code, row
        count += 1
        if count % BREATHE_EVERY == 0:
            await asyncio.sleep(0)
