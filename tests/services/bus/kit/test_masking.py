"""What an operator may see of a payload, and how one is put right."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bus.kit.masking import masked, merged

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def test_what_may_be_personal_is_shown_by_its_length() -> None:
    payload = {
        "type": "vn.truc.civil.birth-registered.v1",
        "time": "2026-11-22T08:00:00+07:00",
        "data": {
            "full_name": "Nguyễn Văn An",
            "personal_id": "052090000001",
            "status": 4,
            "date_of_birth": "1990-05-17",
        },
    }
    shown = masked(payload)
    assert (shown["type"], shown["time"]) == (payload["type"], payload["time"])
    assert shown["data"] == {
        "full_name": "*** (13)",
        "personal_id": "*** (12)",
        "status": 4,
        "date_of_birth": "*** (10)",
    }


@given(JSON)
def test_masking_keeps_the_shape(payload: Any) -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shape(each) for key, each in value.items()}
        return [shape(each) for each in value] if isinstance(value, list) else type(value)

    assert shape(masked(payload)) == shape(payload)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_is_applied_as_rfc_7396_has_it(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result
