"""Canonical JSON against the examples of RFC 8785 and against its own promise."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.results import canonical_json

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53), 2.0**53)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.33333325, "333333333.33333325"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (120.0, "120"),
        (125.5, "125.5"),
    ],
)
def test_numbers_are_written_as_ecmascript_writes_them(value: float, written: str) -> None:
    assert canonical_json(value) == written.encode()


def test_members_are_sorted_by_utf_16() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(canonical_json(value)).values()) == [2, 4, 6, 7, 1, 5, 3]


def test_text_is_escaped_only_where_it_has_to_be() -> None:
    assert canonical_json('€$\x0f\nA\'B"\\\\"/ệ') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/ệ"'.encode()


@given(values)
def test_what_is_read_back_is_the_same_and_written_the_same(value: Any) -> None:
    written = canonical_json(value)
    read = json.loads(written)
    assert read == value
    assert canonical_json(read) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_of_any_size_is_read_back_the_same_and_written_the_same(value: float) -> None:
    written = canonical_json([value])
    (read,) = json.loads(written)
    assert float(read) == value
    assert canonical_json([read]) == written


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        2**53 + 1,
        -(2**60) + 1,
        10**400,
        {1: 2},
        {"a": object()},
        b"x",
        "\ud800",
        {"\ud800": 1},
        {"x": {1, 2}},
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        canonical_json(value)


def test_endless_nesting_is_refused() -> None:
    value: Any = []
    for _ in range(10_000):
        value = [value]
    with pytest.raises(ValueError, match="nested"):
        canonical_json(value)
