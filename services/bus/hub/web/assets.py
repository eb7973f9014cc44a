"""Files of the pages: one stylesheet, small scripts, an emblem. Their address changes with their content, so that
browsers keep them for good. Nothing comes from anywhere else."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response

from contracts.problems import ROUTE_NOT_FOUND, Problem

STATIC: Final = Path(__file__).parent / "static"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@cache
def asset(name: str) -> str:
    """The address of a file."""
    return f"/console/assets/{_digest(name)}/{name}"


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def _names() -> frozenset[str]:
    return frozenset(each.name for each in STATIC.iterdir() if each.suffix in _TYPES)


@router.get("/console/assets/{digest}/{name}")
def show_asset(digest: str, name: str) -> Response:
    """A file. An old digest gets today's, for this once."""
    if name not in _names():
        raise Problem(ROUTE_NOT_FOUND, path="/console/assets")
    kept = _FOR_GOOD if digest == _digest(name) else "no-store"
    file = STATIC / name
    return Response(file.read_bytes(), 200, {"Cache-Control": kept}, _TYPES[file.suffix])
