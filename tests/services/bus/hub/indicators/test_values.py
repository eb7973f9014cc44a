"""Every formula, with numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.catalogue.indicators import (
    DossierSet,
    Given,
    Indicator,
    Input,
    Words,
    groups,
    indicators,
    inputs,
    online_services,
)
from contracts.catalogue.procedures import procedures
from services.bus.hub.indicators import schemas
from services.bus.hub.indicators.book import Book, Service, province
from services.bus.hub.indicators.counting import Counted, Tally
from services.bus.hub.indicators.sets import BITS, needed
from services.bus.hub.indicators.values import figures, value_of

DAY = date(2023, 5, 1)
S = DossierSet
BASE = (S.RECEIVED,)


def service(code: str, level: str = "full", *, fee: bool = False, pays_online: bool = False) -> Service:
    return Service(code, code, "x", level, fee, pays_online)


BOOK = Book(
    units={},
    services={
        each.code: each
        for each in (
            service("A", fee=True, pays_online=True),
            service("B", "partial", fee=True),
            service("C"),
            service("D", "information"),
        )
    },
    inputs=inputs(),
)


def some(dossiers: int, procedure: str, *sets: DossierSet) -> Counted:
    """So many received dossiers that are in these sets as well."""
    return Counted(procedure, DAY, sum(BITS[each] for each in {*BASE, *sets}), dossiers)


def value(name: str, *found: Counted, book: Book = BOOK) -> schemas.Value:
    tally = Tally(needed(indicators().values()))
    for each in found:
        tally.add((each.key, each.period), each.flags, each.dossiers)
    return value_of(indicators()[name], figures(tally), book)


def given(**values: int) -> Book:
    """The book, with these figures given."""
    told = {name: each.model_copy(update={"value": values.get(name)}) for name, each in inputs().items()}
    return replace(BOOK, inputs=told)


SYNCED_AND_NOT = (some(80, "A", S.SYNCED), some(20, "A"))

CASES: list[tuple[str, tuple[Counted, ...], tuple[int, int, float | None, float | None]]] = [
    # id, dossiers, (numerator, denominator, percent, points)
    ("dossier-sync", SYNCED_AND_NOT, (80, 100, 80.0, 4.8)),
    ("on-time", (some(95, "A"), some(5, "A", S.LATE)), (95, 100, 95.0, 19.0)),
    ("online-services", (), (3, 4, 75.0, 1.875)),
    (
        "online-services-used",
        (some(1, "A", S.ONLINE), some(9, "B"), some(1, "D", S.ONLINE)),
        (1, 3, 33.33, 1.3333),
    ),
    (
        "online-dossiers",  # 30 of 100 online with a result, times 80 % synced = 24 %; 6 · 0.24 / 0.5
        (
            some(30, "A", S.ONLINE, S.RESULT_GIVEN, S.SYNCED),
            some(10, "A", S.ONLINE, S.SYNCED),
            some(40, "A", S.SYNCED),
            some(20, "A"),
        ),
        (30, 100, 24.0, 2.88),
    ),
    (
        "paid-online",
        (
            some(3, "A", S.FEE_PROCEDURE, S.OBLIGATION, S.PAID_ONLINE),
            some(1, "A", S.FEE_PROCEDURE, S.OBLIGATION),
            some(6, "A", S.FEE_PROCEDURE),
            some(5, "C", S.OBLIGATION),
        ),
        (3, 4, 75.0, 4.5),
    ),
    (
        "procedures-paid-online",  # 1 of 2 with a fee: 2 · 0.5 / 0.8
        (some(3, "A", S.FEE_PROCEDURE, S.OBLIGATION, S.PAID_ONLINE), some(5, "B", S.FEE_PROCEDURE, S.OBLIGATION)),
        (1, 2, 50.0, 1.25),
    ),
    ("procedures-payable-online", (), (1, 2, 50.0, 1.25)),
    (
        "electronic-results",
        (
            some(6, "A", S.RESOLVED, S.RESULT_REQUIRED, S.RESULT_FILE),
            some(2, "A", S.RESOLVED, S.RESULT_REQUIRED),
            some(5, "A", S.RESULT_REQUIRED),
            some(7, "B", S.RESOLVED, S.RESULT_FILE),
        ),
        (6, 8, 75.0, 4.5),
    ),
    (
        "digitised-dossiers",
        (some(1, "A", S.COMPONENT_FILE, S.RESULT_FILE), some(2, "A", S.COMPONENT_FILE), some(1, "A")),
        (1, 4, 25.0, 1.0),
    ),
    ("reused-digitised-data", (some(60, "A", S.DIGITISED), some(40, "A")), (60, 100, 60.0, 1.5)),
    ("personal-storage", (some(1, "A", S.FROM_STORE), some(3, "A")), (1, 4, 25.0, 1.0)),
    ("connected-dossiers", (some(9, "A", S.CONNECTED), some(1, "A")), (9, 10, 90.0, 1.8)),
    (
        "connected-procedures",
        (some(1, "A", S.PERSON, S.CONNECTED), some(9, "B", S.PERSON), some(5, "C", S.CONNECTED)),
        (1, 2, 50.0, 1.0),
    ),
    ("verified", (some(3, "A", S.VERIFIED), some(1, "A", S.CHECKED)), (3, 4, 75.0, None)),
    ("online-share", (some(1, "A", S.ONLINE), some(2, "A")), (1, 3, 33.33, None)),
    (
        "signed-results",
        (some(62, "A", S.RESOLVED, S.SIGNED_RESULT), some(38, "A", S.RESOLVED)),
        (62, 100, 62.0, None),
    ),
    (
        "digitised-resolved",
        (some(1, "A", S.RESOLVED, S.COMPONENT_FILE, S.RESULT_FILE), some(1, "A", S.RESOLVED), some(8, "A")),
        (1, 2, 50.0, None),
    ),
    ("reused", (some(1, "A", S.REUSED), some(4, "A")), (1, 5, 20.0, None)),
    (
        "paid-online-share",
        (some(1, "C", S.OBLIGATION, S.PAID_ONLINE), some(1, "A", S.OBLIGATION)),
        (1, 2, 50.0, None),
    ),
    ("services-full", (), (2, 4, 50.0, None)),
    ("services-partial", (), (1, 4, 25.0, None)),
]


@pytest.mark.parametrize(("name", "found", "expected"), CASES, ids=[case[0] for case in CASES])
def test_worked_out_by_hand(
    name: str, found: tuple[Counted, ...], expected: tuple[int, int, float | None, float | None]
) -> None:
    got = value(name, *found)
    assert (got.numerator.value, got.denominator.value, got.percent, got.points) == expected
    assert got.why_en is None


GIVEN: list[tuple[str, dict[str, int], tuple[float | None, float | None]]] = [
    ("publish-on-time", {"publications": 8, "published_on_time": 6}, (75.0, 4.5)),
    ("update-on-time", {"publications": 8, "updated_on_time": 6}, (75.0, 3.0)),
    ("content-full", {"publications": 8, "content_full": 4}, (50.0, 1.0)),
    ("petitions-on-time", {"petitions": 10, "petitions_on_time": 9}, (90.0, 5.4)),
    ("petitions-satisfied", {"petitions": 10, "petitions_disliked": 1, "petitions_late": 2}, (70.0, 4.2)),
    ("petitions-satisfied", {"petitions": 0, "petitions_disliked": 0, "petitions_late": 0}, (100.0, 6.0)),
    ("petitions-on-time", {"petitions": 0, "petitions_on_time": 0}, (None, None)),
    ("certified-copies", {"certified_copies": 4, "electronic_certified_copies": 1}, (25.0, 0.5)),
]


@pytest.mark.parametrize(("name", "told", "expected"), GIVEN)
def test_figures_that_somebody_gives(
    name: str, told: dict[str, int], expected: tuple[float | None, float | None]
) -> None:
    got = value(name, book=given(**told))
    assert (got.percent, got.points) == expected


def test_satisfaction_with_reception_loses_by_lateness_and_petitions_and_is_full_from_90_percent() -> None:
    found = (some(90, "A"), some(10, "A", S.LATE))
    assert value("reception-satisfied", *found, book=given(reception_petitions=10)).points == 5.3333
    assert value("reception-satisfied", *found, book=given(reception_petitions=0)).points == 6.0
    empty = value("reception-satisfied", book=given(reception_petitions=0))
    assert (empty.points, empty.percent) == (0.0, 0.0)


def test_every_indicator_is_worked_out_above_or_has_levels_of_its_own() -> None:
    tested = {name for name, *_ in (*CASES, *GIVEN)} | {"reception-satisfied"}
    assert set(indicators()) - tested == {f"services-level-{level}" for level in (2, 3, 4)}


def test_what_nobody_gives_is_not_0_and_says_why() -> None:
    for each in indicators().values():
        got = value(each.id, some(10, "A"))
        known = got.numerator.value is not None and got.denominator.value is not None
        if isinstance(each.denominator, Given):
            assert not known
        if not known:
            assert (got.ratio, got.points) == (None, None)
            assert got.why_vi and got.why_en and got.why_vi != got.why_en


def test_without_a_dossier_ratios_are_0_and_not_an_error() -> None:
    for each in indicators().values():
        got = value(each.id)
        if got.numerator.value is not None and got.denominator.value == 0:
            assert got.points in (0.0, None)
            assert got.percent == 0.0
            assert got.why_en == "The denominator is 0."


def test_points_never_exceed_their_weight() -> None:
    everything = some(10, "A", *(set(DossierSet) - {S.LATE}))
    for each in indicators().values():
        points = value(each.id, everything).points
        assert points is None or (each.points is not None and points <= each.points)
    assert value("online-dossiers", everything).points == 6.0, "full marks from 50 %, capped above"


def test_older_levels_are_told_only_where_the_catalogue_has_them() -> None:
    older = Book({}, {f"{n}": service(f"{n}", f"level_{2 + n % 3}") for n in range(6)}, inputs())
    assert value("services-level-3", book=older).percent == 33.33
    assert value("services-full", book=older).why_en == "The catalogue does not classify by these levels."
    assert value("services-level-3").percent is None
    assert value("online-services", book=older).percent == 66.67


def test_the_weights_are_those_of_the_decision() -> None:
    maxima = {group.id: (group.max, sum(each.points or 0 for each in group.indicators)) for group in groups()}
    assert maxima == {
        "transparency": (18, 18),
        "progress": (20, 20),
        "online": (12, 12),
        "payment": (10, 10),
        "digitisation": (22, 22),
        "satisfaction": (18, 18),
        "province": (None, 0),
    }
    assert sum(weight or 0 for weight, _ in maxima.values()) == 100


def test_every_definition_says_where_it_comes_from() -> None:
    for each in indicators().values():
        assert each.source and each.mark
        assert each.name.vi != each.name.en
        for words in each.open:
            assert words.vi.endswith(".") and words.en.endswith(".") and words.vi != words.en


def test_an_input_without_a_value_needs_a_reason() -> None:
    told: dict[str, Any] = {
        "name": "x",
        "what": Words(vi="a", en="b"),
        "value": None,
        "source": "-",
        "mark": "ours",
    }
    with pytest.raises(ValidationError):
        Input.model_validate(told)


def test_a_definition_can_only_name_sets_there_are() -> None:
    told = indicators()["on-time"].model_dump(by_alias=True)
    told["numerator"] = {"count": "dossiers", "in": ["received", "made_up"]}
    with pytest.raises(ValidationError):
        Indicator.model_validate(told)


def test_every_procedure_says_how_far_it_is_online() -> None:
    assert set(online_services()) == {each.code for each in procedures()}
    payable = [code for code, each in online_services().items() if each.pays_online]
    assert set(payable) <= {code for code, each in province().services.items() if each.fee}
