"""promtool and prometheus, where they are installed."""

from __future__ import annotations

import os
import shutil

import pytest


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed (Debian's package prometheus)")
    return found


@pytest.fixture
def promtool() -> str:
    return _program("promtool")


@pytest.fixture
def prometheus() -> str:
    return _program("prometheus")
