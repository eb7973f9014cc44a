"""A certificate is exchanged, or issued anew because it was lost (cấp đổi, cấp lại do mất)."""

from __future__ import annotations

from contracts.land import CertificateState
from services.registry.land.commands.book import Book, Outcome
from services.registry.land.models import Parcel
from services.registry.land.rules import Situation


def reissue(book: Book, parcel: Parcel, now: Situation, number: str) -> Outcome:
    """The old certificate ends as replaced or lost, and a new one takes its place."""
    state = CertificateState.LOST if now.asked.lost is not None else CertificateState.REPLACED
    replaced = book.withdraw_certificate(parcel.key, state)
    serial = book.issue_certificate(parcel, replaced, now.holders)
    effects = {"certificate": serial, "replaces": replaced, "reason": state.value}
    return Outcome(certificates={parcel.key: serial}, effects=effects)
