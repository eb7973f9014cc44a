"""Tax codes: the check digit catches what it should, and two independent libraries agree."""

import pytest
import stdnum.vn.mst
import vn_ident
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from contracts.identifiers import TaxCode, parse_tax_code, tax_check_digit
from tests.contracts.refusals import refused

DIGITS = "0123456789"
STEMS = st.text(DIGITS, min_size=9, max_size=9)


@st.composite
def tax_codes(draw: st.DrawFn) -> str:
    stem = draw(STEMS)
    check = tax_check_digit(stem)
    assume(check is not None and stem[2:] != "0000000")
    return f"{stem}{check}"


def ours(text: str) -> bool:
    try:
        parse_tax_code(text)
    except ValueError:
        return False
    return True


@given(STEMS)
def test_the_check_digit_is_the_one_others_compute(stem: str) -> None:
    check = tax_check_digit(stem)
    assert (str(check) if check is not None else "10") == stdnum.vn.mst.calc_check_digit(stem)


@given(st.text(DIGITS, min_size=10, max_size=10) | tax_codes())
def test_two_libraries_agree_on_any_ten_digits(text: str) -> None:
    assert ours(text) == stdnum.vn.mst.is_valid(text) == vn_ident.is_valid_mst(text)


@given(tax_codes(), st.text(DIGITS, min_size=3, max_size=3))
def test_two_libraries_agree_on_branches(main: str, branch: str) -> None:
    text = f"{main}-{branch}"
    assert ours(text) == stdnum.vn.mst.is_valid(text) == vn_ident.is_valid_mst(text)


@given(tax_codes(), st.integers(0, 9), st.sampled_from(DIGITS))
def test_any_single_wrong_digit_is_refused(code: str, position: int, digit: str) -> None:
    assume(digit != code[position])
    assert not ours(code[:position] + digit + code[position + 1 :])


def test_a_branch_has_one_spelling() -> None:
    adapter = TypeAdapter(TaxCode)
    assert adapter.validate_python("0100233488001") == "0100233488-001"
    assert adapter.validate_python("0100233488-001") == "0100233488-001"
    assert adapter.validate_python("0100233488") == "0100233488"
    assert parse_tax_code("0100233488-001") == ("0100233488", "001")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "format"),
        ("010023348", "format"),
        ("0100233488-01", "format"),
        ("0100 233 488", "format"),
        ("٠١٠٠٢٣٣٤٨٨", "format"),
        ("0100000000", "stem_empty"),
        ("0301010450", "never_issued"),
        ("0100233489", "check_digit"),
        ("0100233488-000", "branch_zero"),
    ],
)
def test_a_bad_code_is_refused_by_its_rule(text: str, rule: str) -> None:
    with refused(f"tax_code.{rule}"):
        parse_tax_code(text)
