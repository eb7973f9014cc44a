"""The history of a parcel: its changes, newest first."""

from __future__ import annotations

from sqlalchemy import select

from contracts.land import ChangeKind, ChangeState, ChangeView
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.registry.land.models import Change, ChangedParcel


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
    where = (Change.dossier == dossier, Change.state == ChangeState.PENDING.value)
    return list(tx.scalars(select(Change).where(*where).order_by(Change.id)))


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
