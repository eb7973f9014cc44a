"""The three sides by ranges: how much each holds of some, and all it holds of one.

The province and the portal are asked over HTTP, the axis is our own steps. A portal that cannot tell extents has
none here: then what it has acknowledged is as near to it as one comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Text, cast, exists, func
from sqlalchemy.orm import aliased

from contracts.extents import Extent, Extents, ExtentsWanted
from gateway.sync.models import Lane, Step
from gateway.sync.reconcile import streams
from gateway.sync.settings import SyncSettings
from services.bus.kit.extents import Listing, NewestOnSqlite, extents, line
from services.bus.kit.service import Service
from services.bus.kit.tx import Tx

VIETNAM_S: Final = 7 * 3600
BUDGET_S: Final = 30.0

_STATUSES: Final = Listing(
    Step.code,
    line(Step.code, Step.version, Step.status),
    (Step.code, Step.version),
    Step.committed_at,
    exists().where(Lane.code == Step.code),
)
_LATER: Final = aliased(Step)
_NEWEST: Final = Step.discarded_at.is_(None) & ~exists().where(
    _LATER.code == Step.code, _LATER.version > Step.version, _LATER.discarded_at.is_(None)
)


def _wire_time(dialect: str) -> Any:
    """A wire second as the portal writes it."""
    if dialect == "postgresql":
        moment = func.to_timestamp(Step.wire_second + VIETNAM_S).op("AT TIME ZONE")("UTC")
        return func.to_char(moment, "YYYYMMDDHH24MISS")
    return func.strftime("%Y%m%d%H%M%S", Step.wire_second + VIETNAM_S, "unixepoch")


def _wire(dialect: str) -> tuple[Listing, Listing]:
    rows = Listing(
        Step.code,
        line(Step.code, cast(_wire_time(dialect), Text), Step.status),
        (Step.code, Step.version),
        Step.wire_second,
        alone=False,
    )
    told = line(Step.code, "=", Step.status)
    if dialect == "postgresql":
        return rows, Listing(Step.code, told, (Step.code,), Step.wire_second, _NEWEST, heads=True)
    kept = Step.discarded_at.is_(None)
    return rows, NewestOnSqlite(Step.code, told, (Step.code,), Step.wire_second, kept)


_WIRE: Final = {dialect: _wire(dialect) for dialect in ("sqlite", "postgresql")}


def statuses(tx: Tx, wanted: ExtentsWanted) -> list[Extent]:
    """What the axis holds, as the province tells it."""
    return extents(tx, wanted, _STATUSES)


def wire(tx: Tx, wanted: ExtentsWanted) -> list[Extent]:
    """What the axis holds, as the portal tells it."""
    until = None if wanted.until is None else int(wanted.until.timestamp())
    return extents(tx, wanted, *_WIRE[tx.dialect], until=(until, until))


@dataclass(frozen=True, slots=True)
class Held:
    """The extents of some ranges on each side: province and axis by statuses, axis and portal by the wire.
    `portal` is None where the portal cannot tell."""

    province: list[Extent]
    axis: list[Extent]
    axis_wire: list[Extent]
    portal: list[Extent] | None

    def differing(self) -> list[int]:
        """Which ranges are not the same everywhere."""
        portal = self.axis_wire if self.portal is None else self.portal
        four = zip(self.province, self.axis, self.axis_wire, portal, strict=True)
        return [
            place
            for place, (province, axis, axis_wire, on_portal) in enumerate(four)
            if province.digest != axis.digest or axis_wire.digest != on_portal.digest
        ]


class Sides:
    """Whom to ask."""

    def __init__(self, service: Service, settings: SyncSettings) -> None:
        self._service = service
        self._settings = settings
        self._province = settings.dossier_url.rstrip("/")
        self._portal = settings.portal_url.rstrip("/") if settings.portal_export else None

    @property
    def asks_portal(self) -> bool:
        return self._portal is not None

    async def held(self, wanted: ExtentsWanted) -> Held:
        """The extents of all sides."""
        province, portal, axis, axis_wire = await asyncio.gather(
            self._extents(self._province, wanted),
            self._of_portal(wanted),
            self._service.store.read(lambda tx: statuses(tx, wanted)),
            self._service.store.read(lambda tx: wire(tx, wanted)),
        )
        return Held(province, axis, axis_wire, portal)

    async def _of_portal(self, wanted: ExtentsWanted) -> list[Extent] | None:
        return None if self._portal is None else await self._extents(self._portal, wanted)

    async def _extents(self, url: str, wanted: ExtentsWanted) -> list[Extent]:
        content = wanted.model_dump_json()
        headers = {"Content-Type": "application/json"}
        answer = await self._service.http.post(
            f"{url}/v1/extents", content=content, headers=headers, idempotent=True, budget=BUDGET_S
        )
        return Extents.model_validate_json(answer.content).extents

    async def rows(self, since: str, below: str | None) -> AsyncIterator[tuple[str, list[Any]]]:
        """Each dossier of [since, below) with what each side holds of it."""
        query = urlencode({"from": since} | ({} if below is None else {"below": below}))
        of_province = streams.province(self._service, f"{self._province}/v1/export?{query}")
        of_axis = streams.axis(self._service.store, since, below)
        if self._portal is not None:
            of_portal = streams.portal(self._service, f"{self._portal}/v1/export?{query}")
            async for each in streams.joined(of_province, of_axis, of_portal):
                yield each
            return
        async for code, sides in streams.joined(of_province, of_axis):
            yield code, [*sides, None]

    async def retold(self, code: str) -> bytes:
        """The dossier told again by the province."""
        answer = await self._service.http.get(f"{self._province}/v1/dossiers/{code}/retold", budget=BUDGET_S)
        return answer.content
