"""Who has failed to log in too often waits. Pure: the counts are kept in the database, so a restart forgives
nothing.

An account is closed to everybody for a while after a few failures in a row; an address, behind which may be an
office, after more of them. The time doubles with each further failure. A new password opens an account again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

ACCOUNT_TRIES: Final = 5
ADDRESS_TRIES: Final = 30
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(minutes=30)
FORGOTTEN_AFTER: Final = timedelta(hours=6)
"""Without a further failure."""


@dataclass(frozen=True, slots=True)
class Key:
    """What failures are counted for, and how many are let pass."""

    text: str
    tries: int


def account_key(username: str) -> Key:
    """An account, also one that does not exist: nobody learns which do."""
    return Key("account:" + hashlib.sha256(username.encode()).hexdigest()[:32], ACCOUNT_TRIES)


def address_key(address: str) -> Key:
    return Key(f"address:{address}"[:100], ADDRESS_TRIES)


def blocked_until(key: Key, failures: int, now: datetime) -> datetime | None:
    """Until when after so many failures, if at all."""
    if failures < key.tries:
        return None
    wait: timedelta = min(FIRST_WAIT * 2 ** min(failures - key.tries, 10), LONGEST_WAIT)
    return now + wait
