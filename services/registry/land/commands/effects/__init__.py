"""What each kind of change does to the book, once the rules have let it through: one function a kind.

Each takes the book, the parcel, the situation that was judged and the number of the change, and gives what it did.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from contracts.land import ChangeKind
from services.registry.land.commands.book import Book, Outcome
from services.registry.land.commands.effects import (
    certificates,
    descriptions,
    handover,
    lettings,
    mortgages,
    shapes,
)
from services.registry.land.models import Parcel
from services.registry.land.rules import Situation

Effect = Callable[[Book, Parcel, Situation, str], Outcome]

EFFECTS: Final[dict[ChangeKind, Effect]] = {
    ChangeKind.TRANSFER: handover.hand_over,
    ChangeKind.GIFT: handover.hand_over,
    ChangeKind.INHERITANCE: handover.hand_over,
    ChangeKind.LEASE: lettings.let,
    ChangeKind.SUBLEASE: lettings.let,
    ChangeKind.MORTGAGE: mortgages.mortgage,
    ChangeKind.MORTGAGE_DELETION: mortgages.delete,
    ChangeKind.SPLIT: shapes.split,
    ChangeKind.MERGE: shapes.merge,
    ChangeKind.PURPOSE: descriptions.change_purpose,
    ChangeKind.REISSUE: certificates.reissue,
    ChangeKind.CORRECTION: descriptions.change_details,
    ChangeKind.DETAILS: descriptions.change_details,
}

__all__ = ["EFFECTS", "Effect"]
