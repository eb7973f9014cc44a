"""Counting over years: what is kept by month and by year adds up to what there is, whatever the period."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from services.bus.hub.app import VERSIONS
from services.bus.hub.indicators.book import province
from services.bus.hub.indicators.counting import By, Grain, Span, Where, counts, period_of, spans
from services.bus.hub.indicators.counts import recount
from services.bus.hub.indicators.models import MONTH, YEAR, Count, DossierFacts
from services.bus.hub.indicators.sets import LATE, RECEIVED, kept_masks
from services.bus.hub.indicators.tables import Rows, beginning, table
from services.bus.hub.models import metadata
from services.bus.kit.engines import writer_engine
from services.bus.kit.migrations import _config, upgrade
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from tests.services.bus.hub.indicators.telling import BIRTH, CERTIFIED_COPY, MONDAY, step, tell

pytestmark = pytest.mark.anyio

CHANCE = random.Random(2023)
FIRST, DAYS = datetime(2021, 11, 20, 2, 0, tzinfo=MONDAY.tzinfo), 900
AGENCIES = ("H08.31.21", "H08.31.22", "H08.32.21")


@pytest.fixture
async def years(store: Store) -> Store:
    """Three hundred dossiers of two years and a half, some of them in work and late."""
    events = []
    for number in range(300):
        at = FIRST + timedelta(days=CHANCE.randrange(DAYS))
        told: dict[str, Any] = {"received_at": at, "due_at": at + timedelta(days=CHANCE.randrange(1, 300))}
        if CHANCE.random() < 0.7:
            told["completed_at"] = at + timedelta(days=CHANCE.randrange(1, 60))
        agency, procedure = CHANCE.choice(AGENCIES), CHANCE.choice((BIRTH, CERTIFIED_COPY))
        status = 9 if "completed_at" in told else 4
        code = f"{agency}-{at:%y%m%d}-{number:04d}"
        events.append(step(code, 1, status, at, receiving_agency=agency, procedure_code=procedure, **told))
    await tell(store, events)
    return store


def periods() -> list[tuple[date, date]]:
    """Whole years, the whole of it, and any days at random."""
    first = FIRST.date()
    fixed = [
        (first, first + timedelta(days=DAYS)),
        (date(2022, 1, 1), date(2023, 1, 1)),
        (date(2000, 1, 1), date(2030, 1, 1)),
    ]
    places = (sorted(CHANCE.sample(range(-100, DAYS + 100), 2)) for _ in range(12))
    return [*fixed, *((first + timedelta(days=low), first + timedelta(days=high)) for low, high in places)]


@pytest.mark.parametrize("by", ["agency", "procedure"])
@pytest.mark.parametrize("grain", ["total", "month", "quarter", "year"])
async def test_any_period_counts_what_there_is(years: Store, by: By, grain: Grain) -> None:
    masks = kept_masks(by)
    rows = await years.read(facts)
    for since, until in periods():
        where = Where(since, until)
        now = datetime(2024, 6, 1, tzinfo=MONDAY.tzinfo)
        at = where.compared_at(now)
        found = await years.read(lambda tx, where=where, at=at: counts(tx, where, by, masks, grain=grain, at=at))
        expected: Counter[Any] = Counter()
        for agency, procedure, day, flags, late_after in rows:
            if since <= day < until:
                key = (agency if by == "agency" else procedure), period_of(day, grain, since)
                late = late_after is not None and late_after < at
                holding = [place for place, mask in enumerate(masks) if mask.holds(flags | (LATE if late else 0))]
                expected.update((*key, place) for place in holding)
        told = {
            (*key, place): number
            for key, sums in found.by_key.items()
            for place, number in enumerate(sums)
            if number
        }
        assert told == dict(expected), (since, until)


@pytest.mark.parametrize("rows", ["unit", "procedure", "district", "channel"])
@pytest.mark.parametrize("grain", ["total", "month", "year"])
async def test_the_beginning_of_a_table_is_its_first_rows(years: Store, rows: Rows, grain: Grain) -> None:
    book, where = province(), Where(FIRST.date(), FIRST.date() + timedelta(days=DAYS))
    now = datetime(2024, 6, 1, tzinfo=MONDAY.tzinfo)
    whole = await years.read(lambda tx: table(tx, book, where, rows=rows, grain=grain, now=now))
    for most in (1, 2, 7, 1000):
        part, all_rows = await years.read(
            lambda tx, most=most: beginning(tx, book, where, most, rows=rows, grain=grain, now=now)
        )
        assert all_rows == len(whole.rows)
        assert part == whole.model_copy(update={"rows": whole.rows[:most]})


def test_a_year_that_has_nothing_outside_the_period_is_whole() -> None:
    since, until = date(2021, 11, 20), date(2024, 2, 10)
    within = (date(2021, 11, 20), date(2024, 2, 9))
    assert [each.kept for each in spans(since, until, within, years=True)] == [YEAR] * 4
    beyond = (date(2021, 11, 19), date(2024, 2, 10))
    assert list(spans(since, until, beyond, years=True)) == [
        Span(since, date(2021, 12, 1), None),
        Span(date(2021, 12, 1), date(2022, 1, 1), MONTH),
        Span(date(2022, 1, 1), date(2023, 1, 1), YEAR),
        Span(date(2023, 1, 1), date(2024, 1, 1), YEAR),
        Span(date(2024, 1, 1), date(2024, 2, 1), MONTH),
        Span(date(2024, 2, 1), until, None),
    ]
    assert list(spans(since, until, (None, None), years=True)) == []
    assert list(spans(since, until, (date(2025, 1, 1), date(2025, 1, 1)), years=True)) == []


async def test_counts_of_months_become_counts_of_years_too(database_url: str) -> None:
    engine = writer_engine(database_url)
    try:
        from alembic import command

        with engine.begin() as connection:
            command.upgrade(_config(connection, VERSIONS, metadata), "0006")
            for month, rows in (("2022-12-01", 3), ("2023-01-01", 4), ("2023-05-01", 5)):
                values = f"('agency', '{month}', 'H08', 0, {rows})"
                columns = 'dimension, month, "key", flags, rows'
                connection.execute(text(f"INSERT INTO indicator_counts ({columns}) VALUES {values}"))
        upgrade(engine, VERSIONS, metadata)
        with engine.connect() as connection:
            told = connection.execute(select(Count.span, Count.first, Count.rows)).all()
    finally:
        engine.dispose()
    assert sorted((span, first.isoformat(), rows) for span, first, rows in told) == [
        ("month", "2022-12-01", 3),
        ("month", "2023-01-01", 4),
        ("month", "2023-05-01", 5),
        ("year", "2022-01-01", 3),
        ("year", "2023-01-01", 9),
    ]


async def test_a_recount_comes_to_the_same(years: Store) -> None:
    kept = await years.read(counted)
    await years.write(recount)
    assert await years.read(counted) == kept


def counted(tx: Tx) -> set[tuple[Any, ...]]:
    columns = (Count.dimension, Count.span, Count.first, Count.flags, Count.key, Count.rows)
    return {tuple(row) for row in tx.execute(select(*columns).where(Count.rows != 0))}


def facts(tx: Tx) -> list[Any]:
    row = DossierFacts
    columns = (row.agency, row.procedure_code, row.received_on, row.flags, row.late_after)
    found = list(tx.execute(select(*columns)))
    assert all(RECEIVED.holds(flags) for *_, flags, _ in found) and len(found) == 300
    return found
