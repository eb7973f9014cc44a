"""A parcel as it was on a day, a certificate by its serial, and lists of parcels by sheet, owner and name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import Select, or_, select, tuple_

from contracts.catalogue.land_uses import land_uses
from contracts.catalogue.loader import path
from contracts.catalogue.search import fold
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
    party_key,
    share_text,
)
from contracts.land.geometry import decode
from contracts.land.views import LandUseView
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.registry.land.models import (
    Certificate,
    ChangedParcel,
    Description,
    Holding,
    Parcel,
    Restriction,
    Right,
)
from services.registry.land.queries.situation import pending_change

E = TypeVar("E", Description, Right, Holding, Restriction, Certificate)


@lru_cache(maxsize=20_000)
def unit_name(code: str, on: date) -> str:
    """The commune with what is above it, as on that day."""
    return ", ".join(step.name for step in reversed(path(code, on)))


def parcel(tx: Tx, key: str, as_of: date | None, today: date) -> ParcelView:
    """The parcel as it was at the end of `as_of`; as it is now, without. Raises NOT_FOUND, also for a day before
    it was registered."""
    row = tx.find(Parcel, key)
    if row is None or (as_of is not None and as_of < row.registered_on):
        raise Problem(NOT_FOUND, what="parcel", id=key)
    rights = _in_force(tx, Right, key, as_of)
    held: dict[str, list[Holding]] = {}
    for each in _in_force(tx, Holding, key, as_of):
        held.setdefault(each.right_id, []).append(each)
    descriptions = _in_force(tx, Description, key, as_of) or _last(tx, key)
    described = descriptions[-1]
    certificates = _in_force(tx, Certificate, key, as_of)
    point = decode(described.geohash)
    pending = pending_change(tx, key)
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
        became=_related(tx, key, "before", "after"),
        came_from=_related(tx, key, "after", "before"),
        rights=[_right(each, held.get(each.id, [])) for each in sorted(rights, key=_use_first)],
        restrictions=[_restriction(each) for each in _in_force(tx, Restriction, key, as_of)],
        certificate=certificate_view(certificates[-1]) if certificates else None,
        pending=pending.id if pending is not None else None,
    )


def certificate(tx: Tx, serial: str) -> CertificateFound:
    """The certificate with this serial, live or not. Raises NOT_FOUND."""
    row = tx.find(Certificate, serial)
    if row is None:
        raise Problem(NOT_FOUND, what="land certificate", id=serial)
    return CertificateFound(**certificate_view(row).model_dump(), parcel_key=row.parcel_key)


def certificate_view(row: Certificate) -> CertificateView:
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

    def statement(self) -> Select[Any]:
        columns = (Parcel, Description.area, Description.address)
        live = (Description.parcel_key == Parcel.key, Description.valid_to.is_(None))
        found = cast("Select[Any]", select(*columns).outerjoin(Description, live[0] & live[1]))
        if self.owner is not None or self.name is not None:
            who = select(Holding.parcel_key).where(Holding.valid_to.is_(None))
            if self.owner is not None:
                keys = (party_key(self.owner, None, ""), party_key(None, self.owner, ""))
                who = who.where(Holding.party_key.in_(keys))
            if self.name is not None:
                who = who.where(Holding.folded_name == fold(self.name)[:200])
            found = found.where(Parcel.key.in_(who))
        if self.unit_code is not None:
            found = found.where(Parcel.unit_code == self.unit_code)
        if self.map_sheet is not None:
            found = found.where(Parcel.map_sheet == self.map_sheet)
        return found


def find(tx: Tx, wanted: Wanted, *, limit: int, cursor: str | None) -> Page[ParcelLine]:
    """One page of parcels, by commune, sheet and number."""
    order = (Parcel.unit_code, Parcel.map_sheet, Parcel.parcel_number)
    statement = wanted.statement()
    if cursor is not None:
        statement = statement.where(tuple_(*order) > tuple_(*Cursor.decode(cursor, (str, int, int))))
    rows = tx.execute(statement.order_by(*order).limit(limit + 1)).all()
    shown = [_line(row, area, address) for row, area, address in rows[:limit]]
    last = rows[limit - 1][0] if len(rows) > limit else None
    following = None if last is None else Cursor.encode([last.unit_code, last.map_sheet, last.parcel_number])
    return Page(items=shown, next_cursor=following)


def _line(row: Parcel, area: int | None, address: str | None) -> ParcelLine:
    return ParcelLine(
        key=row.key,
        version=row.version,
        live=row.retired_on is None,
        unit_code=row.unit_code,
        map_sheet=row.map_sheet,
        parcel_number=row.parcel_number,
        area_m2=area_text(area or 0),
        address=address or "",
    )


def _in_force(tx: Tx, model: type[E], key: str, as_of: date | None) -> list[E]:
    """The rows of a parcel in force at the end of a day, or now."""
    found = select(model).where(model.parcel_key == key)
    if as_of is None:
        found = found.where(model.valid_to.is_(None))
    else:
        found = found.where(model.valid_from <= as_of, or_(model.valid_to.is_(None), model.valid_to > as_of))
    return list(tx.scalars(found.order_by(model.recorded_at, model.id)))


def _last(tx: Tx, key: str) -> list[Description]:
    """How a parcel that is no more was described in the end."""
    found = select(Description).where(Description.parcel_key == key)
    return list(tx.scalars(found.order_by(Description.recorded_at, Description.id)))


def _related(tx: Tx, key: str, own: str, other: str) -> list[str]:
    """The parcels on the other side of the changes that made or ended this one."""
    changes = select(ChangedParcel.change_id).where(ChangedParcel.parcel_key == key, ChangedParcel.role == own)
    found = select(ChangedParcel.parcel_key).where(
        ChangedParcel.change_id.in_(changes), ChangedParcel.role == other
    )
    return sorted(set(tx.scalars(found)))


def _use_first(right: Right) -> tuple[bool, str]:
    return right.kind != RightKind.USE, right.id


def _valid(row: Any) -> dict[str, Any]:
    return {"valid_from": row.valid_from, "valid_to": row.valid_to, "recorded_at": row.recorded_at}


def _right(row: Right, held: list[Holding]) -> RightView:
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


def _restriction(row: Restriction) -> RestrictionView:
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
