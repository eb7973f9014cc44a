"""Passwords of operators: made here, or chosen and then long enough. Hashed like the secrets of members."""

from __future__ import annotations

import secrets
from typing import Final

from services.bus.hub.secrets import hash_secret, matches_hash

__all__ = ["LONGEST", "SHORTEST", "hash_secret", "matches_hash", "new_password"]

SHORTEST: Final = 12
LONGEST: Final = 200
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another when read aloud or typed from paper."""


def new_password() -> str:
    """Four groups of five letters, some 99 bits: kq7mv-x2n4p-84dhe-w9rtc."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
