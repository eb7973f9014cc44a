"""How the portal answers: {error_code, message}, with `result` of a lookup and `session` of a login.

Every reply is HTTP 200; the code in the body decides. Codes differ between years and deployments (domain 1.4),
so those of one portal are a `PortalProfile`; what a client makes of a reply is the client's own affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.portal.wire import Wire

SUCCESS_WORDS: Final = "thành công"
"""Some clients take a reply as success only if the message contains this."""


class ErrorCode(StrEnum):
    """The codes of the default profile. SESSION is [derived]: the real one is not known."""

    OK = "0"
    OK_2019 = "00"
    INVALID = "-1"
    SESSION = "-2"
    DUPLICATE = "1"
    EXISTS = "3"
    EXISTS_NEGATIVE = "-3"


class ItemError(Wire):
    """Why one item of a refused call was refused [derived]; nothing of that call was done."""

    MaHoSo: str | None = None
    ViTri: str
    MoTa: str


@dataclass(frozen=True, slots=True)
class PortalProfile:
    """How one portal speaks: its codes, and how much it takes a call (no official maximum is known)."""

    success_code: str | int = ErrorCode.OK.value
    existing_code: str = ErrorCode.EXISTS.value
    session_code: str = ErrorCode.SESSION.value
    max_dossiers_per_call: int = 1
    max_progress_per_call: int = 10


STRICT = PortalProfile()
"""What every client seen in the wild stays within: one dossier, ten progress rows a call (domain 1.4)."""

BATCH = PortalProfile(max_dossiers_per_call=50, max_progress_per_call=200)
"""For a portal that takes more a call; the stand-in does by default."""
