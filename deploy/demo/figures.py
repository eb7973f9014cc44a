"""What Bình Định reported of 1 January to 20 June 2023, and what had to be assumed beside it.

Reported: the dossiers, those verified in the population data, and the verifications by channel. The channels
add up to 149 more than the dossiers verified; read here as second looks: a dossier whose applicant was checked
once more. Both counts are shown, and never forced to agree.

Assumed, because no report says it: all dossiers came in over the channels as the verified ones did (the report
names none by post); who was not verified was unknown to the population data (7 of 10), or stated otherwise
there (3 of 10).
"""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Final

REPORTED_DOSSIERS: Final = 218_262
REPORTED_VERIFIED: Final = 127_152
VERIFICATIONS_DIRECT: Final = 94_510
VERIFICATIONS_ONLINE: Final = 32_791
SECOND_LOOKS: Final = VERIFICATIONS_DIRECT + VERIFICATIONS_ONLINE - REPORTED_VERIFIED
SCALE: Final = 100
DEFAULT_DOSSIERS: Final = round(REPORTED_DOSSIERS / SCALE)
MISMATCHED_PER_10_UNVERIFIED: Final = 3

CITIZENS: Final = 5_000
STRANGERS: Final = 2_500
"""People like the citizens, whom the population data do not hold."""
SEED: Final = 2023
BY_SYSTEMS: Final = (1, 5)
"""One dossier in five is carried out by the systems of the province: our own choice."""
AS_IF_TODAY: Final = date(2026, 11, 22)
"""The day cases for systems are dated by, unless another is given."""
OF_AGE: Final = date(2005, 1, 1)
"""Born before that day: 18 when the half year began."""


class Selection:
    """Draws without replacement: of the next `total` calls exactly `wanted` are true, in random order.

    Knuth's selection sampling: shares come out exact, and nothing has to be kept.
    """

    __slots__ = ("_left", "_rng", "_wanted")

    def __init__(self, rng: Random, total: int, wanted: int) -> None:
        self._rng = rng
        self._left = total
        self._wanted = min(wanted, total)

    def next(self) -> bool:
        """Whether this one is chosen. False once all calls are used up."""
        if self._left <= 0:
            return False
        chosen = self._rng.random() * self._left < self._wanted
        self._left -= 1
        self._wanted -= chosen
        return chosen


def share(dossiers: int, part: int, whole: int) -> int:
    """How many of `dossiers` correspond to `part` of `whole`, rounded to the nearest."""
    return (dossiers * part + whole // 2) // whole
