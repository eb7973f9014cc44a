"""Issuing, correcting and revoking, on both databases."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from contracts.events.result import ResultIssued, ResultRevoked
from contracts.problems import NOT_FOUND, RESULT_CLOSED, RESULT_INCOMPLETE, RESULT_UNSIGNABLE, VALIDATION, Problem
from contracts.results import Owner, ResultState
from services.bus.kit.store import Store
from services.bus.kit.tables import Outbox
from services.dossier.results.commands import issue, revoke, supersede
from services.dossier.results.keyring import KeyRing
from services.dossier.results.models import IssuedResult, ResultHolder
from services.dossier.results.queries import find_result
from services.dossier.results.views import as_attachment, document_of, state_of
from tests.services.dossier.results.conftest import NOW, OTHER, PERSON, SINGLE, certificate

pytestmark = pytest.mark.anyio


async def events(store: Store) -> list[dict[str, Any]]:
    rows = await store.read(lambda tx: list(tx.scalars(select(Outbox.payload).order_by(Outbox.id))))
    return [orjson.loads(row) for row in rows]


async def refusal(store: Store, command: Any) -> Problem:
    before = await events(store)
    with pytest.raises(Problem) as caught:
        await store.write(command)
    assert await events(store) == before
    assert caught.value.document("vi")["detail"] != caught.value.document("en")["detail"]
    return caught.value


async def test_issuing_keeps_signs_and_announces(store: Store, ring: KeyRing) -> None:
    row = await store.write(lambda tx: issue(tx, ring, **certificate(holders=[OTHER, PERSON])))
    kept = await store.read(lambda tx: find_result(tx, row.id))
    assert document_of(kept) == document_of(row)
    assert (kept.number, kept.code, kept.version) == ("12/2023", "H08-KQ000104", 1)
    assert kept.valid_until == date(2023, 9, 1), "six months by law"
    assert kept.holders == [PERSON, OTHER]
    holders = await store.read(lambda tx: sorted(tx.scalars(select(ResultHolder.holder_id))))
    assert holders == [PERSON, OTHER]
    (event,) = await events(store)
    assert (event["key"], event["version"]) == (row.id, 1)
    assert event["type"] == ResultIssued.cloudevents_type()
    told = ResultIssued.model_validate(event["data"])
    assert (told.kind, told.dossier_code) == ("marital-status-certificate", "H08.31.21-230301-0001")
    assert PERSON not in orjson.dumps(event).decode(), "the axis is not told whose it is"


async def test_a_result_as_a_dossier_lists_it(store: Store, ring: KeyRing) -> None:
    from contracts.events.dossier import Attachment

    row = await store.write(lambda tx: issue(tx, ring, **certificate()))
    listed = as_attachment(row)
    assert listed["name"] == "Giấy xác nhận tình trạng hôn nhân 12-2023.json"
    assert listed["size"] == len(document_of(row))
    assert Attachment.model_validate(listed).id == row.id


@pytest.mark.parametrize("missing", ["full_name", "marital_status", "number"])
async def test_an_incomplete_result_is_not_issued(store: Store, ring: KeyRing, missing: str) -> None:
    for left in ({}, {missing: ""}, {missing: None}):
        content = {name: value for name, value in SINGLE.items() if name != missing} | left
        problem = await refusal(store, lambda tx, it=content: issue(tx, ring, **certificate(content=it)))
        assert problem.type is RESULT_INCOMPLETE
        assert [each.field for each in problem.errors] == [f"body.content.{missing}"]


@pytest.mark.parametrize(
    "odd", [math.nan, math.inf, 2**60 + 1, "\ud800", object(), {1: 2}, "x" * 70_000, [[[[[]]]]] * 9_000]
)
async def test_what_cannot_be_signed_is_not_issued(store: Store, ring: KeyRing, odd: Any) -> None:
    content = {**SINGLE, "more": odd}
    problem = await refusal(store, lambda tx: issue(tx, ring, **certificate(content=content)))
    assert problem.type is RESULT_UNSIGNABLE


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"content": {**SINGLE, "number": "x" * 201}}, "body.number"),
        ({"content": {**SINGLE, "number": "1\n2"}}, "body.number"),
        ({"dossier_code": "H08"}, "body.dossier_code"),
        ({"procedure_code": "x"}, "body.procedure_code"),
    ],
)
async def test_what_breaks_a_rule_is_named(
    store: Store, ring: KeyRing, changes: dict[str, Any], field: str
) -> None:
    problem = await refusal(store, lambda tx: issue(tx, ring, **certificate(**changes)))
    assert problem.type is VALIDATION
    assert [each.field for each in problem.errors] == [field]


async def test_a_bad_one_hurts_nobody_else_in_its_batch(store: Store, ring: KeyRing) -> None:
    import asyncio

    good = [store.write(lambda tx: issue(tx, ring, **certificate())) for _ in range(20)]
    bad = [store.write(lambda tx: issue(tx, ring, **certificate(content={}))) for _ in range(5)]
    done = await asyncio.gather(*good, *bad, return_exceptions=True)
    assert sum(isinstance(each, Problem) for each in done) == 5
    count = await store.read(lambda tx: len(list(tx.scalars(select(IssuedResult.id)))))
    assert count == 20
    assert len(await events(store)) == 20


async def test_states(store: Store, ring: KeyRing) -> None:
    row = await store.write(lambda tx: issue(tx, ring, **certificate(valid_until=date(2023, 3, 1))))
    assert state_of(row, NOW) is ResultState.VALID
    assert state_of(row, NOW + timedelta(hours=14, minutes=59)) is ResultState.VALID, "until midnight in Vietnam"
    assert state_of(row, NOW + timedelta(hours=15)) is ResultState.EXPIRED
    revoked = await store.write(lambda tx: revoke(tx, row.id, reason="Cấp nhầm", by="officer", now=NOW))
    assert state_of(revoked, NOW) is ResultState.REVOKED
    assert state_of(revoked, NOW + timedelta(days=9)) is ResultState.REVOKED


async def test_a_correction_takes_the_place_of_the_old_one(store: Store, ring: KeyRing) -> None:
    old = await store.write(lambda tx: issue(tx, ring, **certificate(holders=[OTHER])))
    signed = document_of(old)
    content = {**SINGLE, "full_name": "Nguyễn Văn Ân"}
    new = await store.write(
        lambda tx: supersede(
            tx, ring, old.id, content=content, reason="Sai tên", by="officer", now=NOW, owner_name="Nguyễn Văn Ân"
        )
    )
    old = await store.read(lambda tx: find_result(tx, old.id))
    assert document_of(old) == signed, "what was signed is not touched"
    assert (old.superseded_by, old.revoked_by, old.version) == (new.id, "officer", 2)
    assert (new.supersedes, new.owner_name, new.holders) == (old.id, "Nguyễn Văn Ân", [PERSON, OTHER])
    assert new.valid_until == old.valid_until
    assert new.verification_code != old.verification_code
    assert state_of(old, NOW) is ResultState.SUPERSEDED
    told = [(each["key"], each["version"], each["type"]) for each in await events(store)]
    assert told == [
        (old.id, 1, ResultIssued.cloudevents_type()),
        (new.id, 1, ResultIssued.cloudevents_type()),
        (old.id, 2, ResultRevoked.cloudevents_type()),
    ]
    for command in (
        lambda tx: revoke(tx, old.id, reason="x", by="y", now=NOW),
        lambda tx: supersede(tx, ring, old.id, content=content, reason="x", by="y", now=NOW),
    ):
        assert (await refusal(store, command)).type is RESULT_CLOSED


async def test_two_corrections_at_once_leave_one(store: Store, ring: KeyRing) -> None:
    import asyncio

    old = await store.write(lambda tx: issue(tx, ring, **certificate()))
    done = await asyncio.gather(
        *(
            store.write(lambda tx: supersede(tx, ring, old.id, content=SINGLE, reason="x", by="y", now=NOW))
            for _ in range(5)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Problem) and each.type is RESULT_CLOSED for each in done) == 4
    assert await store.read(lambda tx: len(list(tx.scalars(select(IssuedResult.id))))) == 2


async def test_what_is_not_there_cannot_be_revoked(store: Store) -> None:
    problem = await refusal(store, lambda tx: revoke(tx, "x", reason="x", by="y", now=NOW))
    assert problem.type is NOT_FOUND


async def test_an_organisation_owns_results_too(store: Store, ring: KeyRing) -> None:
    owner = Owner(id="0100233488-001", name="Công ty Cổ phần Quy Nhơn")
    row = await store.write(lambda tx: issue(tx, ring, **certificate(owner=owner)))
    assert row.holders == ["0100233488-001"]


LAND: dict[str, Any] = {"certificate_code": "T1ABCDEFGH12", "parcel": ["21583-12-34"]}


async def test_a_new_certificate_of_a_parcel_ends_the_one_before(store: Store, ring: KeyRing) -> None:
    async def certified(parcel: str, **changes: Any) -> IssuedResult:
        asked = certificate(kind="land-certificate", content=LAND, subject=parcel, **changes)
        return await store.write(lambda tx: issue(tx, ring, **asked))

    first = await certified("A")
    elsewhere = await certified("B")
    other_kind = await store.write(lambda tx: issue(tx, ring, **certificate(subject="A")))
    buyer = Owner(id=OTHER, name="Trần Thị Bình")
    second = await certified("A1", replaces=["A", "A1"], owner=buyer)
    states = {}
    for row in (first, elsewhere, other_kind, second):
        kept = await store.read(lambda tx, id=row.id: find_result(tx, id))
        states[row.id] = (state_of(kept, NOW), kept.superseded_by)
    assert states == {
        first.id: (ResultState.SUPERSEDED, second.id),
        elsewhere.id: (ResultState.VALID, None),
        other_kind.id: (ResultState.VALID, None),
        second.id: (ResultState.VALID, None),
    }
    last = (await events(store))[-1]
    assert (last["key"], last["version"]) == (first.id, 2)
    assert last["type"] == ResultRevoked.cloudevents_type()
    assert await store.read(lambda tx: state_of(find_result(tx, second.id), NOW)) is ResultState.VALID


async def test_a_correction_stays_about_its_subject(store: Store, ring: KeyRing) -> None:
    asked = certificate(kind="land-certificate", content=LAND, subject="A")
    old = await store.write(lambda tx: issue(tx, ring, **asked))
    new = await store.write(lambda tx: supersede(tx, ring, old.id, content=LAND, reason="x", by="y", now=NOW))
    third = await store.write(lambda tx: issue(tx, ring, **{**asked, "replaces": ["A"]}))
    assert (await store.read(lambda tx: find_result(tx, new.id))).superseded_by == third.id
    assert (await store.read(lambda tx: find_result(tx, old.id))).superseded_by == new.id
