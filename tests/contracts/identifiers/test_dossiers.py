"""Dossier codes: a real agency code, a real day, a number from one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.identifiers import format_dossier_code, parse_dossier_code
from tests.contracts.refusals import refused

AGENCIES = st.sampled_from(["H08", "H08.31.21", "000.00.14.H20", "G09.20"])
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
SEQUENCES = st.integers(1, 9_999_999)


@given(AGENCIES, DAYS, SEQUENCES)
def test_written_and_read_again(agency: str, day: date, sequence: int) -> None:
    assert parse_dossier_code(format_dossier_code(agency, day, sequence)) == (agency, day, sequence)


@given(AGENCIES, DAYS, SEQUENCES, SEQUENCES)
def test_two_numbers_never_share_a_code(agency: str, day: date, one: int, other: int) -> None:
    same = format_dossier_code(agency, day, one) == format_dossier_code(agency, day, other)
    assert same == (one == other)


def test_the_number_widens_past_9999() -> None:
    day = date(2023, 6, 30)
    assert format_dossier_code("H08", day, 1) == "H08-230630-0001"
    assert format_dossier_code("H08", day, 9999) == "H08-230630-9999"
    assert format_dossier_code("H08", day, 10_000) == "H08-230630-10000"


@pytest.mark.parametrize(
    ("text", "agency", "day", "sequence"),
    [
        ("000.00.14.H20-200703-0002", "000.00.14.H20", date(2020, 7, 3), 2),
        ("G09.20-20260609-0092637", "G09.20", date(2026, 6, 9), 92637),
        ("H08.31.21-240229-0001", "H08.31.21", date(2024, 2, 29), 1),
    ],
)
def test_codes_seen_in_the_wild(text: str, agency: str, day: date, sequence: int) -> None:
    assert parse_dossier_code(text) == (agency, day, sequence)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "dossier_code.format"),
        ("H20.14", "dossier_code.format"),
        ("H20.14-200703-002", "dossier_code.format"),
        ("H20.14-200703-00000002", "dossier_code.format"),
        ("H20.14-2007033-0002", "dossier_code.format"),
        ("H20.14-200703-0002\n", "dossier_code.format"),
        ("h20.14-200703-0002", "dossier_code.format"),
        ("H20.14-230229-0001", "dossier_code.date_impossible"),
        ("H20.14-231301-0001", "dossier_code.date_impossible"),
        ("H20.14-230100-0001", "dossier_code.date_impossible"),
        ("H20.14-19991231-0001", "dossier_code.date_impossible"),
        ("H20.14-00000101-0001", "dossier_code.date_impossible"),
        ("H20.14-230101-0000", "dossier_code.sequence_zero"),
        ("H20." + "1" * 32 + "-230101-0001", "agency_code.too_long"),
    ],
)
def test_a_bad_code_is_refused_by_its_rule(text: str, rule: str) -> None:
    with refused(rule):
        parse_dossier_code(text)


def test_what_cannot_be_written() -> None:
    day = date(2023, 6, 30)
    with refused("dossier_code.sequence_zero"):
        format_dossier_code("H08", day, 0)
    with refused("dossier_code.sequence_exhausted"):
        format_dossier_code("H08", day, 10_000_000)
    with refused("dossier_code.date_impossible"):
        format_dossier_code("H08", date(2100, 1, 1), 1)
    with refused("agency_code.format"):
        format_dossier_code("Hanoi", day, 1)
