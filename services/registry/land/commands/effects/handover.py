"""Transfer, gift, inheritance (chuyển nhượng, tặng cho, thừa kế): shares pass, and a new certificate is issued."""

from __future__ import annotations

from contracts.land import CertificateState, share_text
from services.registry.land.commands.book import Book, Outcome, holder_of
from services.registry.land.models import Parcel
from services.registry.land.rules import Situation
from services.registry.land.rules.ownership import after_handover


def hand_over(book: Book, parcel: Parcel, now: Situation, number: str) -> Outcome:
    """The givers' shares become the recipients'."""
    shares = after_handover(now)
    known = {each.key: each for each in now.holders} | {
        each.key: holder_of(each, shares[each.key]) for each in now.asked.recipients
    }
    after = [holder_of(known[key], share) for key, share in shares.items()]
    book.reshare(parcel.key, now.right_id, after)
    replaced = book.withdraw_certificate(parcel.key, CertificateState.REPLACED)
    serial = book.issue_certificate(parcel, replaced, after)
    return Outcome(
        certificates={parcel.key: serial},
        effects={
            "certificate": serial,
            "replaces": replaced,
            "shares": {each.key: share_text(each.share) for each in after},
        },
    )
