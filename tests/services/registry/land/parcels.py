"""Parcels and people for tests, and what the service said about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from contracts.envelope import Event
from contracts.land import NewParcel, NewRestriction, ParcelView, RegisteredChange
from contracts.times import vn_date
from services.bus.kit.store import Store
from services.bus.kit.tables import Outbox
from services.bus.kit.tx import Tx
from services.registry.land.commands import changes, registration, restrictions
from services.registry.land.commands.changes import ANY_CHANGE, TaxSettled
from services.registry.land.commands.deaths import note_death
from services.registry.land.queries import parcels as queries

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TODAY = vn_date(NOW)

COMMUNE = "21964"  # Xã Tuy Phước Bắc, Tỉnh Gia Lai, since 2025-07-01
OLD_COMMUNE = "21961"  # Xã Phước Hưng, Huyện Tuy Phước, Tỉnh Bình Định, until 2025-06-30
KEY = f"{COMMUNE}-12-345"
GEOHASH = "w6u2mpv1x0ke"

AN = "052090000123"
BINH = "052191000456"
CHI = "052315000789"
BANK = "0100233488"


def person(personal_id: str, name: str = "", share: str = "1/1") -> dict[str, Any]:
    """A holder."""
    names = {AN: "Nguyễn Văn An", BINH: "Trần Thị Bình", CHI: "Nguyễn Ngọc Chi"}
    return {"personal_id": personal_id, "name": name or names.get(personal_id, "Lê Văn Dũng"), "share": share}


def parcel(**changes: Any) -> dict[str, Any]:
    """A residential parcel of one owner, as a body to register."""
    return {
        "unit_code": COMMUNE,
        "map_sheet": 12,
        "parcel_number": 345,
        "area_m2": "250.50",
        "land_uses": [{"code": "ONT", "area_m2": "250.50"}],
        "geohash": GEOHASH,
        "address": "Thôn An Hòa",
        "holders": [person(AN)],
        **changes,
    }


def handover(kind: str = "transfer", *recipients: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A change of hands, signed yesterday."""
    return {
        "kind": kind,
        "effective_on": "2026-11-21",
        "recipients": list(recipients) or [person(BINH)],
        **changes,
    }


def mortgage(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "mortgage",
        "effective_on": "2026-11-21",
        "mortgagee": {"name": "Ngân hàng Quy Nhơn", "tax_code": BANK},
        "contract_number": "HĐ-77",
        "amount_vnd": 500_000_000,
        **changes,
    }


def split(*areas: str, **changes: Any) -> dict[str, Any]:
    pieces = [{"parcel_number": 900 + place, "area_m2": area} for place, area in enumerate(areas)]
    return {"kind": "split", "effective_on": "2026-11-21", "pieces": pieces, **changes}


def block(kind: str = "dispute", **changes: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "authority": "Tòa án nhân dân khu vực 1",
        "document_number": "12/QĐ-TA",
        "document_date": "2026-11-20",
        **changes,
    }


def change(body: dict[str, Any]) -> Any:
    return ANY_CHANGE.validate_python({"effective_on": "2026-11-21", **body})


async def registered(store: Store, now: datetime = NOW, **changes_: Any) -> str:
    """Register a parcel; its key."""
    new = NewParcel.model_validate(parcel(**changes_))
    made = await store.write(lambda tx: registration.register(tx, new, now=now))
    return made.key


async def filed(
    store: Store, body: dict[str, Any], key: str = KEY, *, settled: bool = False, now: datetime = NOW
) -> RegisteredChange:
    """File a change; `settled` registers it at once."""
    asked, tax = change(body), TaxSettled(exempt=True) if settled else None
    return await store.write(lambda tx: changes.file(tx, key, asked, settled=tax, now=now))


async def blocked(store: Store, kind: str = "dispute", key: str = KEY, now: datetime = NOW) -> str:
    """Enter a block; its id."""
    new = NewRestriction.model_validate(block(kind))
    made = await store.write(lambda tx: restrictions.restrict(tx, key, new, now=now))
    assert made.restriction is not None
    return made.restriction


async def died(store: Store, personal_id: str, on: date = date(2026, 10, 1)) -> None:
    await store.write(lambda tx: note_death(tx, personal_id, on))


async def shown(store: Store, key: str = KEY, as_of: date | None = None) -> ParcelView:
    return await store.read(lambda tx: queries.parcel(tx, key, as_of, TODAY))


def shares(view: ParcelView) -> dict[str, str]:
    """The holders of the right of use, by number or name."""
    use = view.rights[0]
    return {each.personal_id or each.tax_code or each.name: each.share for each in use.holders}


async def events(store: Store, key: str | None = None) -> list[Event]:
    """Every event announced, oldest first."""

    def query(tx: Tx) -> Sequence[bytes]:
        return tx.scalars(select(Outbox.payload).order_by(Outbox.id)).all()

    found = [Event.model_validate_json(payload) for payload in await store.read(query)]
    return [each for each in found if key is None or each.key == key]
