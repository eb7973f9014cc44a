"""The pure parts: latencies, shares, what may come in a form; with made-up values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events.task import TaskRequested
from contracts.identifiers import parse_tax_code, tax_check_digit
from contracts.tasks import Answer, AnswerKind
from gateway.ministries.companies import company
from gateway.ministries.draws import initials
from gateway.ministries.fates import Visit, sayings
from gateway.ministries.kinds import WORKS, outcome
from gateway.ministries.kinds.matter import Matter, faults
from gateway.ministries.payments import ListKey, entries
from gateway.ministries.personas import Latency, Mark, Persona
from tests.gateway.ministries.office import FORMS, NOW, requested

DONE = Answer.completed({"personal_id": "1", "facility": {}})

rates = st.floats(0, 1, allow_nan=False)
personas = st.builds(
    Persona,
    seed=st.integers(0, 1000),
    slow=st.floats(0.1, 10),
    accepts_first=st.booleans(),
    progress=st.lists(st.just("đang xem"), max_size=3),
    latency=st.builds(
        Latency,
        distribution=st.sampled_from(["fixed", "lognormal"]),
        seconds=st.floats(0, 1000),
        max_seconds=st.floats(0, 1000),
    ),
    refusal_rate=rates,
    supplement_rate=rates,
    lie_rate=rates,
    forget_rate=rates,
    twice_rate=rates,
    twice_after_seconds=st.floats(0, 100),
    correct_rate=rates,
    correct_after_seconds=st.floats(0, 100),
)


@given(personas, st.integers(0, 50), st.sampled_from([None, "supplement", "payment"]))
def test_what_is_said_is_in_order_and_ends_as_it_should(persona: Persona, n: int, supplied: str | None) -> None:
    visit = Visit(f"t-{n}", "insurance.issue-card", 1, supplied)
    said = sayings(persona, visit, None, lambda _: DONE)
    assert said == sayings(persona, visit, None, lambda _: DONE)
    assert [each.after for each in said] == sorted(each.after for each in said)
    assert all(each.after >= timedelta() for each in said)
    if said[0].mark is Mark.FORGOTTEN:
        assert len(said) == 1
        return
    first = next(each for each in said if each.answer and each.answer.kind not in ("accepted", "progress"))
    after = said[said.index(first) + 1 :]
    assert {each.mark for each in after} <= {Mark.TWICE, Mark.CORRECTION}
    if supplied is not None:
        assert said[0] is first  # nothing is accepted twice, refused late or asked for again
        assert first.mark in (Mark.PLAIN, Mark.LIE)


@pytest.mark.parametrize(
    ("latency", "low", "high"),
    [
        (Latency(seconds=5), 5, 5),
        (Latency(distribution="uniform", seconds=5, min_seconds=2), 2, 5),
        (Latency(distribution="lognormal", seconds=5, sigma=2, max_seconds=60), 0, 60),
        (Latency(distribution="lognormal", seconds=0), 0, 0),
    ],
)
def test_a_latency_stays_in_its_bounds(latency: Latency, low: float, high: float) -> None:
    drawn = [latency.drawn(n / 1000) for n in range(1000)]
    assert low <= min(drawn) <= max(drawn) <= high
    assert drawn == sorted(drawn)


def test_the_median_of_a_lognormal_latency_is_what_was_said() -> None:
    assert Latency(distribution="lognormal", seconds=30, sigma=0.8).drawn(0.5) == pytest.approx(30)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=12) | st.floats(allow_nan=False)
    | st.sampled_from(["2023-06-18", "2023-06-18T08:30:00", "0001-01-01T00:00:00+14:00", "9999-12-31", "052"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=300)
@given(st.sampled_from(sorted(WORKS)), st.data())
def test_no_form_makes_a_ministry_stumble(kind: str, data: st.DataObject) -> None:
    """Whatever stands in the form, the ministry answers: as its schemas say, or with a refusal."""
    form, earlier = FORMS[kind]

    def spoiled(of: dict[str, Any]) -> dict[str, Any]:
        names = data.draw(st.lists(st.sampled_from([*of, "other"]), max_size=2))
        changed = {name: data.draw(values) for name in names}
        inner = {name: spoiled(value) for name, value in of.items() if isinstance(value, dict)}
        return {**of, **inner, **changed}

    steps = {step: each for step, each in spoiled(earlier).items() if isinstance(each, dict)}
    event = requested("t-1", kind, form=spoiled(form), earlier=steps)
    answer = outcome(Matter(event.data_as(TaskRequested), NOW, 7))
    if answer.kind is AnswerKind.COMPLETED:
        assert faults(kind, "results", answer.results) == []
    else:
        assert answer.kind in (AnswerKind.REFUSED, AnswerKind.NEEDS_PAYMENT)


@given(st.integers(1_000_000, 999_999_999))
def test_every_tax_code_has_one_answer(stem_number: int) -> None:
    stem = f"{stem_number:09d}"
    check = tax_check_digit(stem)
    if check is None or stem[2:] == "0000000":
        return
    code = f"{stem}{check}"
    found = company(7, code)
    assert found == company(7, code)
    if found is not None:
        assert str(parse_tax_code(found.tax_code)) == code
        branch = company(7, f"{code}-001")
        assert branch is None or branch.name.endswith(found.name)


def test_about_as_many_tax_codes_are_known_as_the_file_says() -> None:
    known = 0
    for number in range(1, 1001):
        stem = f"41{number:07d}"
        check = tax_check_digit(stem)
        known += check is not None and company(7, f"{stem}{check}") is not None
    assert 560 <= known <= 720


def test_the_same_people_are_paid_every_month_and_ever_fewer_in_cash() -> None:
    lists = [
        list(entries(7, ListKey("H08.31.21", month))) for month in ("2022-05", "2023-05", "2024-05", "2026-05")
    ]
    assert len({tuple((e.id, e.beneficiary, e.allowance) for e in one) for one in lists}) == 1
    without_cash = [sum(e.method == "account" for e in one) for one in lists]
    assert without_cash == sorted(without_cash)
    assert without_cash[0] == 0 < without_cash[-1]


def test_another_commune_pays_other_people() -> None:
    one, other = (list(entries(7, ListKey(unit, "2023-05"))) for unit in ("H08.31.21", "H08.31.22"))
    assert one != other


@pytest.mark.parametrize(
    ("name", "short"), [("Nguyễn Văn An", "N. V. A."), ("Đinh  thị Ơn", "Đ. T. Ơ."), ("", "")]
)
def test_initials(name: str, short: str) -> None:
    assert initials(name) == short


@pytest.mark.parametrize("text", ["", "H08.31.21", "H08.31.21-2023", "H08.31.21-202300", "h08-202305"])
def test_what_is_no_list_key(text: str) -> None:
    assert ListKey.parse(text) is None
