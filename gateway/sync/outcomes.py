"""What an answer of the portal means for the dossier it is about: a pure function over status and body.

    Delivered ─── the portal has it
    Exists ────── a create of what is there: send it as an update
    Unknown ───── the portal does not have the dossier: send it as a create
    SessionOver ─ log in again, then send the same
    Refused ───── for its content: the same again brings the same; a dead letter
    Retry ─────── anything that may succeed later, and anything that cannot be understood

Rubbish is never success and never a refusal: nothing in it says what became of the call. Codes and texts:
domain 1.4. No outcome carries personal data except the portal's own words in `reason`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

from contracts.portal import STRICT, SUCCESS_WORDS, ErrorCode, PortalProfile

REASON_LENGTH: Final = 1_000


class Trouble(StrEnum):
    """Why a call has to be tried again."""

    TRANSPORT = "transport"
    """No answer: refused, reset, timed out."""
    OVERLOADED = "overloaded"
    """It asks for patience (429)."""
    AWAY = "away"
    """502, 503, 504 and addresses that lead nowhere: the portal as a whole, not this dossier."""
    FAULTY = "faulty"
    """Another 5xx: perhaps the portal stumbles over this very dossier."""
    RUBBISH = "rubbish"
    """An answer that is none: HTML, nothing, half a document, another shape, success with an error text."""
    SESSION = "session"
    """No session to be had: the login fails, or a new session is refused too."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Done, or done before. `result` is what a lookup or a poll gave."""

    result: Any = None


@dataclass(frozen=True, slots=True)
class Exists:
    """`codes`: the dossiers the portal named, perhaps none."""

    codes: frozenset[str]
    error_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """`codes`: the dossiers the portal named, perhaps none."""

    codes: frozenset[str]
    error_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class SessionOver:
    """`certain`: the code says so; else only the words do."""

    certain: bool
    error_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """`codes`: the dossiers the portal named, perhaps none."""

    codes: frozenset[str]
    error_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """`blames`: it may be this dossier's content that breaks the portal, so such answers are counted."""

    trouble: Trouble
    reason: str
    blames: bool = False


Outcome = Delivered | Exists | Unknown | SessionOver | Refused | Retry

_SUCCESS_CODES = frozenset({ErrorCode.OK.value, ErrorCode.OK_2019.value})
_EXISTING_CODES = frozenset({ErrorCode.EXISTS.value, ErrorCode.EXISTS_NEGATIVE.value})
_GOOD_WORDS = (SUCCESS_WORDS, "success", "ok")
_SESSION_WORDS = ("phiên làm việc", "phiên đăng nhập", "hết phiên", "đăng nhập lại", "session")
_EXISTING_WORDS = ("đã tồn tại",)
_UNKNOWN_WORDS = ("chưa tồn tại", "không tồn tại", "không tìm thấy")
_AWAY = frozenset({404, 405, 408, 421, 425, 502, 503, 504})


def classify(status: int, body: bytes, profile: PortalProfile = STRICT) -> Outcome:
    """What the answer with this HTTP status and body means. Never raises."""
    if status != 200:
        return _by_status(status)
    try:
        reply = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _rubbish("HTML" if body.lstrip()[:1] == b"<" else "no JSON" if body.strip() else "nothing")
    if not isinstance(reply, dict):
        return _rubbish("JSON of another shape")
    code, message = reply.get("error_code"), reply.get("message")
    if isinstance(code, bool) or not isinstance(code, str | int):
        return _rubbish("JSON without an error_code")
    return _by_code(str(code).strip(), message if isinstance(message, str) else "", reply, profile)


def _by_status(status: int) -> Outcome:
    reason = f"HTTP {status}"
    if status in (401, 403):
        return SessionOver(True, str(status), reason)
    if status == 429:
        return Retry(Trouble.OVERLOADED, reason)
    if status in _AWAY or status < 200 or 300 <= status < 400:
        return Retry(Trouble.AWAY, reason)
    if 400 <= status < 500:
        return Refused(frozenset(), f"http-{status}", reason)
    if status >= 500:
        return Retry(Trouble.FAULTY, reason, blames=True)
    return _rubbish(reason)


def _by_code(code: str, message: str, reply: dict[str, Any], profile: PortalProfile) -> Outcome:
    text = _folded(message)
    if code in _SUCCESS_CODES or code == str(profile.success_code):
        if not text or any(word in text for word in _GOOD_WORDS):
            return Delivered(reply.get("result"))
        return _rubbish(f"success with another text: {message}")
    reason = message[:REASON_LENGTH] or f"error_code {code}"
    if code == profile.session_code:
        return SessionOver(True, code, reason)
    named = _codes(reply.get("result"))
    if code in _EXISTING_CODES or code == profile.existing_code:
        return Exists(named, code, reason)
    if any(word in text for word in _SESSION_WORDS):
        return SessionOver(False, code, reason)
    if "hồ sơ" in text:
        if any(word in text for word in _EXISTING_WORDS):
            return Exists(named, code, reason)
        if any(word in text for word in _UNKNOWN_WORDS):
            return Unknown(named, code, reason)
    return Refused(named, code, reason)


def _folded(message: str) -> str:
    """For comparing: some senders write Vietnamese with combining marks, some in capitals."""
    return message.casefold() if message.isascii() else unicodedata.normalize("NFC", message).casefold()


def _codes(result: object) -> frozenset[str]:
    items = result if isinstance(result, list) else []
    codes = (item.get("MaHoSo") for item in items if isinstance(item, dict))
    return frozenset(code for code in codes if isinstance(code, str))


def _rubbish(what: str) -> Retry:
    return Retry(Trouble.RUBBISH, f"unreadable answer: {what}"[:REASON_LENGTH], blames=True)
