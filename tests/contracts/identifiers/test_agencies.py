"""Agency codes in two forms, and the codes agencies publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.identifiers import (
    convert_agency_code,
    parse_agency_code,
    parse_field_code,
    parse_procedure_code,
    parse_result_code,
)
from tests.contracts.refusals import refused


def group(width: int) -> st.SearchStrategy[str]:
    """A filled group of an old code: digits of this width, not all zero."""
    return st.integers(1, 10**width - 1).map(lambda number: f"{number:0{width}d}")


ROOTS = st.builds("{}{:02d}".format, st.sampled_from("GH"), st.integers(1, 99))
OLD_CODES = st.one_of(
    st.builds("000.00.00.{}".format, ROOTS),
    st.builds("000.00.{}.{}".format, group(2), ROOTS),
    st.builds("000.{}.{}.{}".format, group(2), group(2), ROOTS),
    st.builds("{}.{}.{}.{}".format, group(3), group(2), group(2), ROOTS),
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("000.00.19.H26", "H26.19"),
        ("000.05.19.H26", "H26.19.05"),
        ("000.00.00.H49", "H49"),
        ("012.05.19.H26", "H26.19.05.012"),
    ],
)
def test_the_two_forms_of_one_agency(old: str, new: str) -> None:
    assert convert_agency_code(old) == new
    assert convert_agency_code(new, "old") == old


@given(OLD_CODES)
def test_there_and_back(old: str) -> None:
    new = convert_agency_code(old)
    assert parse_agency_code(new).form == "new"
    assert parse_agency_code(new)[1:] == parse_agency_code(old)[1:]
    assert convert_agency_code(new, "old") == old


def test_a_code_in_the_wanted_form_is_left_alone() -> None:
    assert convert_agency_code("H26.19") == "H26.19"
    assert convert_agency_code("000.00.19.H26", "old") == "000.00.19.H26"


def test_the_agencys_own_map_comes_first() -> None:
    assert convert_agency_code("000.00.19.H26", known={"000.00.19.H26": "H26.77"}) == "H26.77"


@pytest.mark.parametrize(
    ("code", "to"),
    [
        ("000.05.00.H26", "new"),  # would collide with 000.00.05.H26
        ("H26.19A", "old"),
        ("H26.00", "old"),
        ("H26.1", "old"),
        ("H26.19.05.12", "old"),
        ("H26.19.05.012.1", "old"),
    ],
)
def test_what_has_no_other_form(code: str, to: str) -> None:
    with refused("agency_code.not_convertible"):
        convert_agency_code(code, "new" if to == "new" else "old")


@pytest.mark.parametrize(
    "text", ["", "h26", "H2", "H26.", "H26..19", "H26-19", "00.00.19.H26", "000.00.19.26", "H26.1é", "H26\n"]
)
def test_what_is_no_agency_code(text: str) -> None:
    with refused("agency_code.format"):
        parse_agency_code(text)


def test_a_code_has_at_most_35_characters() -> None:
    assert parse_agency_code("H26." + "1" * 31).levels == ("1" * 31,)
    with refused("agency_code.too_long"):
        parse_agency_code("H26." + "1" * 32)


@pytest.mark.parametrize(
    ("text", "national", "agency"),
    [
        ("1.001193", "1.001193", None),
        ("1.000948.H38", "1.000948", "H38"),
        ("3.000181.000.00.00.H22", "3.000181", "000.00.00.H22"),
    ],
)
def test_procedure_codes(text: str, national: str, agency: str | None) -> None:
    assert parse_procedure_code(text) == (national, agency)


@pytest.mark.parametrize("text", ["", "1001193", "1.00119", "1.0011933", "1.001193.", "1.001193.h38", "x.001193"])
def test_what_is_no_procedure_code(text: str) -> None:
    with refused("procedure_code.format"):
        parse_procedure_code(text)


def test_field_and_result_codes() -> None:
    assert parse_field_code("G03-GD10") == "G03-GD10"
    assert parse_result_code("KQ.G15.000031") == "KQ.G15.000031"
    assert parse_result_code("000.00.00.G09-KQ002269") == "000.00.00.G09-KQ002269"
    with refused("field_code.format"):
        parse_field_code("GD10-G03")
    with refused("result_code.format"):
        parse_result_code("G15.000031")
