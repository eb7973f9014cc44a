"""Change of purpose, of details, and correction (chuyển mục đích, thay đổi thông tin, đính chính)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from contracts.land import CertificateState, LandUse, RightKind, area_text, hundredths
from services.registry.land.commands.book import Book, Outcome, holder_of
from services.registry.land.models import Parcel, Right
from services.registry.land.queries.situation import live_holdings, live_rights
from services.registry.land.rules import HolderNow, Situation
from services.registry.land.rules.ownership import meant_by


def change_purpose(book: Book, parcel: Parcel, now: Situation, number: str) -> Outcome:
    """New land uses, and the term that goes with them."""
    book.redescribe(parcel.key, land_uses=_uses(now.asked.land_uses))
    if now.asked.term_until != now.term_until:
        _renew(book, parcel, now, now.holders)
    before = [[code, area_text(area)] for code, area in now.land_uses]
    return _certified(book, parcel, now.holders, True, {"land_uses_before": before})


def change_details(book: Book, parcel: Parcel, now: Situation, number: str) -> Outcome:
    """What was named is written anew; the old entries stay as history."""
    asked = now.asked
    changed: dict[str, Any] = {}
    if asked.address is not None:
        changed["address"] = asked.address
    if getattr(asked, "geohash", None) is not None:
        changed["geohash"] = asked.geohash
    if getattr(asked, "area_m2", None) is not None:
        changed["area"] = hundredths(asked.area_m2)
        if asked.land_uses is None:
            changed["land_uses"] = [[code, changed["area"]] for code, _ in now.land_uses]
    if getattr(asked, "land_uses", None) is not None:
        changed["land_uses"] = _uses(asked.land_uses)
    if changed:
        book.redescribe(parcel.key, **changed)
    holders = _rename(book, parcel, now)
    if getattr(asked, "term_until", None) is not None:
        _renew(book, parcel, now, holders)
    fields = sorted({*changed, *(["holders"] if asked.holders else [])})
    return _certified(book, parcel, holders, asked.new_certificate, {"changed": fields})


def _rename(book: Book, parcel: Parcel, now: Situation) -> tuple[HolderNow, ...]:
    """Write renamed holders anew in every live right; the holders of the right of use afterwards."""
    after = now.holders
    if not now.asked.holders:
        return after
    for right, holders in live_rights(book.tx, parcel.key):
        shares: dict[str, HolderNow] = {}
        for each in holders:
            renamed = [one.becomes for one in now.asked.holders if meant_by(one, [each]) is not None]
            new = holder_of(renamed[-1], each.share) if renamed else each
            same = shares.get(new.key)
            shares[new.key] = new if same is None else replace(new, share=new.share + same.share)
        book.reshare(parcel.key, right.id, shares.values())
        if right.id == now.right_id:
            after = tuple(shares.values())
    return after


def _renew(book: Book, parcel: Parcel, now: Situation, holders: Iterable[HolderNow]) -> None:
    """The right of use ends, and one with the other term begins; what was let under it stays let."""
    right = book.tx.find(Right, now.right_id)
    assert right is not None
    book.end([right, *live_holdings(book.tx, [right.id]).get(right.id, [])])
    book.begin_right(parcel.key, RightKind.USE, right.source, now.asked.term_until, holders)


def _uses(uses: Iterable[LandUse]) -> list[list[Any]]:
    return [[each.code, hundredths(each.area_m2)] for each in uses]


def _certified(
    book: Book, parcel: Parcel, holders: tuple[HolderNow, ...], anew: bool, effects: dict[str, Any]
) -> Outcome:
    if not anew:
        return Outcome(effects=effects)
    replaced = book.withdraw_certificate(parcel.key, CertificateState.REPLACED)
    serial = book.issue_certificate(parcel, replaced, holders)
    return Outcome(
        certificates={parcel.key: serial}, effects={**effects, "certificate": serial, "replaces": replaced}
    )
