"""What the values of e-forms are called: choices, and fields whose schema leaves them without a title."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from contracts.catalogue.files import read_rows
from contracts.problems import Text


@cache
def form_words() -> Mapping[str, Text]:
    """By value or name of the field."""
    return {value: Text(vi, en) for value, vi, en in read_rows("form-words.csv", "value", "vi", "en")}
