"""Random histories of 500 operations keep what must always hold, whatever is refused on the way."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contracts.civil import CONTENTS, Correction, RecordKind
from contracts.problems import Problem
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from services.registry.civil.commands.births import assign_personal_id
from services.registry.civil.commands.corrections import correct
from services.registry.civil.commands.entry import Act
from services.registry.civil.models import Book, Participant, Record, RecordVersion, metadata
from services.registry.civil.queries.records import record_view
from tests.services.registry.civil.acts import (
    AGENCY,
    NOW,
    OTHER_AGENCY,
    born,
    child,
    correction,
    died,
    events,
    man,
    married,
    number,
    woman,
)

OPERATIONS = 500


class History:
    """A registry some people of which are born, marry, part, die, and have their records corrected."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store = store
        self.rng = Random(seed)
        self.now = NOW
        self.serial = 100
        self.records: list[str] = []
        self.marriages: list[str] = []
        self.refused = 0
        self.men = [man(serial, 1980 + serial % 20, f"Lê Văn {chr(65 + serial)}") for serial in range(12)]
        self.women = [woman(serial, 1980 + serial % 20, f"Võ Thị {chr(65 + serial)}") for serial in range(12)]

    async def run(self) -> None:
        done = 0
        while done < OPERATIONS:
            several = min(self.rng.choice((1, 1, 4, 16)), OPERATIONS - done)
            results = await asyncio.gather(*(self._one() for _ in range(several)), return_exceptions=True)
            for each in results:
                if isinstance(each, Problem):
                    self.refused += 1
                elif isinstance(each, BaseException):
                    raise each
            done += several
            self.now += timedelta(days=self.rng.choice((0, 0, 1, 5)))

    async def _one(self) -> None:
        step = self.rng.choice(("birth", "birth", "marry", "marry", "marry", "part", "die", "correct", "number"))
        agency = self.rng.choice((AGENCY, OTHER_AGENCY))
        if step == "birth":
            self.serial += 1
            day = (self.now - timedelta(days=self.rng.randint(-2, 90))).date()
            told = child(full_name=f"Lê {chr(65 + self.serial % 26)}", date_of_birth=day.isoformat())
            parents = {"mother": self.rng.choice(self.women), "father": self.rng.choice([*self.men, None])}
            done = await born(self.store, now=self.now, agency=agency, child=told, **parents)
            self.records.append(done.id)
        elif step == "marry":
            sides = {"husband": self.rng.choice(self.men), "wife": self.rng.choice(self.women)}
            done = await married(self.store, now=self.now, agency=agency, **sides)
            self.records.append(done.id)
            self.marriages.append(done.id)
        elif step == "die" and self.rng.random() < 0.25:
            day = self.now.date().isoformat()
            who = self.rng.choice([*self.men, *self.women])
            done = await died(self.store, now=self.now, agency=agency, deceased=who, died_on=day)
            self.records.append(done.id)
        elif step == "part" and self.marriages:
            fields = {"ended_on": self.now.date().isoformat(), "ended_by": "divorce"}
            await self._correct(self.rng.choice(self.marriages), fields, "note")
        elif step == "correct" and self.records:
            name = self.rng.choice(
                ("child.full_name", "husband.full_name", "wife.residence", "cause", "child.sex")
            )
            await self._correct(
                self.rng.choice(self.records), {name: f"Lê {chr(65 + self.rng.randrange(26))}"}, "change"
            )
        elif step == "number" and self.records:
            self.serial += 1
            record, given = self.rng.choice(self.records), number("female", 2026, self.serial)
            now = self.now
            await self.store.write(lambda tx: assign_personal_id(tx, record, given, now))

    async def _correct(self, record: str, fields: dict[str, Any], kind: str) -> None:
        asked, now = Correction.model_validate(correction(fields, kind=kind)), self.now
        await self.store.write(lambda tx: correct(tx, record, asked, Act(now)))


def check(tx: Tx) -> int:
    """What must always hold; how many records there are."""
    records = list(tx.scalars(select(Record)))
    versions: dict[str, list[RecordVersion]] = defaultdict(list)
    for version in tx.scalars(select(RecordVersion).order_by(RecordVersion.record_id, RecordVersion.version)):
        versions[version.record_id].append(version)
    _gapless(tx, records, versions)
    for record in records:
        told = versions[record.id]
        assert [each.version for each in told] == list(range(1, record.version + 1))
        for each in told:
            CONTENTS[RecordKind(record.kind)].model_validate(each.content)
            of_that_day = [other for other in told if other.valid_on <= each.valid_on][-1]
            assert record_view(tx, record.id, as_of=each.valid_on).content == of_that_day.content
    _nobody_twice(tx, records, versions)
    return len(records)


def _gapless(tx: Tx, records: list[Record], versions: dict[str, list[RecordVersion]]) -> None:
    numbers: dict[str, list[int]] = defaultdict(list)
    for record in records:
        numbers[record.book_id].append(record.number)
    for told in versions.values():
        for each in told:
            if each.book_id is not None and each.number is not None:
                numbers[each.book_id].append(each.number)
    for key, used in numbers.items():
        assert sorted(used) == list(range(1, len(used) + 1)), key
    books = {book.id: book.last for book in tx.scalars(select(Book))}
    assert books == {key: len(used) for key, used in numbers.items()}


def _nobody_twice(tx: Tx, records: list[Record], versions: dict[str, list[RecordVersion]]) -> None:
    """Recounted from the records alone: nobody is in two marriages at a time, nobody dead marries."""
    deaths: dict[str, datetime] = {}
    for record in records:
        if record.kind == RecordKind.DEATH.value:
            deaths[versions[record.id][-1].content["deceased"]["personal_id"]] = versions[record.id][0].at
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for record in records:
        if record.kind != RecordKind.MARRIAGE.value:
            continue
        told = versions[record.id]
        began = told[0].at
        sides = [told[-1].content[side]["personal_id"] for side in ("husband", "wife")]
        ends = [each.at for each in told if each.content.get("ended_on")]
        ends += [deaths[side] for side in sides if side in deaths]
        for side in sides:
            assert side not in deaths or began <= deaths[side]
            spans[side].append((began, min(ends, default=datetime.max.replace(tzinfo=began.tzinfo))))
    for each in spans.values():
        each.sort()
        for (_, ended), (began, _) in pairwise(each):
            assert ended <= began


@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_a_random_history_keeps_the_invariants(tmp_path: Path, seed: int) -> None:
    async def live() -> None:
        url = f"sqlite:///{tmp_path / f'{seed}.db'}"
        async with Store(url, source="/truc/civil") as store:
            store.create_tables(metadata)
            history = History(store, seed)
            await history.run()
            assert await store.read(check) >= 30
            assert history.refused > 0
            await _events_count_up(store)
            people = await store.read(lambda tx: list(tx.scalars(select(Participant.record_id).distinct())))
            assert set(people) == set(history.records)

    asyncio.run(live())


async def _events_count_up(store: Store) -> None:
    counted: dict[str, int] = defaultdict(int)
    for each in await events(store):
        counted[each.key] += 1
        assert each.version == counted[each.key]


def test_a_random_history_on_either_database(database_url: str) -> None:
    async def live() -> None:
        async with Store(database_url, source="/truc/civil") as store:
            store.create_tables(metadata)
            history = History(store, 20_261_120)
            await history.run()
            assert await store.read(check) >= 30
            await _events_count_up(store)

    asyncio.run(live())
