"""Asserting that a value is refused by one rule and no other."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic_core import PydanticCustomError


@contextmanager
def refused(rule: str) -> Iterator[None]:
    """The block must refuse its value by `rule`."""
    with pytest.raises(PydanticCustomError) as caught:
        yield
    assert caught.value.type == rule
