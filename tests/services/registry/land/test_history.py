"""Random histories: whatever 500 operations do, the invariants of the book hold."""

from __future__ import annotations

import asyncio
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from contracts.land import ChangeState, Lifting, NewParcel, NewRestriction, RightKind
from contracts.problems import CHANGE_CLOSED, CHANGE_PENDING, LAND_RULES_BROKEN, NOT_FOUND, Problem
from services.bus.kit.store import Store
from services.bus.kit.tables import Outbox
from services.bus.kit.tx import Tx
from services.registry.land.commands import changes, deaths, registration, restrictions
from services.registry.land.commands.changes import TaxSettled
from services.registry.land.models import (
    Certificate,
    Change,
    Description,
    Holding,
    Parcel,
    Restriction,
    Right,
    metadata,
)
from tests.services.registry.land.parcels import COMMUNE, NOW, TODAY, block, change, mortgage, parcel, person

OPERATIONS = 500
PEOPLE = [f"0520900{number:05d}" for number in range(8)]
PARCELS = 6


class World:
    """A few parcels and people, and what happens to them at random."""

    def __init__(self, tx: Tx, rng: random.Random) -> None:
        self.tx = tx
        self.rng = rng
        self.number = 1_000
        self.done: dict[str, int] = {}
        self.refused: dict[str, int] = {}
        for number in range(1, PARCELS + 1):
            holders = [person(PEOPLE[number], share="1/3"), person(PEOPLE[0], share="2/3")]
            new = NewParcel.model_validate(parcel(parcel_number=number, holders=holders))
            registration.register(tx, new, now=NOW)

    def step(self) -> None:
        """One operation; a refusal is as good an outcome as any, anything else is a failure."""
        name = self.rng.choice(
            ["transfer", "transfer", "gift", "inheritance", "confirm", "confirm", "give_up", "mortgage",
             "delete", "split", "merge", "purpose", "reissue", "correct", "lease", "block", "lift", "death"]
        )  # fmt: skip
        try:
            getattr(self, name)()
        except Problem as problem:
            assert problem.type in (LAND_RULES_BROKEN, CHANGE_PENDING, CHANGE_CLOSED, NOT_FOUND), problem
            self.refused[name] = self.refused.get(name, 0) + 1
        else:
            self.done[name] = self.done.get(name, 0) + 1

    def transfer(self, kind: str = "transfer") -> None:
        key = self.any_parcel()
        holders = self.holders(key)
        givers, total = [], Fraction(0)
        for who, share in self.rng.sample(holders, self.rng.randint(0, len(holders))):
            part = share / self.rng.choice((1, 2, 3))
            givers.append({"personal_id": who, "share": f"{part.numerator}/{part.denominator}"})
            total += part
        total = total or sum((share for _, share in holders), Fraction(0)) or Fraction(1)
        many = self.rng.randint(1, 3)
        recipients = []
        for who in self.rng.sample(PEOPLE, many):
            part = total / many if self.rng.random() > 0.05 else total
            recipients.append(person(who, share=f"{part.numerator}/{part.denominator}"))
        if any(len(each["share"]) > 19 or Fraction(each["share"]).denominator > 10**8 for each in recipients):
            return
        if any(Fraction(each["share"]).denominator > 10**8 for each in givers):
            return
        self.file(key, {"kind": kind, "givers": givers, "recipients": recipients})

    def gift(self) -> None:
        self.transfer("gift")

    def inheritance(self) -> None:
        self.transfer("inheritance")

    def confirm(self) -> None:
        changes.confirm(self.tx, self.any_change(), TaxSettled(exempt=True), now=NOW)

    def give_up(self) -> None:
        changes.give_up(self.tx, self.any_change(), "nobody wants it")

    def mortgage(self) -> None:
        self.file(self.any_parcel(), mortgage(allows_disposal=self.rng.random() < 0.8))

    def delete(self) -> None:
        row = self.any_restriction()
        self.file(row.parcel_key, {"kind": "mortgage-deletion", "mortgage": row.id})

    def split(self) -> None:
        key = self.any_parcel()
        described = self.tx.scalar(
            select(Description).where(Description.parcel_key == key, Description.valid_to.is_(None))
        )
        area = described.area if described is not None else 100
        cut = self.rng.randint(1, max(area - 1, 1))
        error = 0 if self.rng.random() > 0.1 else 1
        pieces = []
        for part in (cut, area - cut + error):
            self.number += 1
            text = f"{part // 100}.{part % 100:02d}"
            uses = [{"code": self.rng.choice(("ONT", "CLN")), "area_m2": text}]
            pieces.append({"parcel_number": self.number, "area_m2": text, "land_uses": uses})
        if area - cut + error > 0:
            self.file(key, {"kind": "split", "pieces": pieces})

    def merge(self) -> None:
        key, other = self.any_parcel(), self.any_parcel()
        area = sum(
            self.tx.scalars(
                select(Description.area).where(
                    Description.parcel_key.in_((key, other)), Description.valid_to.is_(None)
                )
            )
        )
        self.number += 1
        text = f"{area // 100}.{area % 100:02d}"
        if area:
            self.file(key, {"kind": "merge", "others": [other], "parcel_number": self.number, "area_m2": text})

    def purpose(self) -> None:
        uses = [{"code": self.rng.choice(("TMD", "ONT")), "area_m2": self.rng.choice(("250.50", "1"))}]
        self.file(self.any_parcel(), {"kind": "change-of-purpose", "land_uses": uses})

    def reissue(self) -> None:
        self.file(self.any_parcel(), {"kind": "reissue"})

    def correct(self) -> None:
        renamed = [{"personal_id": self.rng.choice(PEOPLE), "becomes": person(self.rng.choice(PEOPLE))}]
        renamed[0]["becomes"].pop("share")  # type: ignore[attr-defined]
        self.file(self.any_parcel(), {"kind": "correction", "holders": renamed})

    def lease(self) -> None:
        body = {"kind": "lease", "lessees": [person(self.rng.choice(PEOPLE))], "until": "2030-01-01"}
        if self.rng.random() < 0.2:
            self.file(self.any_parcel(), body)

    def block(self) -> None:
        kind = self.rng.choice(("dispute", "distraint", "emergency-measure", "easement"))
        new = NewRestriction.model_validate(block(kind))
        restrictions.restrict(self.tx, self.any_parcel(), new, now=NOW)

    def lift(self) -> None:
        live = (Restriction.valid_to.is_(None), Restriction.kind != "mortgage")
        rows = list(self.tx.scalars(select(Restriction).where(*live).order_by(Restriction.id)))
        for row in rows[: self.rng.randint(1, 4)]:
            lifting: Any = Lifting.model_validate({k: v for k, v in block().items() if k != "kind"})
            restrictions.lift(self.tx, row.parcel_key, row.id, lifting, now=NOW)

    def death(self) -> None:
        if self.rng.random() < 0.03:
            deaths.note_death(self.tx, self.rng.choice(PEOPLE), TODAY)

    # -- within --------------------------------------------------------------------------------------------

    def file(self, key: str, body: dict[str, Any]) -> None:
        changes.file(self.tx, key, change(body), now=NOW)

    def any_parcel(self) -> str:
        live = list(self.tx.scalars(select(Parcel.key).where(Parcel.retired_on.is_(None)).order_by(Parcel.key)))
        return self.rng.choice(live) if self.rng.random() > 0.03 else f"{COMMUNE}-12-1"

    def any_change(self) -> str:
        pending = Change.state == ChangeState.PENDING.value
        found = list(self.tx.scalars(select(Change.id).where(pending).order_by(Change.id)))
        if not found or self.rng.random() < 0.05:
            found = list(self.tx.scalars(select(Change.id).order_by(Change.id)))
        return self.rng.choice(found)

    def any_restriction(self) -> Restriction:
        found = list(self.tx.scalars(select(Restriction).order_by(Restriction.id)))
        if not found:
            raise Problem(NOT_FOUND, what="land restriction", id="-")
        return self.rng.choice(found)

    def holders(self, key: str) -> list[tuple[str, Fraction]]:
        rows = self.tx.execute(
            select(Holding.personal_id, Holding.numerator, Holding.denominator)
            .join(Right, Right.id == Holding.right_id)
            .where(Holding.parcel_key == key, Holding.valid_to.is_(None), Right.kind == "use")
            .order_by(Holding.personal_id)
        )
        return [(who or "", Fraction(up, down)) for who, up, down in rows]


def check_invariants(tx: Tx, total_area: int) -> None:
    """Shares sum to one, one live right of use and at most one live certificate a parcel, area conserved, a
    retired parcel holds nothing, one pending change a right, versions without a gap."""
    tx.flush()
    live = set(tx.scalars(select(Parcel.key).where(Parcel.retired_on.is_(None))))
    sums: dict[str, Fraction] = {}
    kinds: dict[str, tuple[str, str]] = {}
    for row in tx.execute(select(Right.id, Right.parcel_key, Right.kind).where(Right.valid_to.is_(None))):
        kinds[row.id] = (row.parcel_key, row.kind)
    columns = (Holding.right_id, Holding.numerator, Holding.denominator)
    for right_id, up, down in tx.execute(select(*columns).where(Holding.valid_to.is_(None))):
        sums[right_id] = sums.get(right_id, Fraction(0)) + Fraction(up, down)
    assert set(sums) == set(kinds)
    assert set(sums.values()) == {Fraction(1)}
    uses = [key for key, kind in kinds.values() if kind == RightKind.USE]
    assert sorted(uses) == sorted(live)
    assert {key for key, _ in kinds.values()} == live
    certified = list(tx.scalars(select(Certificate.parcel_key).where(Certificate.valid_to.is_(None))))
    assert sorted(certified) == sorted(live)
    described = tx.execute(
        select(Description.parcel_key, Description.area, Description.land_uses).where(
            Description.valid_to.is_(None)
        )
    ).all()
    assert sorted(row[0] for row in described) == sorted(live)
    assert sum(row[1] for row in described) == total_area
    assert all(sum(area for _, area in uses_) == area_ for _, area_, uses_ in described)
    assert set(tx.scalars(select(Restriction.parcel_key).where(Restriction.valid_to.is_(None)))) <= live
    pending = select(Change.parcel_key, func.count()).where(Change.state == "pending").group_by(Change.parcel_key)
    assert all(count == 1 for _, count in tx.execute(pending))
    numbered = list(tx.scalars(select(Change.number).where(Change.state == "registered")))
    assert len(numbered) == len(set(numbered))
    assert max(int((number or "0").rpartition("-")[2]) for number in numbered) == len(numbered)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_random_histories_keep_the_invariants(tmp_path: Path, seed: int) -> None:
    file = tmp_path / f"{seed}.db"
    file.unlink(missing_ok=True)
    asyncio.run(one_history(file, seed))


async def one_history(file: Path, seed: int) -> None:
    async with Store(f"sqlite:///{file}", source="/truc/land") as store:
        store.create_tables(metadata)

        def history(tx: Tx) -> int:
            world = World(tx, random.Random(seed))
            total = PARCELS * 25_050
            for number in range(OPERATIONS):
                world.step()
                if number % 50 == 49:
                    check_invariants(tx, total)
            assert sum(world.done.values()) > OPERATIONS // 5, (world.done, world.refused)
            return total

        total = await store.write(history)
        await store.read(lambda tx: check_invariants(tx, total))
        keys = await store.read(lambda tx: tx.execute(select(Parcel.key, Parcel.version)).all())
        events = await store.read(lambda tx: tx.scalar(select(func.count()).select_from(Outbox)))
        assert sum(version for _, version in keys) == events
