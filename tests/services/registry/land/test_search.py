"""Parcels by who holds them: pages in the order of keys, none twice and none missed, however common the name."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from services.bus.kit.store import Store
from services.registry.land.queries.parcels import Wanted, find
from tests.services.registry.land.parcels import (
    AN,
    BANK,
    BINH,
    CHI,
    COMMUNE,
    OLD_COMMUNE,
    filed,
    handover,
    person,
    registered,
)

pytestmark = pytest.mark.anyio


async def pages(store: Store, limit: int, **asked: Any) -> list[str]:
    """The keys on all pages, none of which is longer than the limit."""
    found: list[str] = []
    cursor = None
    while True:
        page = await store.read(partial(find, wanted=Wanted(**asked), limit=limit, cursor=cursor))
        assert len(page.items) <= limit
        assert page.next_cursor is None or len(page.items) == limit
        found += [each.key for each in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_pages_of_one_name(store: Store, limit: int) -> None:
    both = [person(AN, "Nguyễn Văn An", "1/2"), person(CHI, "NGUYỄN VĂN AN", "1/2")]
    keys = [await registered(store, parcel_number=number, holders=both) for number in (2, 10, 3)]
    keys.append(await registered(store, map_sheet=120, parcel_number=1))
    keys.append(await registered(store, unit_code=OLD_COMMUNE, registered_on="2020-03-01", parcel_number=7))
    given_away = await registered(store, parcel_number=4)
    await filed(store, handover(), given_away, settled=True)
    other = await registered(store, parcel_number=5, holders=[person(BINH)])
    assert await pages(store, limit, name="nguyen van an") == sorted(keys)
    assert await pages(store, limit, owner=AN) == sorted(keys)
    assert await pages(store, limit, owner=CHI) == sorted(keys[:3])
    assert await pages(store, limit, owner=CHI, name="Nguyễn Văn An") == sorted(keys[:3])
    assert await pages(store, limit, owner=CHI, name="Trần Thị Bình") == []
    assert await pages(store, limit, name="Trần Thị Bình") == sorted([given_away, other])
    here = sorted(key for key in keys if key.startswith(COMMUNE))
    assert await pages(store, limit, name="nguyen van an", unit_code=COMMUNE) == here
    assert await pages(store, limit, owner=AN, unit_code=COMMUNE, map_sheet=12) == sorted(keys[:3])
    assert await pages(store, limit, owner=AN, map_sheet=120) == [keys[3]]
    assert await pages(store, limit, owner=AN, map_sheet=1) == []
    lines = await store.read(partial(find, wanted=Wanted(name="nguyen van an"), limit=50, cursor=None))
    assert {(each.area_m2, each.live) for each in lines.items} == {("250.50", True)}


async def test_a_tax_code_is_an_owner_too(store: Store) -> None:
    bank = {"name": "Ngân hàng Quy Nhơn", "tax_code": BANK}
    keys = [await registered(store, parcel_number=number, holders=[bank]) for number in (1, 2, 3)]
    assert await pages(store, 2, owner=BANK) == keys
