"""What is in the book about one parcel, now or as of a day: bare rows, past the unit of work."""

from __future__ import annotations

from collections import namedtuple
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import BindParameter, Select, bindparam, or_, select, text

from services.bus.kit.statements import Row
from services.bus.kit.tx import Tx
from services.registry.land.models import (
    PENDING,
    Certificate,
    Change,
    ChangedParcel,
    Description,
    Holding,
    Parcel,
    Restriction,
    Right,
)

_OTHER: Final[Any] = ChangedParcel.__table__.alias("other")
_RELATED: Final[Any] = (
    select(ChangedParcel.role, _OTHER.c.role.label("other_role"), _OTHER.c.parcel_key.label("other_key"))
    .join(_OTHER, _OTHER.c.change_id == ChangedParcel.change_id)
    .where(ChangedParcel.parcel_key == bindparam("key"), ChangedParcel.role != "same")
)
_IN_FORCE: Final = (Right, Holding, Description, Certificate, Restriction)
_PENDING: Final[Any] = select(Change.id).where(Change.parcel_key == bindparam("key"), text(PENDING))


class Entries(NamedTuple):
    """All there is of a parcel; attributes of the rows are the columns. `became` and `came_from` are the parcels
    on the other side of the changes that ended or made it; `pending` is the change that has the right locked."""

    parcel: Any
    rights: list[Any]
    holdings: list[Any]
    descriptions: list[Any]
    certificates: list[Any]
    restrictions: list[Any]
    became: list[str]
    came_from: list[str]
    pending: str | None


def entries(tx: Tx, key: str, as_of: date | None) -> Entries | None:
    """What is in force at the end of a day, or now; None if there is no such parcel. A parcel that is no more has
    the descriptions it ever had."""
    wanted, on = (_now, {}) if as_of is None else (_as_of, {"as_of": as_of})
    parcel, *rows, related, pending = tx.fetch_together(
        (_by_key(Parcel), {"key": key}),
        *((wanted(model), {"key": key, **on}) for model in _IN_FORCE),
        (_RELATED, {"key": key}),
        (_PENDING, {"key": key}),
    )
    if not parcel:
        return None
    rights, holdings, descriptions, certificates, restrictions = map(_shaped, _IN_FORCE, rows)
    return Entries(
        parcel=_shaped(Parcel, parcel)[0],
        rights=rights,
        holdings=holdings,
        descriptions=descriptions or _shaped(Description, tx.fetch(_ever(Description), key=key)),
        certificates=certificates,
        restrictions=restrictions,
        became=sorted({other for *roles, other in related if roles == ["before", "after"]}),
        came_from=sorted({other for *roles, other in related if roles == ["after", "before"]}),
        pending=pending[0][0] if pending else None,
    )


def by_key(tx: Tx, model: Any, key: str) -> Any | None:
    """The row with this primary key; attributes are the columns."""
    found = _shaped(model, tx.fetch(_by_key(model), key=key))
    return found[0] if found else None


def _shaped(model: Any, rows: list[Row]) -> list[Any]:
    return [_shape(model)(*row) for row in rows]


@cache
def _shape(model: Any) -> Any:
    return namedtuple(model.__name__, [column.name for column in model.__table__.columns])


@cache
def _by_key(model: Any) -> Select[Any]:
    (key,) = model.__table__.primary_key.columns
    return select(model.__table__).where(key == bindparam("key"))


@cache
def _ever(model: Any) -> Select[Any]:
    rows: Select[Any] = select(model.__table__)
    if model is Holding:  # shares have an index by their right
        rows = rows.join(Right, Right.id == Holding.right_id).where(Right.parcel_key == bindparam("key"))
    else:
        rows = rows.where(model.parcel_key == bindparam("key"))
    return rows.order_by(model.recorded_at, model.id)


@cache
def _now(model: Any) -> Select[Any]:
    return _ever(model).where(model.valid_to.is_(None))


@cache
def _as_of(model: Any) -> Select[Any]:
    day: BindParameter[date] = bindparam("as_of")
    return _ever(model).where(model.valid_from <= day, or_(model.valid_to.is_(None), model.valid_to > day))
