"""The peer of the intake benchmark: the same endpoint, the same rows, written the usual way, with one async
session and one commit per request. It is what the group commit is compared with, not part of the product."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic_core import to_json
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from contracts.catalogue.procedures import procedure
from contracts.catalogue.search import fold
from contracts.events.dossier import StatusChanged
from contracts.identifiers import format_dossier_code
from contracts.status import Channel, DossierStatus
from contracts.times import vn_date
from services.bus.kit.ids import new_id
from services.bus.kit.tables import Answer, KitBase, Outbox
from services.dossier import schemas
from services.dossier.commands.intake import check_new
from services.dossier.commands.steps import agency_name, start_the_clock
from services.dossier.models import Base, Dossier, Sequence, Step
from services.dossier.views import accepted, snapshot


def build(url: str) -> FastAPI:
    """The app over `url` (an async driver)."""
    engine = create_async_engine(url, pool_size=10, max_overflow=0, pool_timeout=120)
    if url.startswith("sqlite"):
        event.listen(engine.sync_engine, "connect", _durable_sqlite)
        event.listen(engine.sync_engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(KitBase.metadata.create_all)
            await connection.run_sync(Base.metadata.create_all)
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan, telemetry={"tracing": False, "metrics": False, "logs": False})

    @app.post("/v1/dossiers", status_code=201)
    async def take_in(request: Request, new: schemas.NewDossier) -> Response:
        check_new(new)
        body = await request.body()
        for attempt in range(20):
            try:
                async with sessions() as session, session.begin():
                    return await _take_in(session, request, new, body)
            except IntegrityError:
                if attempt == 19:
                    raise
                await asyncio.sleep(0)
        raise AssertionError

    return app


async def _take_in(session: AsyncSession, request: Request, new: schemas.NewDossier, body: bytes) -> Response:
    now = datetime.now(UTC)
    key = hashlib.sha256(request.headers["idempotency-key"].encode()).digest()
    stored = await session.get(Answer, key)
    if stored is not None:
        return Response(stored.body, stored.status)
    day = vn_date(now)
    sequence_id = f"{new.receiving_agency}-{day:%y%m%d}"
    row = await session.scalar(select(Sequence).where(Sequence.id == sequence_id).with_for_update())
    if row is None:
        row = Sequence(id=sequence_id, last=0)
        session.add(row)
    row.last += 1
    who = new.applicant
    dossier = Dossier(
        code=format_dossier_code(new.receiving_agency, day, row.last), version=1,
        status=DossierStatus.RECEIVED.value if new.channel is not Channel.ONLINE else 1,
        procedure_code=new.procedure_code, receiving_agency=new.receiving_agency, channel=new.channel.value,
        personal_id=who.personal_id, full_name=who.full_name, folded_name=fold(who.full_name),
        date_of_birth=who.date_of_birth, phone=who.phone, email=who.email, kind=who.kind, summary=new.summary,
        form=new.form, created_by="bench", created_at=now, verification="pending", verification_attempts=0,
        fees=[], supplements=[], attachments=[], results=[],
    )  # fmt: skip
    start_the_clock(dossier, now)
    session.add(dossier)
    department = agency_name(dossier.receiving_agency)
    session.add(
        Step(
            code=dossier.code, version=1, status=dossier.status, at=now, officer="bench", department=department,
            note="", due_at=dossier.due_at, sync_state="pending", attempts=0,
        )
    )  # fmt: skip
    data = StatusChanged.model_construct(
        code=dossier.code, status=DossierStatus(dossier.status), at=now, officer="bench",
        department=department, note="", dossier=snapshot(dossier),
    )  # fmt: skip
    event_id = new_id()
    envelope = {
        "id": event_id,
        "type": data.cloudevents_type(),
        "time": now,
        "key": dossier.code,
        "version": 1,
        "data": data,
    }
    session.add(Outbox(id=event_id, subject=data.axis_subject(), payload=to_json(envelope)))
    answer = to_json(accepted(dossier))
    fingerprint = hashlib.sha256(body).digest()
    session.add(Answer(id=key, fingerprint=fingerprint, status=201, headers={}, body=answer, created_at=now))
    assert procedure(new.procedure_code)
    return Response(answer, 201, media_type="application/json")


def _durable_sqlite(connection: object, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("busy_timeout=60000", "journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


if __name__ == "__main__":
    uvicorn.run(
        build(os.environ["TRUC_PEER_DATABASE_URL"]),
        port=int(os.environ["TRUC_PEER_PORT"]),
        loop="uvloop", http="httptools", access_log=False, log_level="error",
    )  # fmt: skip
