"""The history of a parcel: its changes, newest first."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import bindparam, select

from contracts.land import ChangeKind, ChangeState, ChangeView
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.registry.land.models import Change, ChangedParcel

_CHANGES: Final[Any] = Change.__table__.c
_PENDING_OF_DOSSIER: Final = (
    select(_CHANGES.id)
    .where(_CHANGES.dossier == bindparam("dossier"), _CHANGES.state == ChangeState.PENDING.value)
    .order_by(_CHANGES.id)
)


def parcels_of(tx: Tx, change_id: str) -> list[str]:
    """The parcels a change is about."""
    rows = select(ChangedParcel.parcel_key).where(ChangedParcel.change_id == change_id)
    return list(tx.scalars(rows.order_by(ChangedParcel.parcel_key)))


def history(tx: Tx, parcel_key: str, *, limit: int, cursor: str | None) -> Page[ChangeView]:
    """One page of the changes of a parcel, newest first; ids are in the order of their filing."""
    table = ChangedParcel
    wanted = select(Change).join(table, table.change_id == Change.id).where(table.parcel_key == parcel_key)
    if cursor is not None:
        (last,) = Cursor.decode(cursor, (str,))
        wanted = wanted.where(Change.id < last)
    rows = list(tx.scalars(wanted.order_by(Change.id.desc()).limit(limit + 1)))
    shown = rows[:limit]
    return Page(
        items=[view(tx, row) for row in shown],
        next_cursor=Cursor.encode([shown[-1].id]) if len(rows) > limit else None,
    )


def pending_of_dossier(tx: Tx, dossier: str) -> list[Change]:
    """The changes that wait on behalf of a dossier."""
    tx.flush()
    ids = [change_id for (change_id,) in tx.fetch(_PENDING_OF_DOSSIER, dossier=dossier)]
    return [change for each in ids if (change := tx.find(Change, each)) is not None]


def view(tx: Tx, row: Change) -> ChangeView:
    """A change as shown."""
    return ChangeView(
        id=row.id,
        number=row.number,
        kind=ChangeKind(row.kind),
        state=ChangeState(row.state),
        parcels=parcels_of(tx, row.id),
        effective_on=row.effective_on,
        requested_at=row.requested_at,
        registered_at=row.registered_at,
        closed_because=row.closed_because,
        dossier=row.dossier,
        request=row.request,
        effects=row.effects,
        warnings=row.warnings,
    )
