"""Random histories of residences and households: whatever is asked of the service, and in whatever order, no two
stays of a kind overlap, nobody has two homes, and who lived where on a day is what a naive recount says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from contracts.catalogue.loader import REFORM_DAY, became
from contracts.envelope import Event
from contracts.population import (
    Deregistration,
    JoiningMember,
    LifeStatus,
    NewResidence,
    Relation,
    Renewal,
    ResidenceKind,
)
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.engines import writer_engine
from services.bus.kit.tables import KitBase
from services.bus.kit.tx import Tx
from services.population import models
from services.population.commands import households, registration
from services.population.commands.acts.effects import carry_out
from services.population.commands.residences import deregistration, entry, renewal
from services.population.consistency import years_after
from services.population.queries.residents import Period, household_residents, unit_residents
from tests.services.population.acts import death
from tests.services.population.people import AN, BINH, CHI, NOW, TODAY, an, binh, chi, citizens, household

FIRST = date(2016, 1, 1)
PEOPLE = (AN, BINH, CHI)
PLACES = {"a": ("21961", "21964"), "b": ("21958", "21970"), "c": ("21634", "21622")}
"""Each by its code before and after the reform; the third was divided."""

DAYS = [FIRST + timedelta(days=n) for n in range(0, (TODAY - FIRST).days + 1, 180)] + [TODAY]
"""Few enough for histories to come back to the same days."""

days = st.sampled_from(DAYS)
people = st.sampled_from((AN, AN, BINH, BINH, CHI))
places = st.sampled_from(sorted(PLACES))
relations = st.sampled_from((Relation.SPOUSE, Relation.CHILD, Relation.OTHER, Relation.HEAD))
steps = st.one_of(
    st.tuples(st.just("settle"), people, places, days, st.none()),
    st.tuples(st.just("visit"), people, places, days, st.integers(1, 730)),
    st.tuples(st.just("renew"), people, st.integers(0, 9), st.none(), st.integers(1, 730)),
    st.tuples(st.just("deregister"), people, st.integers(0, 9), days, st.none()),
    st.tuples(
        st.just("join"),
        people,
        st.integers(0, 1),
        days,
        st.sampled_from((Relation.SPOUSE, Relation.CHILD, Relation.OTHER, Relation.HEAD)),
    ),
    st.tuples(st.just("die"), people, st.none(), days, st.none()),
)


def code_on(place: str, day: date) -> str:
    return PLACES[place][day >= REFORM_DAY]


@dataclass
class Stay:
    """A stay as the recount keeps it."""

    who: str
    kind: str
    code: str
    since: date
    until: date | None

    def on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def clashes(self, other: Stay) -> bool:
        return (
            (self.who, self.kind) == (other.who, other.kind)
            and (other.until is None or self.since < other.until)
            and (self.until is None or other.since < self.until)
        )


@dataclass
class Recount:
    """What should be, by the simplest means there are."""

    stays: list[Stay] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)

    def of(self, who: str, kind: str | None = None) -> list[Stay]:
        return [stay for stay in self.stays if stay.who == who and kind in (None, stay.kind)]

    def enter(self, new: Stay) -> bool:
        """Whether a stay can be entered; if so it is."""
        present = next((stay for stay in self.of(new.who, new.kind) if stay.until is None), None)
        others = [stay for stay in self.of(new.who, new.kind) if stay is not present]
        if new.who in self.dead or (present is not None and new.since <= present.since):
            return False
        if any(new.clashes(stay) for stay in others if stay.since != stay.until):
            return False
        home = next((stay for stay in self.of(new.who, "permanent") if stay.on(new.since)), None)
        if new.kind == "temporary" and home is not None and self.same(home, new):
            return False
        if present is not None:
            present.until = new.since
        guest = next((stay for stay in self.of(new.who, "temporary") if stay.on(new.since)), None)
        if new.kind == "permanent" and guest is not None and self.same(guest, new):
            guest.until = new.since
        self.stays.append(new)
        return True

    @staticmethod
    def same(earlier: Stay, new: Stay) -> bool:
        return [unit.code for unit in became(earlier.code, earlier.since, new.since)] == [new.code]

    def die(self, who: str, on: date) -> None:
        if who not in self.dead:
            self.dead.add(who)
            for stay in self.of(who):
                if stay.until is None or stay.until > on + timedelta(days=1):
                    stay.until = max(stay.since, on + timedelta(days=1))


class History:
    """One history, told to the service and to the recount alike."""

    def __init__(self, tx: Tx) -> None:
        self.tx, self.recount, self.homes = tx, Recount(), []
        registration.register(tx, citizens(an(), binh(), chi()), batch=True, now=NOW)
        tx.run_later()
        for who in (AN, BINH):
            new = household(
                number=None, valid_from="2016-01-01", members=[{"personal_id": who, "relation": "head"}]
            )
            self.homes += [made.household_id for made in households.form(tx, [new], batch=False, now=NOW)]
            tx.run_later()

    def take(self, step: tuple[Any, ...]) -> None:
        what, who, which, day, extra = step
        with suppress(Problem):
            getattr(self, what)(who, which, day, extra)
        self.tx.flush()

    def settle(self, who: str, place: str, day: date, _: None) -> None:
        self._enter(who, ResidenceKind.PERMANENT, place, day, None)

    def visit(self, who: str, place: str, day: date, length: int) -> None:
        self._enter(who, ResidenceKind.TEMPORARY, place, day, day + timedelta(days=length))

    def _enter(self, who: str, kind: ResidenceKind, place: str, day: date, until: date | None) -> None:
        code = code_on(place, day)
        new = NewResidence(kind=kind, unit_code=code, valid_from=day, valid_to=until)
        possible = self.recount.enter(Stay(who, kind.value, code, day, until))
        try:
            entry.move(self.tx, who, new, expected=None, now=NOW)
        except Problem as refused:
            assert not possible, refused
        else:
            assert possible

    def renew(self, who: str, which: int, _: None, length: int) -> None:
        row, stay = self._one(who, which)
        until = (stay.until or TODAY) + timedelta(days=length)
        renewal.renew(self.tx, who, row.id, Renewal(valid_to=until), expected=None, now=NOW)
        assert stay.kind == "temporary" and stay.until is not None and stay.until > TODAY
        assert until <= years_after(stay.until, 2)
        stay.until = until

    def deregister(self, who: str, which: int, day: date, _: None) -> None:
        row, stay = self._one(who, which)
        asked = Deregistration.model_validate({"on": day, "reason": "other"})
        deregistration.deregister(self.tx, who, row.id, asked, expected=None, now=NOW)
        assert stay.since < day and (stay.until is None or stay.until > TODAY) and who not in self.recount.dead
        stay.until = day

    def join(self, who: str, which: int, day: date, relation: Relation) -> None:
        body = JoiningMember(personal_id=who, relation=relation, valid_from=day)
        households.join(self.tx, self.homes[which], body, now=NOW)

    def die(self, who: str, _: None, day: date, __: None) -> None:
        carry_out(self.tx, death(f"death-{who}", who, died_on=day), "event", now=NOW)
        self.recount.die(who, day)

    def _one(self, who: str, which: int) -> tuple[models.Residence, Stay]:
        """One of somebody's stays, in the database and in the recount."""
        table = models.Residence
        rows = list(self.tx.scalars(select(table).where(table.personal_id == who).order_by(table.id)))
        if not rows:
            raise Problem(NOT_FOUND, what="residence", id="")
        row = rows[which % len(rows)]
        stay = next(
            each
            for each in reversed(self.recount.of(who, row.kind))
            if (each.since, each.code, each.until) == (row.valid_from, row.unit_code, row.valid_to)
        )
        return row, stay

    # -- what has to hold ----------------------------------------------------------------------------------

    def check_stays(self) -> None:
        rows = list(self.tx.scalars(select(models.Residence)))
        told = sorted(
            (row.personal_id, row.kind, row.unit_code, row.valid_from, str(row.valid_to)) for row in rows
        )
        counted = [(each.who, each.kind, each.code, each.since, str(each.until)) for each in self.recount.stays]
        assert told == sorted(counted)
        lived = [each for each in self.recount.stays if each.since != each.until]
        for one, other in combinations(lived, 2):
            assert not one.clashes(other)
        for who in PEOPLE:
            assert sum(stay.until is None for stay in self.recount.of(who, "permanent")) <= 1

    def check_day(self, day: date) -> None:
        period = Period.asked(day, None, None, TODAY)
        codes = {code_on(place, day) for place in PLACES} | ({"21628"} if day >= REFORM_DAY else set())
        for code in codes:
            page = unit_residents(self.tx, code, period, kind=None, limit=500, cursor=None)
            told = sorted((each.personal_id, each.kind.value, each.valid_from) for each in page.items)
            counted = sorted(
                (each.who, each.kind, each.since)
                for each in self.recount.stays
                if each.on(day) and code in {unit.code for unit in became(each.code, each.since, day)}
            )
            assert told == [(who, kind, since) for who, kind, since in counted]
        for home in self.homes:
            inside = household_residents(self.tx, home, period, limit=500, cursor=None)
            assert inside is not None
            ids = [each.personal_id for each in inside.items]
            assert len(ids) == len(set(ids))
            assert sum(each.relation is Relation.HEAD for each in inside.items) <= 1

    def check_households(self) -> None:
        member = models.Membership
        rows = list(self.tx.scalars(select(member)))
        for one, other in combinations((row for row in rows if row.valid_from != row.valid_to), 2):
            if one.personal_id == other.personal_id:
                assert (one.valid_to is not None and one.valid_to <= other.valid_from) or (
                    other.valid_to is not None and other.valid_to <= one.valid_from
                )
        for home in self.tx.scalars(select(models.Household)):
            inside = [row for row in rows if row.household_id == home.id and row.valid_to is None]
            assert home.members == len(inside)
            heads = [row.personal_id for row in inside if row.relation == Relation.HEAD]
            if inside:
                assert heads == ([home.head_personal_id] if home.head_personal_id else [])
            for row in inside:
                assert row.personal_id not in self.recount.dead

    def check_events(self) -> None:
        seen: dict[str, int] = {}
        for announced in self.tx.announced:
            event = Event.model_validate_json(announced.payload)
            assert event.version == seen.get(event.key, 0) + 1
            seen[event.key] = event.version
        for citizen in self.tx.scalars(select(models.Citizen)):
            assert seen[citizen.personal_id] == citizen.version
            assert (citizen.status == LifeStatus.DECEASED) == (citizen.personal_id in self.recount.dead)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = writer_engine(database_url)
    for metadata in (KitBase.metadata, models.metadata):
        metadata.create_all(engine)
    yield engine
    engine.dispose()


@settings(max_examples=150)
@given(history=st.lists(steps, min_size=15, max_size=40), asked=st.lists(days, min_size=3, max_size=6))
def test_any_history_is_whole(engine: Engine, history: list[tuple[Any, ...]], asked: list[date]) -> None:
    with Tx(engine, source="test", expire_on_commit=False) as tx:
        told = History(tx)
        for step in history:
            told.take(step)
        told.check_stays()
        told.check_households()
        told.check_events()
        for day in (*asked, TODAY, REFORM_DAY, REFORM_DAY - timedelta(days=1)):
            told.check_day(day)
        tx.rollback()
