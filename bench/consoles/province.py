"""Fills the hub's database with a province: the facts and checks of its dossiers, a week of hop records, roll-ups.

The hub has run before: its tables are there, and the links and series that one dossier left behind on its way.
The rest is put together by the database itself from a few small tables of our own, so that ten million rows take
a minute or two, on SQLite and on PostgreSQL alike.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from types import SimpleNamespace
from typing import Any, Final, cast

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    func,
    insert,
    literal,
    select,
    text,
    update,
)

from bench.filling import code_of
from contracts.status import DossierStatus
from contracts.times import vn_date
from services.bus.hub.indicators.book import province
from services.bus.hub.indicators.checks import flags_of
from services.bus.hub.indicators.counts import recount
from services.bus.hub.indicators.facts import NOTHING, conclude
from services.bus.hub.indicators.models import CheckFacts, DossierFacts
from services.bus.hub.ledger.histogram import Histogram, packed
from services.bus.hub.ledger.models import (
    HOUR,
    MINUTE,
    PARTS_ROLLED_UP,
    RECORDS_KEPT_S,
    ROLLED_UP,
    ROLLUPS,
    SECOND,
    SPAN_S,
    Link,
    ReadUpTo,
    Record,
    Series,
)
from services.bus.hub.ledger.names import AGENCY, HOPS, PROCEDURE, TALLIES, TOTAL
from services.bus.kit.engines import normalised
from services.bus.kit.store import Store

SEED: Final = 766
A_DAY: Final = 600
UNFINISHED_DAYS: Final = 40
"""Of the last weeks some are still in work, and some of those late."""
CHUNK: Final = 10_000
SHAPES: Final = 64
"""Histograms that differ; each series has them in turn."""
KEPT_DAYS: Final = {SECOND: 1 / 24, MINUTE: 7.9, HOUR: 31}
KEPT_PARTS_DAYS: Final = {MINUTE: 25 / 24, HOUR: 31}
"""Hours further back than service levels look are on no page."""
FIRST_DAYS: Final = timedelta(seconds=RECORDS_KEPT_S) - timedelta(hours=2)

_OURS: Final = MetaData()
_DOSSIERS = Table(
    "bench_dossiers", _OURS,
    Column("number", BigInteger, primary_key=True), Column("code", String(60)),
    Column("agency", String(60)), Column("procedure", String(60)),
    prefixes=["TEMPORARY"],
)  # fmt: skip
_PASSAGES = Table(
    "bench_passages", _OURS,
    Column("place", BigInteger, primary_key=True), Column("link_id", Integer), Column("version", Integer),
    prefixes=["TEMPORARY"],
)  # fmt: skip
_TIMES = Table("bench_times", _OURS, Column("at", BigInteger, primary_key=True), prefixes=["TEMPORARY"])
_SHAPES = Table(
    "bench_shapes", _OURS,
    Column("events", Integer, primary_key=True), Column("place", BigInteger, primary_key=True),
    Column("count", Integer), Column("total", BigInteger),
    Column("largest", BigInteger), Column("buckets", LargeBinary),
    prefixes=["TEMPORARY"],
)  # fmt: skip


def fill(url: str, dossiers: int, records: int, now: datetime) -> None:
    """So many dossiers, each checked once, and so many hop records up to `now`. No hub may run on it."""
    engine = create_engine(normalised(url))
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                for pragma in ("synchronous=OFF", "temp_store=MEMORY", "cache_size=-524288"):
                    connection.exec_driver_sql(f"PRAGMA {pragma}")
            _OURS.create_all(connection)
            _dossiers(connection, dossiers, now)
            _records(connection, dossiers, max(records // dossiers, 1), now)
            _roll_ups(connection, records, now)
            connection.commit()
            connection.execute(text("ANALYZE"))
            connection.commit()
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()
    asyncio.run(_count(url))


async def _count(url: str) -> None:
    async with Store(url, source="/truc/hub") as store:
        await store.write(recount)


# -- dossiers --------------------------------------------------------------------------------------------------


def _dossiers(connection: Connection, count: int, now: datetime) -> None:
    known = set(connection.scalars(select(DossierFacts.code)))
    rows, first = _facts(count, now), 0
    while chunk := list(islice(rows, CHUNK)):
        fresh = [row for row in chunk if row["code"] not in known]
        connection.execute(insert(DossierFacts), fresh)
        connection.execute(insert(CheckFacts), [_check(row) for row in fresh])
        told = [
            {"number": number, "code": row["code"], "agency": row["agency"], "procedure": row["procedure_code"]}
            for number, row in enumerate(chunk, first)
        ]
        connection.execute(insert(_DOSSIERS), told)
        first += len(chunk)
    connection.commit()


def _facts(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    """The newest dossier is of today, and each day before had `A_DAY`."""
    chance = random.Random(SEED)
    book = province()
    agencies, procedures = sorted(book.units), sorted(book.services)
    for number in range(count):
        age = (count - 1 - number) / A_DAY
        received_at = now - timedelta(days=age)
        where = chance.choice(agencies), chance.choice(procedures)
        yield _course(code_of(number), received_at, age, chance, *where)


def _course(
    code: str, received_at: datetime, age: float, chance: random.Random, agency: str, procedure: str
) -> dict[str, Any]:
    took = timedelta(days=chance.expovariate(1 / 4))
    done = age > UNFINISHED_DAYS or (took < timedelta(days=age) and chance.random() < 0.9)
    ended_at = received_at + took if done else None
    attachments = chance.randrange(4)
    row = SimpleNamespace(
        **NOTHING
        | {
            "code": code,
            "version": 3,
            "status": (DossierStatus.RESULT_RETURNED if done else DossierStatus.IN_PROGRESS).value,
            "procedure_code": procedure,
            "agency": agency,
            "channel": chance.choice(("direct", "online", "online", "post")),
            "applicant_kind": 1,
            "submitted_at": received_at,
            "received_at": received_at,
            "due_at": received_at + timedelta(days=chance.choice((3, 7, 15, 30))),
            "completed_at": ended_at,
            "returned_at": ended_at,
            "ended_at": ended_at,
            "fees": chance.randrange(8),
            "attachments": attachments,
            "digitised": chance.randrange(attachments + 1),
            "reused": chance.randrange(attachments + 1),
            "results": int(done),
            "signed_results": int(done and chance.random() < 0.8),
            "verification": chance.choice(("matched", "matched", "matched", "mismatched", "pending")),
            "synced_at": received_at + timedelta(milliseconds=9),
        }
    )
    conclude(cast("DossierFacts", row))
    return vars(row)


def _check(row: dict[str, Any]) -> dict[str, Any]:
    matched = row["verification"] != "mismatched"
    return {
        "id": f"{row['code']}/0",
        "checked_on": vn_date(row["received_at"]),
        "agency": row["agency"],
        "dossier": row["code"],
        "flags": flags_of("identity_check", row["channel"], "matched" if matched else "mismatched"),
    }


# -- the ledger ------------------------------------------------------------------------------------------------


def _records(connection: Connection, dossiers: int, each: int, now: datetime) -> None:
    """So many hop records of each dossier, over the week they are kept."""
    links: Sequence[int] = connection.scalars(select(Link.id).order_by(Link.id)).all()
    passages = [
        {"place": place, "link_id": links[place % len(links)], "version": place % 5 + 1} for place in range(each)
    ]
    connection.execute(insert(_PASSAGES), passages)
    first = _micros(now - FIRST_DAYS)
    apart = (_micros(now) - first) // (dossiers * each)
    place = _DOSSIERS.c.number * each + _PASSAGES.c.place
    end_us = literal(first, BigInteger) + place * literal(apart, BigInteger)
    columns: dict[str, Any] = {
        "link_id": _PASSAGES.c.link_id,
        "code": _DOSSIERS.c.code,
        "version": _PASSAGES.c.version,
        "outcome": text("0"),
        "end_us": end_us,
        "committed_us": end_us - 9_000 - place % 4_000,
        "publish": text("1700"),
        "broker": text("900"),
        "lane": text("400"),
        "errors": text("0"),
        "call": 6_000 + place % 4_000,
        "attempts": text("1"),
        "agency": _DOSSIERS.c.agency,
        "procedure": _DOSSIERS.c.procedure,
    }
    chosen: Any = select(*columns.values()).select_from(_DOSSIERS.join(_PASSAGES, text("true"))).order_by(
        _DOSSIERS.c.number, _PASSAGES.c.place
    )  # fmt: skip
    connection.execute(insert(Record).from_select(list(columns), chosen, include_defaults=False))
    newest = connection.scalar(select(func.max(Record.id)))
    rolled = update(ReadUpTo).where(ReadUpTo.process.in_((ROLLED_UP, PARTS_ROLLED_UP)))
    connection.execute(rolled.values(receipt=newest))
    connection.commit()


def _roll_ups(connection: Connection, records: int, now: datetime) -> None:
    """Of every link all along, and of each of its agencies and procedures: as many events as there are records."""
    book = province()
    _missing_series(connection)
    links = connection.scalar(select(func.count()).select_from(Link)) or 1
    a_second = records / FIRST_DAYS.total_seconds() / links
    kinds = (
        ("", 1, KEPT_DAYS),
        (AGENCY, len(book.units), KEPT_PARTS_DAYS),
        (PROCEDURE, len(book.services), KEPT_PARTS_DAYS),
    )
    for dimension, parts, kept in kinds:
        for span, days in kept.items():
            _roll_up(connection, span, dimension, days, a_second * SPAN_S[span] / parts, now)
    connection.commit()


def _roll_up(connection: Connection, span: str, dimension: str, days: float, events: float, now: datetime) -> None:
    """Rows of one span, each with so many events; with fewer than one, only now and then."""
    table: Any = ROLLUPS[span].__table__
    span_s, each = SPAN_S[span], max(round(events), 1)
    known = connection.scalar(select(func.count()).select_from(_SHAPES).where(_SHAPES.c.events == each))
    if not known:
        connection.execute(insert(_SHAPES), _shapes(each))
    connection.execute(_TIMES.delete())
    end = int(now.timestamp()) // span_s * span_s
    times = [{"at": at} for at in range(end - int(days * 86_400) // span_s * span_s, end, span_s)]
    connection.execute(insert(_TIMES), times)
    turn = Series.id * 7_919 + _TIMES.c.at // span_s * 104_729
    already = select(table.c.at).where(table.c.series_id == Series.id, table.c.at == _TIMES.c.at).exists()
    shape = (_SHAPES.c.events == each) & (_SHAPES.c.place == turn % SHAPES)
    counted = (_SHAPES.c[name] for name in ("count", "total", "largest"))
    chosen = (
        select(Series.id, _TIMES.c.at, *counted, text("0"), _SHAPES.c.buckets)
        .select_from(Series.__table__.join(_TIMES, text("true")).join(_SHAPES, shape))
        .where(Series.dimension == dimension, ~already)
        .where(turn % 1_009 < min(events, 1) * 1_009)
        .order_by(Series.id, _TIMES.c.at)
    )
    names = ["series_id", "at", "count", "total", "largest", "skewed", "buckets"]
    connection.execute(table.insert().from_select(names, chosen, include_defaults=False))


def _missing_series(connection: Connection) -> None:
    """Every link has every hop, and was taken by every agency and procedure."""
    book = province()
    known = {tuple(row) for row in connection.execute(
        select(Series.link_id, Series.hop, Series.dimension, Series.value)
    )}  # fmt: skip
    wanted = [
        (link_id, *series)
        for link_id in connection.scalars(select(Link.id))
        for series in (
            *((hop, "", "") for hop in (TOTAL, *HOPS, *TALLIES)),
            *((TOTAL, AGENCY, code) for code in book.units),
            *((TOTAL, PROCEDURE, code) for code in book.services),
        )
    ]
    names = ("link_id", "hop", "dimension", "value")
    fresh = [dict(zip(names, each, strict=True)) for each in wanted if each not in known]
    if fresh:
        connection.execute(insert(Series), fresh)


def _shapes(events: int) -> list[dict[str, Any]]:
    """Histograms of so many events."""
    chance = random.Random(SEED)
    found = []
    for place in range(SHAPES):
        histogram = Histogram()
        histogram.add_all([int(chance.lognormvariate(9.2, 0.8)) for _ in range(events)])
        found.append(
            {
                "events": events,
                "place": place,
                "count": histogram.count,
                "total": histogram.total,
                "largest": histogram.largest,
                "buckets": packed(histogram.buckets),
            }
        )
    return found


def _micros(at: datetime) -> int:
    return round(at.astimezone(UTC).timestamp() * 1_000_000)
