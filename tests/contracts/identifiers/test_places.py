"""Units, parcels and certificates: only the shape, but the shape exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.identifiers import (
    format_parcel_key,
    parse_certificate_code,
    parse_parcel_geohash,
    parse_parcel_key,
    parse_unit_code,
)
from tests.contracts.refusals import refused


@given(st.from_regex(r"[0-9]{5}", fullmatch=True), st.integers(1, 99_999), st.integers(1, 999_999))
def test_a_parcel_key_written_and_read_again(commune: str, sheet: int, parcel: int) -> None:
    key = format_parcel_key(commune, sheet, parcel)
    assert parse_parcel_key(key) == (commune, sheet, parcel)


@pytest.mark.parametrize("key", ["", "21553-012-345", "21553-0-345", "2155-12-345", "21553/12/345", "21553-12-0"])
def test_a_parcel_has_no_second_key(key: str) -> None:
    with refused("parcel_key.format"):
        parse_parcel_key(key)


def test_a_key_that_could_not_be_read_is_not_written() -> None:
    with refused("parcel_key.format"):
        format_parcel_key("21553", 0, 1)


@given(st.text("0123456789bcdefghjkmnpqrstuvwxyz", min_size=11, max_size=11), st.sampled_from("0vxyz"))
def test_a_parcel_lies_in_vietnam(rest: str, elsewhere: str) -> None:
    assert parse_parcel_geohash("w" + rest) == "w" + rest
    with refused("parcel_geohash.outside_vietnam"):
        parse_parcel_geohash(elsewhere + rest)


@given(st.integers(0, 11), st.sampled_from("ailoW-é "))
def test_letters_outside_the_alphabet_are_refused(position: int, letter: str) -> None:
    code = "w6u2mpv1x0ke"
    with refused("parcel_geohash.format"):
        parse_parcel_geohash(code[:position] + letter + code[position + 1 :])


def test_certificates_of_both_generations() -> None:
    assert parse_certificate_code("T1A2B3C4D5E6") == ("2024", "T1", "A2B3C4D5E6")
    assert parse_certificate_code("2155315000123") == ("barcode", "21553", "15000123")
    assert parse_certificate_code("522155315000123") == ("barcode", "5221553", "15000123")
    for text in ("", "T1A2B3C4D5E", "t1a2b3c4d5e6", "21553150001234", "T1A2-B3C4D5E"):
        with refused("certificate_code.format"):
            parse_certificate_code(text)


@pytest.mark.parametrize("code", ["52", "540", "21553"])
def test_unit_codes_have_two_three_or_five_digits(code: str) -> None:
    assert parse_unit_code(code) == code


@pytest.mark.parametrize("code", ["", "5", "5401", "215530", "5a", "٥٢"])
def test_what_is_no_unit_code(code: str) -> None:
    with refused("unit_code.format"):
        parse_unit_code(code)
