"""What the hub takes and shows as JSON, outside OAuth (whose own forms are in `grants` and `api/oauth`).

A secret leaves the hub in one answer only, the one of the request that made it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema
from pydantic_core import PydanticKnownError

from contracts import scopes as known
from services.bus.kit.api import Body

CLIENT_ID_PATTERN: Final = r"^[a-z0-9][a-z0-9.-]{1,62}[a-z0-9]$"
MIN_SECRET: Final = 12

_SCOPES: Final = sorted(known.ALL)


def _known_scope(value: str) -> str:
    if value not in known.ALL:
        expected = " or ".join([", ".join(f"'{scope}'" for scope in _SCOPES[:-1]), f"'{_SCOPES[-1]}'"])
        raise PydanticKnownError("enum", {"expected": expected})
    return value


Scope = Annotated[str, AfterValidator(_known_scope), WithJsonSchema({"type": "string", "enum": _SCOPES})]
Scopes = Annotated[list[Scope], Field(max_length=len(_SCOPES)), AfterValidator(lambda given: sorted(set(given)))]
ClientId = Annotated[str, Field(pattern=CLIENT_ID_PATTERN)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Status = Literal["active", "suspended"]


class NewMember(Body):
    """A member to create. The hub makes its secret."""

    client_id: ClientId
    name: Name
    scopes: Scopes


class MemberEntry(NewMember):
    """One entry of the members file: it brings its secret along."""

    secret: Annotated[str, Field(min_length=MIN_SECRET, max_length=500)]


class MemberChange(Body):
    """What to change; a field left out stays as it is."""

    name: Name | None = None
    scopes: Scopes | None = None


class MemberView(BaseModel):
    """A member, without its secret."""

    client_id: str
    version: int
    name: str
    status: Status
    scopes: list[str]
    created_at: datetime
    changed_at: datetime
    secret_changed_at: datetime


class MemberWithSecret(MemberView):
    """A member with the secret just made; null when this answer is a repetition (Idempotency-Replayed)."""

    client_secret: str | None = None


class SigningKeyView(BaseModel):
    """A signing key. `published_until` is when the last token signed with a retired key has expired."""

    kid: str
    algorithm: Literal["EdDSA"] = "EdDSA"
    created_at: datetime
    retired_at: datetime | None
    published_until: datetime | None


class SigningKeys(BaseModel):
    """Every key the hub remembers, newest first."""

    items: list[SigningKeyView]
