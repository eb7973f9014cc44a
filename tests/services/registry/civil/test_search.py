"""Searches by name: pages of one name, however many bear it, in one order, none twice and none missed."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from contracts.civil import RecordKind
from services.bus.kit.paging import Cursor
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from services.registry.civil.books import book_id
from services.registry.civil.models import Participant, Record
from services.registry.civil.names import fold, with_marks
from services.registry.civil.queries.search import Wanted, records
from tests.services.registry.civil.acts import AGENCY, OTHER_AGENCY, number

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = (
    "Nguyễn Thị Lan",
    "Nguyễn Thị Lân",
    "Nguyen Thi Lan",
    "Nguyễn Thị Lành",
    "Nguyễn Thị",
    "Ngụy Thị Lan",
    "Lê An",
)


def enter(tx: Tx, place: int, name: str, born: date | str | None, **more: Any) -> str:
    """One record with one person in it, past every rule."""
    told = {"kind": "birth", "role": "child", "agency": AGENCY, "year": 2020, "personal_id": None, **more}
    record_id = f"00000000-{place:04d}"
    book = book_id(told["agency"], told["kind"], told["year"])
    tx.append(
        Record,
        {
            "id": record_id, "kind": told["kind"], "registration": "digitised", "agency": told["agency"],
            "book_id": book, "year": told["year"], "number": place + 1, "volume": 1, "page": 1,
            "registered_on": date(told["year"], 5, 1), "version": 1, "events": 0, "personal_id": None,
            "dossier_code": None, "task_id": None, "due_at": None, "warnings": [], "changed_at": AT,
        },
    )  # fmt: skip
    tx.append(
        Participant,
        {
            "record_id": record_id, "role": told["role"], "kind": told["kind"], "personal_id": told["personal_id"],
            "full_name": name, "marked_name": with_marks(name), "folded_name": fold(name),
            "birth_year": 0 if born is None else born.year if isinstance(born, date) else int(born),
            "birth_date": born if isinstance(born, date) else None,
        },
    )  # fmt: skip
    return record_id


async def pages(store: Store, limit: int, **asked: Any) -> list[str]:
    """The ids on all pages, none of which is longer than the limit."""
    found: list[str] = []
    cursor = None
    while True:
        page = await store.read(partial(records, wanted=Wanted(**asked), limit=limit, cursor=cursor))
        assert len(page.items) <= limit
        assert page.next_cursor is None or len(page.items) == limit
        found += [each.id for each in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 3, 7, 200])
async def test_pages_of_equal_names_are_in_order_and_whole(store: Store, limit: int) -> None:
    draw = random.Random(7)
    entered: list[tuple[str, str, int, str]] = []

    def fill(tx: Tx) -> None:
        for place in range(120):
            name = draw.choice(NAMES)
            born = draw.choice([None, "1950", date(1950, 3, 4), date(1961, 1, 1)])
            record_id = enter(tx, place, name, born)
            year = 0 if born is None else born.year if isinstance(born, date) else int(born)
            entered.append((with_marks(name), fold(name), year, record_id))

    await store.write(fill)

    def wanted(keep: Any, name: int) -> list[str]:
        hits = [each for each in entered if keep(each)]
        return [each[3] for each in sorted(hits, key=lambda each: (each[name], each[2], each[3]))]

    marked, folded = 0, 1
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"name": "nguyen thi lan"}, wanted(lambda each: each[1] == "nguyen thi lan", folded)),
        ({"name": "NGUYỄN thị Lan"}, wanted(lambda each: each[0] == "nguyễn thị lan", marked)),
        ({"name": "nguyen thi*"}, wanted(lambda each: each[1].startswith("nguyen thi"), folded)),
        ({"name": "Nguyễn Thị L*"}, wanted(lambda each: each[0].startswith("nguyễn thị l"), marked)),
        ({"name": "Ngụy*"}, wanted(lambda each: each[0].startswith("ngụy"), marked)),
        ({"name": "nguyen thi lan", "born": "1950"}, wanted(lambda e: e[1:3] == ("nguyen thi lan", 1950), folded)),
        ({"name": "nguyen thi lan", "kind": RecordKind.DEATH}, []),
    ]
    for asked, expected in cases:
        assert await pages(store, limit, **asked) == expected, asked
        assert expected or asked.get("kind")


async def test_a_name_in_one_book_and_a_name_with_a_number(store: Store) -> None:
    ours = number("female", 1950, 1)

    def fill(tx: Tx) -> list[str]:
        day = date(1950, 3, 4)
        return [
            enter(tx, 1, "Nguyễn Thị Lan", day),
            enter(tx, 2, "Nguyễn Thị Lan", day, agency=OTHER_AGENCY),
            enter(tx, 3, "Nguyễn Thị Lan", day, year=2021),
            enter(tx, 4, "Nguyễn Thị Lan", day, kind="death", role="deceased"),
            enter(tx, 5, "Nguyễn Thị Lan", day, personal_id=ours),
            enter(tx, 6, "Nguyễn Thị Lành", day, personal_id=ours),
        ]

    one, other, later, dead, known, renamed = await store.write(fill)
    for name in ("Nguyễn Thị Lan", "nguyen thi lan"):
        place = {"name": name, "agency": AGENCY, "year": 2020}
        assert await pages(store, 2, **place) == [one, dead, known]
        assert await pages(store, 2, **place, kind=RecordKind.DEATH) == [dead]
        assert await pages(store, 2, name=name, agency=OTHER_AGENCY) == [other]
        assert await pages(store, 2, name=name, year=2021) == [later]
        assert await pages(store, 1, name=name, born=date(1950, 3, 4), personal_id=ours) == [known]
    assert await pages(store, 1, personal_id=ours) == [known, renamed]
    assert await pages(store, 1, name="nguyen thi la*", personal_id=ours) == [known, renamed]


async def test_a_cursor_of_another_search_shows_nothing_that_was_not_asked_for(store: Store) -> None:
    def fill(tx: Tx) -> str:
        enter(tx, 1, "Bùi An", "1950")
        return enter(tx, 2, "Trần An", "1950")

    tran = await store.write(fill)
    strange = Cursor.encode(["a", 0, "", ""])
    page = await store.read(lambda tx: records(tx, Wanted(name="tran*"), limit=5, cursor=strange))
    assert [each.id for each in page.items] == [tran]
