"""promtool and prometheus, where they are installed."""

from __future__ import annotations

import os
import shutil

import pytest


def program(name: str) -> str:
    """Where it is; without it a test fails on a machine that promises it (CI) and is skipped elsewhere."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed (Debian's package prometheus)")
    return found


@pytest.fixture
def promtool() -> str:
    return program("promtool")


@pytest.fixture
def prometheus() -> str:
    return program("prometheus")
