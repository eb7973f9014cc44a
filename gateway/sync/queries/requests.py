"""What is known of citizens' requests, and which declined ones are still to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from gateway.sync.models import IS_PENDING, Decline
from services.bus.kit.tx import Tx


@dataclass(frozen=True, slots=True)
class PendingDecline:
    """A declined request the portal has not been told of."""

    reference: str
    request: int
    reason: str
    at: datetime
    attempts: int


def pending_declines(tx: Tx, limit: int) -> list[PendingDecline]:
    """The oldest ones."""
    rows = select(Decline).where(IS_PENDING).order_by(Decline.at).limit(limit)
    return [
        PendingDecline(row.reference, row.request, row.reason, row.at, row.attempts) for row in tx.scalars(rows)
    ]
