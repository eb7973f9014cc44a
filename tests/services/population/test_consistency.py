"""What is stated about a citizen must be possible, and the error says which field is not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.identifiers import Sex
from contracts.population import NewResidence, Place
from contracts.problems import INCONSISTENT_PERSON, VALIDATION, FieldError, Problem, Text
from services.population import consistency
from tests.services.population.people import AN, NEW_COMMUNE, OLD_COMMUNE

TODAY = date(2026, 11, 22)


def rules(errors: object) -> list[tuple[str, str]]:
    return [(error.field, error.rule) for error in errors]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Nguyễn Văn An", ("Nguyễn", "Văn", "An")),
        ("Trần Thị Mỹ Duyên", ("Trần", "Thị Mỹ", "Duyên")),
        ("Lê An", ("Lê", "", "An")),
        ("Y", ("", "", "Y")),
    ],
)
def test_a_name_splits_into_family_middle_and_given(name: str, parts: tuple[str, str, str]) -> None:
    assert consistency.split_name(name) == parts


@given(st.integers(1900, 2099), st.sampled_from(list(Sex)))
def test_the_number_must_say_the_sex_and_the_year(year: int, sex: Sex) -> None:
    errors = rules(consistency.number_errors("body", AN, sex, str(year), date(2100, 1, 1)))
    assert (("body.sex", "personal_id.sex_mismatch") in errors) == (sex != Sex.MALE)
    assert (("body.date_of_birth", "personal_id.birth_year_mismatch") in errors) == (year != 1990)


def test_nobody_is_unborn() -> None:
    number = "052226000001"
    born = list(consistency.number_errors("body", number, Sex.MALE, date(2026, 11, 22), TODAY))
    unborn = list(consistency.number_errors("body", number, Sex.MALE, date(2026, 11, 23), TODAY))
    assert born == []
    assert rules(unborn) == [("body.date_of_birth", "citizen.born_later")]


def test_stated_name_parts_must_join_to_the_name() -> None:
    full = "Tôn Thất Bình"
    assert not list(consistency.name_errors("body", full, (None, None, None)))
    assert not list(consistency.name_errors("body", full, ("Tôn Thất", None, "Bình")))
    assert rules(consistency.name_errors("body", full, ("Tôn", None, "Bình"))) == [
        ("body.family_name", "citizen.name_parts")
    ]


def test_a_code_of_the_wrong_period_is_refused_on_either_side_of_the_reform() -> None:
    def stay(code: str, since: str) -> list[tuple[str, str]]:
        residence = NewResidence(kind="permanent", unit_code=code, valid_from=since)  # type: ignore[arg-type]
        return rules(consistency.residence_errors("body", residence, 1990, TODAY))

    assert stay(OLD_COMMUNE, "2025-06-30") == []
    assert stay(OLD_COMMUNE, "2025-07-01") == [("body.unit_code", "unit.wrong_period")]
    assert stay(NEW_COMMUNE, "2025-07-01") == []
    assert stay("540", "2020-01-01") == [("body.unit_code", "unit.wrong_level")]
    assert stay("99999", "2020-01-01") == [("body.unit_code", "unit.unknown")]
    assert stay(NEW_COMMUNE, "2026-11-23") == [("body.valid_from", "residence.starts_later")]
    assert stay(OLD_COMMUNE, "1989-12-31") == [("body.valid_from", "residence.before_birth")]


def test_a_place_is_read_on_its_day_and_that_is_the_day_of_birth_by_default() -> None:
    assert not list(consistency.place_errors("body.hometown", Place(unit_code="540"), "1990"))
    place = Place(unit_code="540", on="2026-01-01")  # type: ignore[arg-type]
    assert rules(consistency.place_errors("body.hometown", place, "1990")) == [
        ("body.hometown.unit_code", "unit.wrong_period")
    ]
    assert consistency.place_day(Place(), "1952") == date(1952, 1, 1)


def test_one_problem_names_every_broken_rule() -> None:
    alone = FieldError("body.unit_code", "unit.unknown", Text("a", "b"))
    contradiction = FieldError("body.sex", "personal_id.sex_mismatch", Text("a", "b"))
    consistency.refuse_if_any([])
    with pytest.raises(Problem) as refused:
        consistency.refuse_if_any([alone])
    assert refused.value.type is VALIDATION
    with pytest.raises(Problem) as refused:
        consistency.refuse_if_any([alone, contradiction])
    assert refused.value.type is INCONSISTENT_PERSON
    assert [error.field for error in refused.value.errors] == ["body.unit_code", "body.sex"]
