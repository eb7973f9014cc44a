"""Personal ids: every digit with a meaning is guarded, and an independent parser agrees."""

from datetime import date

import pytest
import vn_ident
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue.prefixes import PersonalIdPrefix, personal_id_prefixes
from contracts.identifiers import (
    Sex,
    check_personal_id_agrees,
    parse_legacy_id_card,
    parse_personal_id,
)
from tests.contracts.refusals import refused

DIGITS = "0123456789"
PREFIXES = sorted(personal_id_prefixes())
PERSONAL_IDS = st.builds(
    lambda prefix, rest: prefix + rest,
    st.sampled_from(PREFIXES),
    st.text(DIGITS, min_size=9, max_size=9),
)


def test_the_parts_of_an_id() -> None:
    parts = parse_personal_id("087090000123")
    assert parts == ("087", "Đồng Tháp", Sex.MALE, 20, 1990, False)
    assert parse_personal_id("052305000123")[1:5] == ("Bình Định", Sex.FEMALE, 21, 2005)


@given(PERSONAL_IDS)
def test_an_independent_parser_agrees(personal_id: str) -> None:
    ours, theirs = parse_personal_id(personal_id), vn_ident.parse_cccd(personal_id)
    assert theirs is not None
    assert ours.birth_year == theirs.birth_year
    assert ours.century == theirs.century
    assert ours.sex.value == theirs.gender
    assert ours.province_code == theirs.province_code


@given(st.text(DIGITS, min_size=12, max_size=12))
def test_an_independent_validator_agrees_on_any_twelve_digits(text: str) -> None:
    if vn_ident.is_valid_cccd(text):
        parse_personal_id(text)
    else:
        with refused("personal_id.province_unknown"):
            parse_personal_id(text)


@pytest.mark.parametrize(
    "text",
    ["", "05209000012", "0520900001234", "05209000012a", " 052090000123", "052090000123\n", "٠٥٢٠٩٠٠٠٠١٢٣"],
)
def test_anything_but_twelve_digits_is_refused(text: str) -> None:
    with refused("personal_id.format"):
        parse_personal_id(text)


@given(PERSONAL_IDS, st.sampled_from(DIGITS))
def test_another_century_digit_contradicts_sex_or_birth_year(personal_id: str, digit: str) -> None:
    parts = parse_personal_id(personal_id)
    born = date(parts.birth_year, 6, 15)
    check_personal_id_agrees(personal_id, sex=parts.sex, date_of_birth=born)
    if digit != personal_id[3]:
        with pytest.raises(ValueError, match="does not agree"):
            changed = personal_id[:3] + digit + personal_id[4:]
            check_personal_id_agrees(changed, sex=parts.sex, date_of_birth=born)


@given(PERSONAL_IDS, st.integers(4, 5), st.sampled_from(DIGITS))
def test_another_year_digit_contradicts_the_birth_year(personal_id: str, position: int, digit: str) -> None:
    year = parse_personal_id(personal_id).birth_year
    if digit != personal_id[position]:
        changed = personal_id[:position] + digit + personal_id[position + 1 :]
        with refused("personal_id.birth_year_mismatch"):
            check_personal_id_agrees(changed, date_of_birth=year)


def test_each_contradiction_has_its_rule() -> None:
    with refused("personal_id.sex_mismatch"):
        check_personal_id_agrees("052090000123", sex=Sex.FEMALE)
    with refused("personal_id.birth_year_mismatch"):
        check_personal_id_agrees("052090000123", date_of_birth=date(1991, 1, 1))
    check_personal_id_agrees("052090000123")


def test_a_country_can_be_added_to_the_table() -> None:
    table = {"999": PersonalIdPrefix("999", "Atlantis", "country")}
    assert parse_personal_id("999090000123", prefixes=table).born_abroad
    with refused("personal_id.province_unknown"):
        parse_personal_id("999090000123")


def test_the_legacy_card_has_nine_digits() -> None:
    assert parse_legacy_id_card("211234567") == "211234567"
    for text in ("21123456", "2112345678", "21123456x", ""):
        with refused("legacy_id_card.format"):
            parse_legacy_id_card(text)
