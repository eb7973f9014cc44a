"""The verification code on a result (mã tra cứu): sixteen characters that a person can type from paper.

Crockford's base 32 with its check symbol (modulo 37): fifteen random characters, then one that finds any single
wrong character and any two neighbours that changed places. Codes whose check symbol would be a sign (*~$=) or U
are never given, so a code is letters and digits only; 74.8 random bits are left, too many to guess.
"""

from __future__ import annotations

import re
import secrets
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

from contracts.rules import refuse

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 16
_MODULUS: Final = 37
_BITS: Final = 5 * (LENGTH - 1)
_READ_AS: Final = str.maketrans("OIL", "011")
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015.]+")
_SHAPE: Final = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")


def new_verification_code() -> str:
    """A new code, written as it is printed: `7KQ3-M9XA-...`."""
    while True:
        number = secrets.randbits(_BITS)
        if number % _MODULUS < len(ALPHABET):
            body = "".join(ALPHABET[number >> shift & 31] for shift in range(_BITS - 5, -1, -5))
            return grouped(body + ALPHABET[number % _MODULUS])


def parse_verification_code(text: str) -> str:
    """The code as it is printed, whatever case and hyphens it was typed with; O is read as 0, I and L as 1.

    Raises verification_code.format, verification_code.check (something was mistyped).
    """
    plain = _BETWEEN.sub("", text[:60]).upper().translate(_READ_AS)
    if not _SHAPE.fullmatch(plain):
        raise refuse("verification_code.format", length=LENGTH)
    number = 0
    for symbol in plain[:-1]:
        number = number << 5 | ALPHABET.index(symbol)
    if number % _MODULUS != ALPHABET.index(plain[-1]):
        raise refuse("verification_code.check")
    return grouped(plain)


def grouped(plain: str) -> str:
    """Sixteen characters in fours."""
    return "-".join(plain[at : at + 4] for at in range(0, LENGTH, 4))


VerificationCode = Annotated[
    str,
    AfterValidator(parse_verification_code),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[0-9A-HJKMNP-TV-Za-z.\\s-]{16,60}$",
            "examples": ["7KQ3-M9XA-0T5D-E2RV"],
        }
    ),
]
