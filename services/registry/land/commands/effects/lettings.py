"""Lease and sublease (cho thuê, cho thuê lại): a right of its own, derived from the one it is under."""

from __future__ import annotations

from contracts.land import RightKind, RightSource
from services.registry.land.commands.book import Book, Outcome, holder_of
from services.registry.land.models import Parcel
from services.registry.land.rules import Situation


def let(book: Book, parcel: Parcel, now: Situation, number: str) -> Outcome:
    """The lessees hold a right until its term; the certificate stays as it is."""
    lease = now.asked.kind == "lease"
    right_id = book.begin_right(
        parcel.key,
        RightKind.LEASE if lease else RightKind.SUBLEASE,
        (RightSource.LEASE if lease else RightSource.SUBLEASE).value,
        now.asked.until,
        [holder_of(each) for each in now.asked.lessees],
        under=now.right_id if lease else now.asked.lease,
    )
    return Outcome(effects={"right": right_id, "until": now.asked.until.isoformat()})
