"""Systems held back: the broker keeps what they are asked until they are let go; and time that goes by."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import nats

from bench.mesh import Mesh
from contracts.tasks import System
from deploy.local.nats import inbox_prefix
from deploy.local.topology import BROKER, OPERATOR, PROCESSES
from services.bus.kit.bus import STREAM
from services.bus.kit.columns import to_micros

AT_MOST: Final = timedelta(hours=1)
"""How long a system that is held is held, should nobody let it go."""


def _desks() -> dict[System, tuple[str, str]]:
    found = {}
    for process in PROCESSES:
        for consumer in process.consumers:
            for system in System:
                if consumer.subjects == (f"axis.task.{system.value}.>",):
                    found[system] = process.name, consumer.name
    return found


DESKS: Final = _desks()
"""Who answers for a system: the process, and the consumer by which it hears of tasks."""


def process_of(system: System) -> str:
    return DESKS[system][0]


def hold(mesh: Mesh, systems: Iterable[System]) -> None:
    """From now on these systems hear of no task; everything else of theirs goes on."""
    asyncio.run(_pause(mesh, systems, datetime.now(UTC) + AT_MOST))


def let_go(mesh: Mesh, systems: Iterable[System]) -> None:
    """These systems hear of tasks (again), in the order they were asked."""
    asyncio.run(_pause(mesh, systems, None))


async def _pause(mesh: Mesh, systems: Iterable[System], until: datetime | None) -> None:
    client = await nats.connect(
        mesh.url(BROKER),
        nkeys_seed=str(mesh.layout.seed(OPERATOR)),
        inbox_prefix=inbox_prefix(OPERATOR),
        connect_timeout=10,
    )
    try:
        wanted = {"pause_until": until.isoformat()} if until is not None else {}
        for system in systems:
            subject = f"$JS.API.CONSUMER.PAUSE.{STREAM}.{DESKS[system][1]}"
            answer = json.loads((await client.request(subject, json.dumps(wanted).encode(), timeout=10)).data)
            assert answer.get("paused", False) == (until is not None), answer
    finally:
        await client.close()


def time_goes_by(mesh: Mesh, codes: Iterable[str]) -> None:
    """The limit of everything these dossiers wait for passed an hour ago. The shortest limit there is is a day's
    work, so the day is moved where it is kept."""
    past = to_micros(datetime.now(UTC) - timedelta(hours=1))
    database = sqlite3.connect(mesh.layout.service("dossier") / "dossier.db", timeout=30, isolation_level=None)
    try:
        for code in codes:
            database.execute(
                "UPDATE tasks SET due_at = ? WHERE code = ? AND state IN ('requested', 'in_progress') "
                "AND overdue_at IS NULL",
                (past, code),
            )
    finally:
        database.close()
