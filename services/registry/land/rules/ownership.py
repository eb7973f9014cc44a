"""Who gives, who receives, and whether the shares are whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from contracts.land import Giver, Holder, parse_share, party_key, share_text
from contracts.land.changes import ChangeKind
from services.registry.land.rules.situation import HolderNow, Situation

if TYPE_CHECKING:
    from services.registry.land.rules.judge import Check, Found

P = Mapping[str, Any]
MAX_PART: Final = 10**15
"""Numerators and denominators stay below this, so that both databases hold them."""


def meant_by(giver: Any, holders: Iterable[HolderNow]) -> HolderNow | None:
    """The holder a giver (or somebody renamed) names: by number if one is given, else by name."""
    if giver.personal_id is None and giver.tax_code is None and giver.name is None:
        return None
    named = party_key(giver.personal_id, giver.tax_code, giver.name or "")
    bare = party_key(None, None, giver.name or "")
    for each in holders:
        if each.key == named:
            return each
        if giver.personal_id is None and giver.tax_code is None and party_key(None, None, each.name) == bare:
            return each
    return None


def given(now: Situation, givers: Sequence[Giver]) -> list[tuple[int, HolderNow | None, Fraction]]:
    """Each giver's place in the request, the holder meant and the share given. No givers: everybody, all."""
    if not givers:
        return [(place, each, each.share) for place, each in enumerate(now.holders)]
    found = []
    for place, giver in enumerate(givers):
        holder = meant_by(giver, now.holders)
        own = holder.share if holder is not None else Fraction(0)
        found.append((place, holder, parse_share(giver.share) if giver.share is not None else own))
    return found


def after_handover(now: Situation) -> dict[str, Fraction]:
    """Every party's share of the whole once the change is done, by party key."""
    shares = {each.key: each.share for each in now.holders}
    for _, holder, share in given(now, now.asked.givers):
        if holder is not None:
            shares[holder.key] -= share
    for each in now.asked.recipients:
        shares[each.key] = shares.get(each.key, Fraction(0)) + parse_share(each.share)
    return {key: share for key, share in shares.items() if share}


def giver_holds(now: Situation, _: P) -> Found:
    taken: dict[str, Fraction] = {}
    for place, holder, share in given(now, now.asked.givers):
        if holder is None:
            yield f"givers[{place}]", {"parcel": now.parcel}
            continue
        taken[holder.key] = taken.get(holder.key, Fraction(0)) + share
        if taken[holder.key] > holder.share:
            yield f"givers[{place}].share", {"parcel": now.parcel}


def shares_sum(now: Situation, _: P) -> Found:
    for path, holders in _groups(now):
        total = _sum(holders)
        wanted = Fraction(1)
        if path == "recipients":
            wanted = sum((share for _, _, share in given(now, now.asked.givers)), Fraction(0))
        if total != wanted:
            yield path, {"sum": share_text(total), "wanted": share_text(wanted)}


def storable(now: Situation, _: P) -> Found:
    for share in after_handover(now).values():
        if share.denominator >= MAX_PART:
            yield "recipients", {"share": f"1/{share.denominator}"}


def distinct(now: Situation, _: P) -> Found:
    for path, holders in _groups(now):
        seen: set[str] = set()
        for place, each in enumerate(holders):
            if each.key in seen:
                yield f"{path}[{place}]", {}
            seen.add(each.key)


def giver_alive(now: Situation, _: P) -> Found:
    kind = now.asked.kind
    if kind in (ChangeKind.TRANSFER, ChangeKind.GIFT):
        givers = [each for _, each, _ in given(now, now.asked.givers) if each is not None]
    elif kind == ChangeKind.SUBLEASE:
        givers = [who for each in now.lettings if each.id == now.asked.lease for who in each.holders]
    else:
        givers = [each for one in now.together for each in one.holders]
    for each in dict.fromkeys(givers):
        if (died := now.deceased.get(each.personal_id or "")) is not None:
            yield "givers", {"died": died}


def recipient_alive(now: Situation, _: P) -> Found:
    for path, holders in _groups(now):
        for place, each in enumerate(holders):
            if (died := now.deceased.get(each.personal_id or "")) is not None:
                yield f"{path}[{place}]", {"died": died}


def death_known(now: Situation, _: P) -> Found:
    for place, holder, _share in given(now, now.asked.givers):
        if holder is not None and holder.personal_id not in now.deceased:
            yield f"givers[{place}]", {}


def holder_known(now: Situation, _: P) -> Found:
    everybody = [*now.holders, *(who for each in now.lettings for who in each.holders)]
    for place, each in enumerate(now.asked.holders):
        if meant_by(each, everybody) is None:
            yield f"holders[{place}]", {"parcel": now.parcel}


def _groups(now: Situation) -> Iterator[tuple[str, Sequence[Holder]]]:
    """Every list of new holders in the request, each of which is to be whole."""
    for name in ("recipients", "lessees"):
        if hasattr(now.asked, name):
            yield name, getattr(now.asked, name)
    if hasattr(now.asked, "unit_code"):
        yield "holders", now.asked.holders
    for place, piece in enumerate(getattr(now.asked, "pieces", ())):
        if piece.holders is not None:
            yield f"pieces[{place}].holders", piece.holders


def _sum(holders: Sequence[Holder]) -> Fraction:
    return sum((parse_share(each.share) for each in holders), Fraction(0))


CHECKS: Final[dict[str, Check]] = {
    "giver.holds": giver_holds,
    "giver.alive": giver_alive,
    "recipient.alive": recipient_alive,
    "inheritance.death-known": death_known,
    "shares.sum": shares_sum,
    "share.storable": storable,
    "parties.distinct": distinct,
    "details.holder-known": holder_known,
}
