"""A land registry of any size: the parcels families hold, who held them before, certificates and mortgages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import count as numbers
from random import Random
from typing import Any, Final

from bench.registers.bulk import Bulk
from bench.registers.families import LAST_DAY, Family, Person, families
from contracts.catalogue.search import fold
from contracts.land import party_key
from services.population.generator.draws import Deck, between, chance
from services.population.generator.places import code_on

SEED: Final = 20_261_123
SAMPLES: Final = 4_000
COMMONEST: Final = 20
_AT: Final = datetime(2026, 11, 1, tzinfo=UTC)
_IMPORT: Final = "01900000-0000-7000-8000-000000000000"
_PARCELS: Final = Deck({1: 45.0, 2: 30.0, 3: 15.0, 6: 8.0, 12: 2.0})
_ON_A_SHEET: Final = 200
_GEOHASH: Final = "0123456789bcdefghjkmnpqrstuvwxyz"
_TRANSFERRED: Final = 0.2
_MORTGAGED: Final = 0.08
_folded = cache(fold)


def fill(bulk: Bulk, count: int) -> dict[str, Any]:
    """`count` parcels, and what a benchmark asks for: some parcels, and the names most holders bear."""
    registry = _Registry(bulk, count)
    before: Family | None = None
    for family in families(SEED):
        registry.enter(family, before or family)
        before = family
        if registry.full:
            break
    bulk.finish()
    return {"parcels": registry.samples, "commonest": [name for name, _ in registry.names.most_common(COMMONEST)]}


class _Registry:
    def __init__(self, bulk: Bulk, count: int) -> None:
        self._bulk = bulk
        self._count = count
        self._every = max(1, count // SAMPLES)
        self._rng = Random(SEED)
        self._in_commune: Counter[str] = Counter()
        self._entered = 0
        self._ids = numbers(1)
        self.names: Counter[str] = Counter()
        self.samples: list[dict[str, Any]] = []

    @property
    def full(self) -> bool:
        return self._entered >= self._count

    def enter(self, family: Family, before: Family) -> None:
        """The family's parcels; some of them were the other family's before."""
        for _ in range(_PARCELS.draw(self._rng)):
            if self.full:
                return
            self._parcel(family, before)

    def _parcel(self, family: Family, before: Family) -> None:
        rng = self._rng
        since = date(1995, 1, 1) + timedelta(days=between(rng, 0, 9_500))
        until = since + timedelta(days=between(rng, 200, 1_500)) if chance(rng, _TRANSFERRED) else None
        unit = code_on(family.commune, since)
        sheet, number = divmod(self._in_commune[unit], _ON_A_SHEET)
        self._in_commune[unit] += 1
        sheet, number = sheet + 1, number + 1
        key = f"{unit}-{sheet}-{number}"
        area = between(rng, 6_000, 250_000)
        self._bulk.add(
            "parcels",
            key=key, version=0 if until is None else 1, unit_code=unit, map_sheet=sheet, parcel_number=number,
            registered_on=since, retired_on=None,
        )  # fmt: skip
        self._bulk.add(
            "descriptions",
            **self._entry(key, since), area=area, land_uses=[["ONT", area // 2], ["CLN", area - area // 2]],
            geohash="w6u" + "".join(_GEOHASH[between(rng, 0, 31)] for _ in range(9)), address=f"Thôn {sheet}",
        )  # fmt: skip
        right = self._entry(key, since)
        self._bulk.add("rights", **right, kind="use", source="recognised", term_until=None, under=None)
        if until is None:
            holders = _holders(rng, family)
            self._hold(key, right["id"], holders, since)
            serial = self._certify(key, since)
        else:
            holders = self._transferred(key, right["id"], family, before, since, until)
            serial = self._certify(key, until, _IMPORT)
        if chance(rng, _MORTGAGED):
            self._mortgage(key, until or since)
        if self._entered % self._every == 0:
            numbered = [each.personal_id for each in holders if each.personal_id is not None]
            self.samples.append(
                {
                    "key": key, "unit": unit, "serial": serial, "name": holders[0].full_name,
                    "personal_id": numbered[0] if numbered else None,
                    "day": (since + timedelta(days=between(rng, 0, 3_000))).isoformat(),
                }
            )  # fmt: skip
        self._entered += 1

    def _transferred(
        self, key: str, right_id: str, family: Family, before: Family, since: date, until: date
    ) -> Sequence[Person]:
        """The parcel was the other family's, with its certificate, until a registered change."""
        change = self._id()
        told: dict[str, Any] = {"kind": "transfer"}
        self._bulk.add(
            "changes",
            id=change, number=f"BD-{until.year}-{self._entered:06d}", parcel_key=key, kind="transfer",
            state="registered", effective_on=until, requested_at=_AT, registered_at=_AT, closed_because=None,
            dossier=None, request=told, effects={}, warnings=[],
        )  # fmt: skip
        self._bulk.add("changed_parcels", parcel_key=key, change_id=change, role="same")
        self._hold(key, right_id, _holders(self._rng, before), since, until, change)
        self._certify(key, since, _IMPORT, until, change)
        holders = _holders(self._rng, family)
        self._hold(key, right_id, holders, until, None, None, change)
        return holders

    def _hold(
        self,
        key: str,
        right_id: str,
        holders: Sequence[Person],
        since: date,
        until: date | None = None,
        ended_by: str | None = None,
        begun_by: str = _IMPORT,
    ) -> None:
        share = Fraction(1, len(holders))
        for person in holders:
            entry = self._entry(key, since, begun_by, until, ended_by)
            if until is None:
                self.names[person.full_name] += 1
            self._bulk.add(
                "holdings",
                **entry, right_id=right_id, party_key=party_key(person.personal_id, None, person.full_name),
                name=person.full_name, folded_name=_folded(person.full_name), personal_id=person.personal_id,
                tax_code=None, numerator=share.numerator, denominator=share.denominator,
            )  # fmt: skip

    def _certify(
        self,
        key: str,
        since: date,
        begun_by: str = _IMPORT,
        until: date | None = None,
        ended_by: str | None = None,
    ) -> str:
        number = next(self._ids)
        serial = f"B{'ABCDEFGHKLM'[number % 11]}{number:08d}"
        entry = self._entry(key, since, begun_by, until, ended_by) | {"id": serial}
        self._bulk.add(
            "certificates",
            **entry, issue_number=f"VP{number % 100_000:05d}/{since.year}", code=None, issued_on=since,
            state="live" if until is None else "replaced",
        )  # fmt: skip
        return serial

    def _mortgage(self, key: str, since: date) -> None:
        self._bulk.add(
            "restrictions",
            **self._entry(key, since), kind="mortgage", holder="Ngân hàng Quy Nhơn",
            holder_key="t:0100150619", document_number=f"{self._entered}/HĐTC", document_date=since,
            amount_vnd=500_000_000, allows_disposal=False, note="", carried_from=None,
        )  # fmt: skip

    def _entry(
        self,
        key: str,
        since: date,
        begun_by: str = _IMPORT,
        until: date | None = None,
        ended_by: str | None = None,
    ) -> dict[str, Any]:
        return {
            "id": self._id(), "parcel_key": key, "valid_from": since, "valid_to": until, "recorded_at": _AT,
            "begun_by": begun_by, "ended_by": ended_by,
        }  # fmt: skip

    def _id(self) -> str:
        number = next(self._ids)
        front, spread = f"{0x0191_0000_0000 + number:012x}", f"{number * 0x9E37_79B9_7F4B % 2**48:012x}"
        return f"{front[:8]}-{front[8:]}-7000-8000-{spread}"


def _holders(rng: Random, family: Family) -> Sequence[Person]:
    """One of the couple, both, or both with grown-up children: one to four, each told apart by number or name."""
    couple = [family.father, family.mother] if chance(rng, 0.8) else [family.mother, family.father]
    chosen = couple[: 1 if chance(rng, 0.4) else 2]
    if chance(rng, 0.25):
        chosen += [each for each in family.children if each.born.year < LAST_DAY.year - 18][: 4 - len(chosen)]
    return list({party_key(each.personal_id, None, each.full_name): each for each in chosen}.values())
