"""Where in a document a field stands, as our errors name it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def field_path(location: Sequence[Any]) -> str:
    """pydantic's location as a path: ("body", "applicant", 0, "name") is `body.applicant[0].name`."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else str(part)
    return path
