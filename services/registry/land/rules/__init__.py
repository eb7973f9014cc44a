"""The rules of the land registry as pure functions of a situation; their texts are in `contracts.catalogue`."""

from services.registry.land.rules.judge import Finding, Verdict, judge, needs_tax_notice
from services.registry.land.rules.situation import (
    HolderNow,
    LettingNow,
    PendingNow,
    RestrictionNow,
    Situation,
)

__all__ = [
    "Finding",
    "HolderNow",
    "LettingNow",
    "PendingNow",
    "RestrictionNow",
    "Situation",
    "Verdict",
    "judge",
    "needs_tax_notice",
]
