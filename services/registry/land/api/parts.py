"""What several routes share: who may call, keys in a path, the ETag."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from contracts import scopes
from contracts.identifiers import ParcelKey
from services.bus.kit.api import requires
from services.bus.kit.tokens import Caller

Reader = Annotated[Caller, requires(scopes.LAND_READ)]
Writer = Annotated[Caller, requires(scopes.LAND_WRITE)]

ParcelKeyPath = Annotated[ParcelKey, Path()]
IdPath = Annotated[str, Path(min_length=1, max_length=36, pattern=r"^[^\x00-\x1f\x7f]*$")]

IF_MATCH: dict[str, Any] = {
    "parameters": [
        {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}},
        {"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string"}},
    ]
}
"""What the document says of headers that the kit reads."""


def tag(result: Any) -> dict[str, str]:
    """The ETag of the parcel: its version, for `If-Match`."""
    return {"ETag": f'"{result.version}"'}
