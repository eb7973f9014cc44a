"""What several routes share."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import Field

from contracts import scopes
from contracts.population.values import Line
from services.bus.kit.access_token import Caller
from services.bus.kit.api import requires

Reader = Annotated[Caller, requires(scopes.MINISTRIES_READ)]
Director = Annotated[Caller, requires(scopes.MINISTRIES_PERSONAS)]
Player = Annotated[Caller, requires(scopes.MINISTRIES_ANSWER)]

Kind = Annotated[Annotated[Line, Field(min_length=1, max_length=60)] | None, Query()]
TaskId = Annotated[Annotated[Line, Field(min_length=1, max_length=100)], Path()]


def version_tag(view: Any) -> dict[str, str]:
    """The ETag of a view with a version, for `If-Match`."""
    return {"ETag": f'"{view.version}"'}
