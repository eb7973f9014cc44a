"""What the portal answers, and how a client tells success from refusal.

Every reply is HTTP 200; the code in the body decides. Codes differ between years and deployments, so those of
one portal are a `PortalProfile`, and a client accepts every variant that has been seen (domain 1.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

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


class PortalReply(Wire):
    """{error_code, message}, and `result` of a lookup or a catalogue; the code may be a number."""

    error_code: str
    message: str = ""
    result: Any = None


class LoginReply(Wire):
    error_code: str
    message: str = ""
    session: str | None = None


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


class Outcome(StrEnum):
    """What a reply means to the caller. REFUSED is for the content: sending it again will not help."""

    OK = "ok"
    EXISTS = "exists"
    SESSION = "session"
    REFUSED = "refused"


def outcome_of(reply: PortalReply | LoginReply, profile: PortalProfile = STRICT) -> Outcome:
    """Reads a reply as tolerantly as the strictest real client allows: success needs a success code and,
    where there is a message at all, its words. A code that cannot be placed is a refusal."""
    code = reply.error_code.strip()
    if code in (ErrorCode.OK, ErrorCode.OK_2019, str(profile.success_code)):
        said_so = not reply.message or SUCCESS_WORDS in reply.message.casefold()
        return Outcome.OK if said_so else Outcome.REFUSED
    if code == profile.session_code:
        return Outcome.SESSION
    if code in (ErrorCode.EXISTS, ErrorCode.EXISTS_NEGATIVE, profile.existing_code):
        return Outcome.EXISTS
    return Outcome.REFUSED
