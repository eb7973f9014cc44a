"""Land-use codes (mã loại đất); the column `mark` of the file says which are verified in a public source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from contracts.catalogue.files import read_rows
from contracts.problems.text import Text


@cache
def land_uses() -> Mapping[str, Text]:
    """What each code is called."""
    rows = read_rows("land-uses.csv", "code", "vi", "en", "mark")
    return {code: Text(vi, en) for code, vi, en, _ in rows}
