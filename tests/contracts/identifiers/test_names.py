"""Names and phone numbers: one spelling each, and nothing hidden inside."""

import unicodedata

import pytest
import vn_ident
from hypothesis import given
from hypothesis import strategies as st

from contracts.identifiers import parse_person_name, parse_phone_number
from tests.contracts.refusals import refused

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
WORDS = st.text(VIETNAMESE, min_size=1, max_size=7).map(str.capitalize)
NAMES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


@given(NAMES)
def test_a_vietnamese_name_is_already_canonical(name: str) -> None:
    assert parse_person_name(name) == name


@given(NAMES)
def test_decomposed_letters_and_loose_spaces_become_the_same_name(name: str) -> None:
    loose = "  " + unicodedata.normalize("NFD", name).replace(" ", "   ") + "\u00a0"
    assert parse_person_name(loose) == name


@given(st.text(max_size=120))
def test_what_is_accepted_is_canonical_and_what_is_not_names_its_rule(text: str) -> None:
    try:
        name = parse_person_name(text)
    except ValueError as error:
        assert getattr(error, "type", "").startswith("person_name.")
    else:
        assert parse_person_name(name) == name
        assert unicodedata.is_normalized("NFC", name)
        assert len(name) <= 100
        assert name == " ".join(name.split())


@pytest.mark.parametrize("name", ["H'Hen Niê", "Y Ê-ban", "Nguyễn Thị Mai Th. Hoa", "Đinh Ơ", "José García"])
def test_names_of_minorities_and_foreigners_pass(name: str) -> None:
    assert parse_person_name(name) == name


def test_a_curly_apostrophe_is_the_straight_one() -> None:
    assert parse_person_name("H\u2019Hen Niê") == parse_person_name("H'Hen Niê")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("Nguyễn\tVăn An", "control_character"),
        ("Nguyễn Văn An\n", "control_character"),
        ("Nguyễn\u200bVăn An", "control_character"),
        ("Nguyễn\u202eVăn An", "control_character"),
        ("Nguyễn Văn An\x00", "control_character"),
        ("Nguyễn Văn 4n", "character"),
        ("Nguyễn <b>An</b>", "character"),
        ("Нгуен", "character"),
        ("阮文安", "character"),
        ("×÷", "character"),
        ("-An", "start"),
        ("a" * 101, "too_long"),
        ("a" * 1_000_000, "too_long"),
    ],
)
def test_a_bad_name_is_refused_by_its_rule(text: str, rule: str) -> None:
    with refused(f"person_name.{rule}"):
        parse_person_name(text)


def test_a_hundred_letters_pass_however_they_are_encoded() -> None:
    assert parse_person_name("ệ" * 100) == "ệ" * 100
    assert parse_person_name(unicodedata.normalize("NFD", "ệ" * 100)) == "ệ" * 100


@pytest.mark.parametrize(
    "text", ["0905123456", "+84905123456", "84905123456", "0084905123456", "+84 905 123 456", "0905.123.456",
             "0905-123-456", " 0905 123 456 "],
)  # fmt: skip
def test_the_ways_to_write_a_mobile_number(text: str) -> None:
    assert parse_phone_number(text) == "0905123456"


def test_a_fixed_line_has_eleven_digits() -> None:
    assert parse_phone_number("0256 3822 294") == "02563822294"


@pytest.mark.parametrize(
    "text", ["", "905123456", "0105123456", "090512345", "09051234567", "+1 905 123 4567", "0905  123456",
             "0905123456\n", "0905-123-45a", "++84905123456"],
)  # fmt: skip
def test_what_is_no_vietnamese_number(text: str) -> None:
    with refused("phone_number.format"):
        parse_phone_number(text)


@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True), st.sampled_from(["0", "+84", "84"]))
def test_an_independent_parser_agrees_on_mobile_numbers(number: str, prefix: str) -> None:
    text = prefix + number[1:]
    assert parse_phone_number(text) == vn_ident.normalize_phone(text) == number
