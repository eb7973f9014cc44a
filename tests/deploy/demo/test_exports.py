"""Three sorted lists laid side by side; one that is not sorted is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.demo.exports import _joined
from deploy.local.errors import RunnerError

pytestmark = pytest.mark.anyio


async def side(*codes: str) -> AsyncIterator[tuple[str, Any]]:
    for code in codes:
        yield code, code.lower()


async def test_each_code_comes_once_with_what_each_side_has() -> None:
    sides = [side("A", "B", "D"), side("B", "D"), side("B", "C")]
    assert [each async for each in _joined(sides)] == [
        ("A", ["a", None, None]),
        ("B", ["b", "b", "b"]),
        ("C", [None, None, "c"]),
        ("D", ["d", "d", None]),
    ]


async def test_nothing_at_all_is_nothing() -> None:
    assert [each async for each in _joined([side(), side(), side()])] == []


@pytest.mark.parametrize("codes", [("B", "A"), ("A", "A")])
async def test_a_list_that_is_not_sorted_proves_nothing(codes: tuple[str, str]) -> None:
    with pytest.raises(RunnerError, match="not sorted"):
        _ = [each async for each in _joined([side("A", "B"), side(*codes), side()])]
