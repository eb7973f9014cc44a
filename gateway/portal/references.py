"""The portal's own submission reference (mã tiếp nhận của Cổng), such as `DV261122-7KQ3M9XA`.

Whoever knows one can follow its submission, so the second half is random enough not to be guessed: 40 bits,
behind a limit on wrong guesses.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import TypeGuard

from contracts.portal import format_portal_time

# Crockford's alphabet: nothing in it is read as something else over the telephone
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFERENCE = re.compile(rf"DV\d{{6}}-[{_LETTERS}]{{8}}")


def new_reference(now: datetime) -> str:
    """A reference nobody can guess, for a submission made `now`."""
    return f"DV{format_portal_time(now)[2:8]}-{''.join(secrets.choice(_LETTERS) for _ in range(8))}"


def is_reference(text: str | None) -> TypeGuard[str]:
    """True if `text` is written like one of ours; a province may put receipt numbers in the same field."""
    return text is not None and _REFERENCE.fullmatch(text) is not None
