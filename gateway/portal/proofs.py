"""Who may see personal data of a dossier: whoever names the personal id or the phone number given with it.

A right answer is remembered in a sealed cookie that is good for one code and a quarter of an hour, and says
nothing to anybody but this process. Comparison takes the same time whatever differs.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

GOOD_FOR = timedelta(minutes=15)
_NOT_A_DIGIT = re.compile(r"[^0-9]")


def proves(answer: str, known: Iterable[str | None]) -> bool:
    """True if `answer` is one of the known numbers, however it is spaced; +84 counts as a leading 0."""
    given = _normal(answer)
    right = False
    for number in known:
        if number and len(own := _normal(number)) >= 8:
            right |= hmac.compare_digest(own, given)
    return right


def _normal(number: str) -> str:
    digits = _NOT_A_DIGIT.sub("", number[:100])
    if number.strip().startswith("+84"):
        return "0" + digits.removeprefix("84")
    return digits


class ProofSeal:
    """Makes and reads the cookie. Its key lives and dies with the process."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def seal(self, code: str, now: datetime) -> str:
        """The cookie's value: good for `code` from now on."""
        until = int((now + GOOD_FOR).timestamp())
        return f"{until}.{self._mac(code, until)}"

    def holds(self, code: str, cookie: str | None, now: datetime) -> bool:
        """True if the cookie was sealed here for this code and has not run out."""
        until, _, mac = (cookie or "").partition(".")
        if not (until.isascii() and until.isdigit() and len(until) <= 12) or int(until) <= now.timestamp():
            return False
        return hmac.compare_digest(mac.encode(), self._mac(code, int(until)).encode())

    def _mac(self, code: str, until: int) -> str:
        return hmac.digest(self._key, f"{code}\x00{until}".encode(), "sha256").hex()
