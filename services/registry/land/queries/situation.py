"""The live rows of a parcel as the rules want to see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import select, text

from contracts.land import RestrictionKind, RightKind
from contracts.times import vn_date
from services.bus.kit.tx import Tx
from services.registry.land.models import (
    PENDING,
    Certificate,
    Change,
    Deceased,
    Description,
    Holding,
    Parcel,
    Restriction,
    Right,
)
from services.registry.land.rules import HolderNow, LettingNow, PendingNow, RestrictionNow, Situation
from services.registry.land.rules.parcels import made_by

CHUNK = 500


def gather(tx: Tx, parcel: Parcel, asked: Any, *, today: date, but: str | None = None) -> Situation:
    """The parcel as it stands now. `but`: a pending change that is no obstacle, since it is the one judged."""
    others = {
        key: _bare(tx, found, asked, today) if (found := tx.find(Parcel, key)) is not None else None
        for key in getattr(asked, "others", ())
        if key != parcel.key
    }
    own = _bare(tx, parcel, asked, today, but)
    people = {each.personal_id for one in (own, *filter(None, others.values())) for each in one.holders}
    people |= {each.personal_id for letting in own.lettings for each in letting.holders}
    for name in ("recipients", "lessees"):
        people |= {each.personal_id for each in getattr(asked, name, ())}
    taken = frozenset[str]()
    if hasattr(asked, "pieces") or hasattr(asked, "others"):
        taken = frozenset(key for _, key, _ in made_by(own) if tx.find(Parcel, key) is not None)
    return replace(own, others=others, taken=taken, deceased=deceased(tx, people))


def deceased(tx: Tx, personal_ids: Iterable[str | None]) -> dict[str, date]:
    """When each of these died, for those who did."""
    wanted = sorted({each for each in personal_ids if each is not None})
    found: dict[str, date] = {}
    for start in range(0, len(wanted), CHUNK):
        chosen = select(Deceased.personal_id, Deceased.died_on)
        rows = tx.execute(chosen.where(Deceased.personal_id.in_(wanted[start : start + CHUNK])))
        found.update((who, on) for who, on in rows)
    return found


def live_rights(tx: Tx, parcel_key: str) -> list[tuple[Right, tuple[HolderNow, ...]]]:
    """The live rights of a parcel, the right of use first, with who holds them."""
    rights = tx.scalars(select(Right).where(Right.parcel_key == parcel_key, Right.valid_to.is_(None)))
    ordered = sorted(rights, key=lambda right: (right.kind != RightKind.USE, right.id))
    held = live_holdings(tx, [right.id for right in ordered])
    return [(right, tuple(_holder(each) for each in held.get(right.id, ()))) for right in ordered]


def live_holdings(tx: Tx, rights: list[str]) -> dict[str, list[Holding]]:
    """The live shares of each of these rights, in the order they were entered."""
    found: dict[str, list[Holding]] = {}
    rows = select(Holding).where(Holding.right_id.in_(rights), Holding.valid_to.is_(None)).order_by(Holding.id)
    for each in tx.scalars(rows):
        found.setdefault(each.right_id, []).append(each)
    return found


def live_restrictions(tx: Tx, parcel_key: str) -> list[Restriction]:
    """What restricts the parcel now."""
    where = (Restriction.parcel_key == parcel_key, Restriction.valid_to.is_(None))
    return list(tx.scalars(select(Restriction).where(*where).order_by(Restriction.id)))


def live_certificate(tx: Tx, parcel_key: str) -> Certificate | None:
    """The one live certificate, if there is one."""
    where = (Certificate.parcel_key == parcel_key, Certificate.valid_to.is_(None))
    return tx.scalar(select(Certificate).where(*where))


def live_description(tx: Tx, parcel_key: str) -> Description | None:
    """How the parcel is described now; None once it is no more."""
    where = (Description.parcel_key == parcel_key, Description.valid_to.is_(None))
    return tx.scalar(select(Description).where(*where))


def pending_change(tx: Tx, parcel_key: str) -> Change | None:
    """The change that has the right locked."""
    return tx.scalar(select(Change).where(Change.parcel_key == parcel_key, text(PENDING)))


def _bare(tx: Tx, parcel: Parcel, asked: Any, today: date, but: str | None = None) -> Situation:
    described = live_description(tx, parcel.key)
    rights = live_rights(tx, parcel.key)
    use, holders = rights[0] if rights and rights[0][0].kind == RightKind.USE else (None, ())
    certificate = live_certificate(tx, parcel.key)
    pending = pending_change(tx, parcel.key)
    return Situation(
        parcel=parcel.key,
        today=today,
        asked=asked,
        live=parcel.retired_on is None,
        area=described.area if described else 0,
        land_uses=tuple((code, area) for code, area in described.land_uses) if described else (),
        address=described.address if described else "",
        geohash=described.geohash if described else "",
        right_id=use.id if use else "",
        source=use.source if use else "",
        term_until=use.term_until if use else None,
        holders=holders,
        certificate=certificate.id if certificate else None,
        restrictions=tuple(
            RestrictionNow(each.id, RestrictionKind(each.kind), each.document_number, each.allows_disposal)
            for each in live_restrictions(tx, parcel.key)
        ),
        lettings=tuple(
            LettingNow(right.id, right.kind, right.term_until, who)
            for right, who in rights
            if right.kind != RightKind.USE and not _run_out(right.term_until, today)
        ),
        pending=None
        if pending is None or pending.id == but
        else PendingNow(pending.id, pending.kind, vn_date(pending.requested_at), pending.dossier),
    )


def _run_out(until: date | None, today: date) -> bool:
    return until is not None and until < today


def _holder(row: Holding) -> HolderNow:
    share = Fraction(row.numerator, row.denominator)
    return HolderNow(row.party_key, share, row.name, row.personal_id, row.tax_code)
