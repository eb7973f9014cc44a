"""Identifiers made by us: UUID version 7, so that what is made later also sorts later."""

from __future__ import annotations

import uuid_utils


def new_id() -> str:
    """A new UUIDv7 in canonical text form, increasing within a process."""
    return str(uuid_utils.uuid7())
