"""Verification codes: what is typed is understood, what is mistyped is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.results.codes import ALPHABET, LENGTH, grouped, new_verification_code, parse_verification_code
from tests.contracts.refusals import refused

codes = st.builds(new_verification_code)


@given(codes)
def test_a_new_code_is_letters_and_digits_in_fours(code: str) -> None:
    assert parse_verification_code(code) == code
    groups = code.split("-")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert set("".join(groups)) <= set(ALPHABET)


def test_codes_differ() -> None:
    assert len({new_verification_code() for _ in range(2_000)}) == 2_000


@given(codes, st.randoms())
def test_case_hyphens_and_lookalikes_do_not_matter(code: str, random: object) -> None:
    plain = code.replace("-", "")
    typed = plain.lower().replace("0", "o").replace("1", "l")
    assert parse_verification_code(typed) == code
    assert parse_verification_code(f"  {plain[:5]} – {plain[5:]}.") == code


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(code: str, place: int, wrong: str) -> None:
    plain = code.replace("-", "")
    if plain[place] != wrong:
        with refused("verification_code.check"):
            parse_verification_code(plain[:place] + wrong + plain[place + 1 :])


@given(codes, st.integers(0, LENGTH - 2))
def test_two_neighbours_that_changed_places_are_found(code: str, place: int) -> None:
    plain = code.replace("-", "")
    a, b = plain[place], plain[place + 1]
    if a != b:
        with refused("verification_code.check"):
            parse_verification_code(plain[:place] + b + a + plain[place + 2 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "7KQ3",
        "7KQ3-M9XA-0T5D-E2R",
        "7KQ3-M9XA-0T5D-E2RVX",
        "7KQ3-M9XA-0T5D-E2RU",
        "ạ" * 16,
        "*" * 16,
        "٣" * 16,
    ],
)
def test_other_text_is_no_code(text: str) -> None:
    with refused("verification_code.format"):
        parse_verification_code(text)


def test_an_endless_text_costs_nothing() -> None:
    with refused("verification_code.format"):
        parse_verification_code("7" * 1_000_000)


def test_groups() -> None:
    assert grouped("ABCDEFGHJKMNPQRS") == "ABCD-EFGH-JKMN-PQRS"
