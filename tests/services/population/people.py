"""People to register in tests, and what the service said about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from contracts.envelope import Event
from contracts.population import NewCitizen, NewHousehold
from services.bus.kit.store import Store
from services.bus.kit.tables import Outbox
from services.bus.kit.tx import Tx
from services.population.commands import registration
from services.population.models import Lookup

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)

AN = "052090000123"
BINH = "052191000456"
CHI = "052315000789"
NOBODY = "052090999999"

OLD_COMMUNE = "21961"  # Xã Phước Hưng, Huyện Tuy Phước, Tỉnh Bình Định, until 2025-06-30
NEW_COMMUNE = "21964"  # Xã Tuy Phước Bắc, Tỉnh Gia Lai, since 2025-07-01
ELSEWHERE = "21958"  # Xã Phước Thắng, in the same district until 2025-06-30
ELSEWHERE_NOW = "21970"  # Xã Tuy Phước Đông, since 2025-07-01
PURPOSE = {"X-Purpose": "1.001193", "X-Dossier": "H08.21-230617-0001", "X-Agency": "H08.21"}


def an(**changes: Any) -> dict[str, Any]:
    """A man born in 1990, as a body to register."""
    return {
        "personal_id": AN,
        "id_card": "211234567",
        "full_name": "Nguyễn Văn An",
        "date_of_birth": "1990-04-30",
        "sex": "male",
        **changes,
    }


def binh(**changes: Any) -> dict[str, Any]:
    """A woman born in 1991."""
    return {
        "personal_id": BINH,
        "full_name": "Trần Thị Bình",
        "date_of_birth": "1991-09-02",
        "sex": "female",
        **changes,
    }


def chi(**changes: Any) -> dict[str, Any]:
    """A girl born in 2015."""
    return {
        "personal_id": CHI,
        "full_name": "Nguyễn Ngọc Chi",
        "date_of_birth": "2015-01-20",
        "sex": "female",
        **changes,
    }


def home(kind: str = "permanent", **changes: Any) -> dict[str, Any]:
    """A residence from before the reform."""
    return {
        "kind": kind,
        "unit_code": OLD_COMMUNE,
        "detail": "Thôn An Hòa",
        "valid_from": "2016-05-01",
        **changes,
    }


def family(**changes: Any) -> dict[str, Any]:
    """The household of the three."""
    return {
        "number": "210045678",
        "unit_code": OLD_COMMUNE,
        "detail": "Thôn An Hòa",
        "valid_from": "2016-05-01",
        "members": [
            {"personal_id": AN, "relation": "head"},
            {"personal_id": BINH, "relation": "spouse"},
            {"personal_id": CHI, "relation": "child"},
        ],
        **changes,
    }


def check(**changes: Any) -> dict[str, Any]:
    """An identity check of the man that matches."""
    return {
        "request_id": "R1",
        "procedure_code": "1.001193",
        "dossier": "H08.21-230617-0001",
        "agency": "H08.21",
        "channel": "direct",
        "personal_id": AN,
        "full_name": "Nguyễn Văn An",
        "date_of_birth": "1990-04-30",
        **changes,
    }


def citizens(*bodies: dict[str, Any]) -> list[NewCitizen]:
    return [NewCitizen.model_validate(body) for body in bodies]


def household(**changes: Any) -> NewHousehold:
    return NewHousehold.model_validate(family(**changes))


async def registered(store: Store, *bodies: dict[str, Any]) -> None:
    """Register people in a store."""
    people = citizens(*bodies)
    await store.write(lambda tx: registration.register(tx, people, batch=True, now=NOW))


async def events(store: Store) -> list[Event]:
    """Every event announced, oldest first."""

    def query(tx: Tx) -> Sequence[bytes]:
        return tx.scalars(select(Outbox.payload).order_by(Outbox.id)).all()

    return [Event.model_validate_json(payload) for payload in await store.read(query)]


async def logged(store: Store) -> list[Lookup]:
    """Every line of the log of lookups, oldest first."""
    return await store.read(lambda tx: list(tx.scalars(select(Lookup).order_by(Lookup.id))))
