"""A parcel as it was on a day, a certificate by its serial, and lists of parcels by sheet, owner and name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select, tuple_

from contracts.catalogue.land_uses import land_uses
from contracts.catalogue.loader import path
from contracts.land import (
    CertificateFound,
    CertificateState,
    CertificateView,
    HolderView,
    ParcelLine,
    ParcelView,
    RestrictionKind,
    RestrictionView,
    RightKind,
    RightSource,
    RightView,
    area_text,
    share_text,
)
from contracts.land.geometry import decode
from contracts.land.views import LandUseView
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.registry.land.models import (
    Certificate,
    Description,
    Parcel,
)
from services.registry.land.queries.entries import by_key, entries
from services.registry.land.queries.holders import held
from services.registry.land.queries.lines import LINE, line


@lru_cache(maxsize=20_000)
def unit_name(code: str, on: date) -> str:
    """The commune with what is above it, as on that day."""
    return ", ".join(step.name for step in reversed(path(code, on)))


def parcel(tx: Tx, key: str, as_of: date | None, today: date) -> ParcelView:
    """The parcel as it was at the end of `as_of`; as it is now, without. Raises NOT_FOUND, also for a day before
    it was registered."""
    found = entries(tx, key, as_of)
    if found is None or (as_of is not None and as_of < found.parcel.registered_on):
        raise Problem(NOT_FOUND, what="parcel", id=key)
    row, described = found.parcel, found.descriptions[-1]
    shares: dict[str, list[Any]] = {}
    for each in found.holdings:
        shares.setdefault(each.right_id, []).append(each)
    point = decode(described.geohash)
    return ParcelView(
        key=key,
        version=row.version,
        as_of=as_of or today,
        live=row.retired_on is None or (as_of is not None and as_of < row.retired_on),
        unit_code=row.unit_code,
        unit_name=unit_name(row.unit_code, row.registered_on),
        map_sheet=row.map_sheet,
        parcel_number=row.parcel_number,
        area_m2=area_text(described.area),
        land_uses=[
            LandUseView(code=code, name=land_uses()[code].vi, area_m2=area_text(area))
            for code, area in described.land_uses
        ],
        geohash=described.geohash,
        latitude=round(point.latitude, 7),
        longitude=round(point.longitude, 7),
        address=described.address,
        registered_on=row.registered_on,
        retired_on=row.retired_on,
        became=found.became,
        came_from=found.came_from,
        rights=[_right(each, shares.get(each.id, [])) for each in sorted(found.rights, key=_use_first)],
        restrictions=[_restriction(each) for each in found.restrictions],
        certificate=certificate_view(found.certificates[-1]) if found.certificates else None,
        pending=found.pending,
    )


def certificate(tx: Tx, serial: str) -> CertificateFound:
    """The certificate with this serial, live or not. Raises NOT_FOUND."""
    row = by_key(tx, Certificate, serial)
    if row is None:
        raise Problem(NOT_FOUND, what="land certificate", id=serial)
    return CertificateFound(**certificate_view(row).model_dump(), parcel_key=row.parcel_key)


def certificate_view(row: Any) -> CertificateView:
    """A certificate as shown."""
    return CertificateView(
        serial=row.id,
        issue_number=row.issue_number,
        code=row.code,
        issued_on=row.issued_on,
        state=CertificateState(row.state),
        **_valid(row),
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which parcels: all that is given must hold. Owner and name are those of live shares of any right."""

    unit_code: str | None = None
    map_sheet: int | None = None
    owner: str | None = None
    name: str | None = None


def find(tx: Tx, wanted: Wanted, *, limit: int, cursor: str | None) -> Page[ParcelLine]:
    """One page of parcels: by key if somebody holds them, else by commune, sheet and number."""
    if wanted.owner is not None or wanted.name is not None:
        return held(tx, wanted, limit=limit, cursor=cursor)
    asked: dict[str, Any] = {}
    if wanted.unit_code is not None:
        asked["unit"] = wanted.unit_code
    if wanted.map_sheet is not None:
        asked["sheet"] = wanted.map_sheet
    if cursor is not None:
        last = Cursor.decode(cursor, (str, int, int))
        asked |= dict(zip(("after_unit", "after_sheet", "after_number"), last, strict=True))
    rows = tx.fetch(_statement(tuple(asked)), **asked, most=limit + 1)
    items = [line(*row) for row in rows[:limit]]
    following = None
    if len(rows) > limit:
        following = Cursor.encode([items[-1].unit_code, items[-1].map_sheet, items[-1].parcel_number])
    return Page(items=items, next_cursor=following)


@cache
def _statement(asked: tuple[str, ...]) -> Select[Any]:
    """The select for what is asked, the same object every time."""
    order = (Parcel.unit_code, Parcel.map_sheet, Parcel.parcel_number)
    live = (Description.parcel_key == Parcel.key) & Description.valid_to.is_(None)
    rows: Select[Any] = select(*LINE).outerjoin(Description, live)
    if "unit" in asked:
        rows = rows.where(Parcel.unit_code == bindparam("unit"))
    if "sheet" in asked:
        rows = rows.where(Parcel.map_sheet == bindparam("sheet"))
    if "after_unit" in asked:
        after = tuple_(bindparam("after_unit"), bindparam("after_sheet"), bindparam("after_number"))
        rows = rows.where(tuple_(*order) > after)
    return rows.order_by(*order).limit(bindparam("most"))


def _use_first(right: Any) -> tuple[bool, str]:
    return right.kind != RightKind.USE, right.id


def _valid(row: Any) -> dict[str, Any]:
    return {"valid_from": row.valid_from, "valid_to": row.valid_to, "recorded_at": row.recorded_at}


def _right(row: Any, held: list[Any]) -> RightView:
    return RightView(
        id=row.id,
        kind=RightKind(row.kind),
        source=RightSource(row.source),
        term_until=row.term_until,
        under=row.under,
        holders=[
            HolderView(
                name=each.name,
                personal_id=each.personal_id,
                tax_code=each.tax_code,
                share=share_text(Fraction(each.numerator, each.denominator)),
            )
            for each in held
        ],
        **_valid(row),
    )


def _restriction(row: Any) -> RestrictionView:
    return RestrictionView(
        id=row.id,
        kind=RestrictionKind(row.kind),
        holder=row.holder,
        document_number=row.document_number,
        document_date=row.document_date,
        amount_vnd=row.amount_vnd,
        allows_disposal=row.allows_disposal,
        note=row.note,
        **_valid(row),
    )
