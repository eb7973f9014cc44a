"""What the tests play the province with: events of dossiers, and a sync worker that is fed by hand or by a
broker."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
from pydantic import SecretStr
from sqlalchemy import select

from contracts.envelope import Event
from contracts.events.dossier import Applicant, DossierSnapshot, StatusChanged
from contracts.status import Channel, DossierStatus
from gateway.sync.app import build
from gateway.sync.engine import EXTRA, Engine
from gateway.sync.settings import SyncSettings
from services.bus.kit.ids import new_id
from services.bus.kit.inbox import Arrival
from services.bus.kit.service import Service
from services.bus.kit.tables import Outbox
from services.bus.kit.testing import ISSUER, TestIssuer, running
from services.bus.kit.tx import Tx

NOON = datetime(2023, 3, 1, 5, 0, 0, 250_000, tzinfo=UTC)


def code_of(number: int) -> str:
    return f"000.00.00.H08-230301-{number:04d}"


def snapshot(**changes: Any) -> DossierSnapshot:
    values: dict[str, Any] = {
        "procedure_code": "1.001570",
        "procedure_name": "Thủ tục hiệp thương giá",
        "field": "Quản lý giá",
        "receiving_agency": "H08",
        "channel": Channel.DIRECT,
        "applicant": Applicant(personal_id="052090000123", full_name="Nguyễn Văn An"),
        "submitted_at": NOON,
        **changes,
    }
    return DossierSnapshot(**values)


def status_event(
    code: str,
    version: int,
    status: int,
    at: datetime | None = None,
    *,
    traceparent: str | None = None,
    **changes: Any,
) -> Event:
    """The event of one step; without a time, its steps are a minute apart."""
    at = at or NOON + timedelta(minutes=version)
    told = StatusChanged(
        code=code,
        status=DossierStatus(status),
        at=at,
        officer="Trần Thị Bình",
        department="Bộ phận một cửa",
        note=f"bước {version}",
        dossier=snapshot(**changes),
    )
    return Event.of(
        told,
        id=new_id(),
        source="/truc/dossier",
        key=code,
        version=version,
        time=at,
        traceparent=traceparent,
    )


def arrivals(*events: Event) -> list[Arrival]:
    now = datetime.now(UTC)
    return [Arrival(event, event.model_dump_json().encode(), now, now) for event in events]


def history(code: str, *statuses: int) -> list[Event]:
    """The events of a dossier that went through these statuses."""
    return [status_event(code, version, status) for version, status in enumerate(statuses, start=1)]


@dataclass
class Sync:
    """A running worker."""

    client: httpx.AsyncClient
    service: Service
    engine: Engine

    async def hear(self, *events: Event) -> None:
        """What the broker would bring: sent ahead where that is possible, then committed."""
        brought = arrivals(*events)
        self.engine.ahead(brought)
        await self.service.consumers[0].deliver(brought)

    async def commit(self, *events: Event) -> None:
        """What the broker would bring, committed with nothing of it sent ahead now."""
        await self.service.consumers[0].deliver(arrivals(*events))

    async def hear_answers(self, *events: Event) -> None:
        await self.service.consumers[1].deliver(arrivals(*events))

    async def drained(self, seconds: float = 20) -> None:
        """Wait until the portal holds everything that is not parked, and that is saved."""
        lanes = self.engine.lanes
        await eventually(
            lambda: not (lanes.ready or lanes.sending or lanes.pausing or self.engine.recorder.owed),
            seconds,
        )

    async def announced(self) -> list[tuple[str, str, int, dict[str, Any]]]:
        """(type, key, version, data) of every event left for the relay, oldest first."""

        def query(tx: Tx) -> Sequence[bytes]:
            return tx.scalars(select(Outbox.payload).order_by(Outbox.id)).all()

        events = [orjson.loads(payload) for payload in await self.service.store.read(query)]
        return [(each["type"], each["key"], each["version"], each["data"]) for each in events]


async def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.005)


def crash_image(folder: Path) -> str:
    """The database as kill -9 at this moment would leave it, under another name: `sync.db` to `after.db`."""
    with contextlib.closing(sqlite3.connect(folder / "sync.db")) as connection:
        connection.execute("VACUUM INTO ?", (str(folder / "after.db"),))
    return f"sqlite:///{folder / 'after.db'}"


def settings_for(
    portal_url: str, database_url: str, issuer: TestIssuer | None = None, **changes: Any
) -> SyncSettings:
    values: dict[str, Any] = {
        "portal_url": portal_url,
        "password": SecretStr("secret"),
        "database_url": database_url,
        "data_dir": Path("/nonexistent"),
        "nats_url": "nats://127.0.0.1:1",
        "hub_url": "http://127.0.0.1:1",
        "token_issuer": ISSUER,
        "jwks_file": None if issuer is None else issuer.jwks_file,
        "poll_interval_s": 0,
        "connect_timeout_s": 1.0,
        "read_timeout_s": 2.0,
        "retry_longest_s": 0.05,
        "probe_longest_s": 0.05,
        "log_level": "ERROR",
        **changes,
    }
    return SyncSettings(**values)


@contextlib.asynccontextmanager
async def syncing(settings: SyncSettings, token: str | None = None) -> AsyncIterator[Sync]:
    """A worker for the length of the block, without a broker unless the settings name one."""
    app = build(settings)
    async with running(app, token) as client:
        service: Service = app.state.service
        yield Sync(client, service, service.extra[EXTRA])
