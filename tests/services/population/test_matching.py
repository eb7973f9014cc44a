"""Matching is exact: any one difference is a mismatch, and spellings of one name are one name."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.population import CheckOutcome
from services.population.matching import Record, birth_agrees, fold_name, outcome, person_agrees

RECORD = Record("052090000123", "211234567", fold_name("Nguyễn Văn An"), 1990, date(1990, 4, 30), "alive")
YEAR_ONLY = RECORD._replace(birth_date=None)

names = st.lists(
    st.text(alphabet="AĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXYàáảãạăằấờữỹ", min_size=1, max_size=6),
    min_size=1,
    max_size=4,
).map(" ".join)


@given(names)
def test_case_spacing_and_composition_do_not_matter(name: str) -> None:
    folded = fold_name(name)
    assert fold_name(name.upper()) == folded
    assert fold_name(name.lower()) == folded
    assert fold_name(f"  {name.replace(' ', '   ')} ") == folded
    assert fold_name(unicodedata.normalize("NFD", name)) == folded
    assert fold_name(folded) == folded


@given(names, names)
def test_names_that_differ_in_a_letter_or_a_tone_do_not_agree(one: str, other: str) -> None:
    assume(one.upper().split() != other.upper().split())
    assert fold_name(one) != fold_name(other)


def test_tones_matter() -> None:
    assert fold_name("Hòa") != fold_name("Hóa") != fold_name("Hoa")


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_only_the_recorded_day_or_its_year_agrees(stated: date) -> None:
    assert birth_agrees(stated, RECORD) == (stated == RECORD.birth_date)
    assert birth_agrees(str(stated.year), RECORD) == (stated.year == 1990)
    assert not birth_agrees(stated, YEAR_ONLY)


@given(st.integers(-400, 400))
def test_a_bare_year_agrees_with_any_day_in_it(days: int) -> None:
    born = date(1990, 4, 30) + timedelta(days=days)
    record = RECORD._replace(birth_year=born.year, birth_date=born)
    assert birth_agrees("1990", record) == (born.year == 1990)


def test_name_and_birth_must_both_agree() -> None:
    assert person_agrees("nguyễn  văn an", date(1990, 4, 30), RECORD)
    assert not person_agrees("Nguyễn Văn Ân", date(1990, 4, 30), RECORD)
    assert not person_agrees("Nguyễn Văn An", date(1990, 4, 29), RECORD)


def test_outcomes() -> None:
    assert outcome(None, False) is CheckOutcome.NOT_FOUND
    assert outcome(RECORD, True) is CheckOutcome.MATCHED
    assert outcome(RECORD, False) is CheckOutcome.MISMATCHED
