"""A reconciliation through the API: what it finds, what it does not take for a finding, what it repairs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import Event
from services.bus.kit.testing import TestIssuer
from tests.gateway.sync.province import Sync, code_of, history, settings_for, status_event, syncing
from tests.gateway.sync.wire import WirePortal
from tests.services.bus.kit.misbehaving import Server, Talk, answer, misbehaving

pytestmark = pytest.mark.anyio

A, B, C = code_of(1), code_of(2), code_of(3)


class Province:
    """A dossier service that lists what it has announced."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.steps: dict[str, list[list[Any]]] = {}
        server.otherwise = self.answer

    def took(self, *events: Event) -> list[Event]:
        for event in events:
            self.steps.setdefault(event.key, []).append([event.version, event.data["status"], event.data["at"]])
        return list(events)

    async def answer(self, talk: Talk) -> None:
        assert talk.request.path == "/v1/export"
        lines = [{"code": code, "steps": steps} for code, steps in sorted(self.steps.items())]
        await answer(200, b"".join(json.dumps(line).encode() + b"\n" for line in lines))(talk)


@pytest.fixture
async def province() -> AsyncIterator[Province]:
    async with misbehaving() as server:
        yield Province(server)


@pytest.fixture
async def sync(
    portal: WirePortal,
    province: Province,
    database_url: str,
    issuer: TestIssuer,
    token_for: Callable[..., str],
) -> AsyncIterator[Sync]:
    settings = settings_for(
        portal.url, database_url, issuer, dossier_url=province.server.url, settle_s=3.0, lookups_per_s=1000.0
    )
    async with syncing(settings, token_for("sync:read", "sync:repair")) as sync:
        yield sync


async def reconciled(sync: Sync) -> dict[str, Any]:
    begun = await sync.client.post("/v1/reconciliations")
    assert begun.status_code == 202, begun.text
    async with asyncio.timeout(20):
        while True:
            response = await sync.client.get(begun.headers["location"])
            if response.json()["state"] != "running":
                return response.json()  # type: ignore[no-any-return]
            await asyncio.sleep(0.02)


def kinds(result: dict[str, Any]) -> list[tuple[str, str, str, int | None]]:
    return [(each["kind"], each["side"], each["code"], each["version"]) for each in result["findings"]["items"]]


async def test_three_sides_that_agree(portal: WirePortal, province: Province, sync: Sync) -> None:
    await sync.hear(*province.took(*history(A, 2, 4, 9), *history(B, 1, 3)))
    await sync.drained()
    result = await reconciled(sync)
    assert result["state"] == "done"
    assert result["counts"]["dossiers"] == {"province": 2, "axis": 2, "portal": 2}
    assert result["counts"]["statuses"] == {"province": 5, "axis": 5, "portal": 5}
    assert (result["counts"]["lost"], result["counts"]["duplicated"], result["counts"]["out_of_order"]) == (
        0,
        0,
        0,
    )
    assert result["findings"] == {"items": [], "next_cursor": None}


async def test_every_kind_of_finding_and_what_can_be_repaired(
    portal: WirePortal, province: Province, sync: Sync
) -> None:
    await sync.hear(*province.took(*history(A, 2, 4, 9), *history(B, 2, 4, 9), *history(C, 2, 4)))
    await sync.drained()
    province.took(*history(code_of(9), 2))  # announced, and never arrived
    del portal.dossiers[A]
    rows = portal.dossiers[B].rows
    rows[1], rows[2] = rows[2], rows[1]
    portal.dossiers[C].rows.append(("20230401000000", 9))
    portal.dossiers[C].item = {**portal.dossiers[C].item, "TrangThaiHoSo": "9"}
    result = await reconciled(sync)
    assert sorted(kinds(result), key=str) == sorted(
        [
            ("missing", "portal", A, 1),
            ("missing", "portal", A, 2),
            ("missing", "portal", A, 3),
            ("out_of_order", "portal", B, 2),
            ("extra", "portal", C, None),
            ("different", "portal", C, 2),
            ("missing", "axis", code_of(9), 1),
            ("missing", "portal", code_of(9), 1),
        ],
        key=str,
    )
    assert result["counts"]["lost"] == 4
    assert result["counts"]["findings"] == {
        "missing": 5,
        "extra": 1,
        "different": 1,
        "out_of_order": 1,
        "duplicated": 0,
    }
    repair = await sync.client.post(f"/v1/reconciliations/{result['id']}/repair", json={})
    assert (repair.status_code, repair.json()) == (202, {"dossiers": 2})
    async with asyncio.timeout(10):
        while A not in portal.dossiers or portal.dossiers[C].item["TrangThaiHoSo"] != "4":
            await asyncio.sleep(0.02)
    await sync.drained()
    after = await reconciled(sync)
    assert portal.dossiers[A].statuses == [2, 4, 9]
    assert {kind for kind, _, code, _ in kinds(after) if code == A} == set()
    assert ("extra", "portal", C, None) in kinds(after)  # what is too much cannot be taken back
    assert ("different", "portal", C, 2) not in kinds(after)
    repaired = (await sync.client.get(f"/v1/reconciliations/{result['id']}")).json()["findings"]["items"]
    assert {each["code"] for each in repaired if each["repair_at"] is not None} == {A, C}
    assert (await sync.client.post(f"/v1/reconciliations/{result['id']}/repair", json={})).json() == {
        "dossiers": 0
    }


async def test_only_the_named_findings_are_repaired(portal: WirePortal, province: Province, sync: Sync) -> None:
    await sync.hear(*province.took(*history(A, 2), *history(B, 2)))
    await sync.drained()
    portal.dossiers.clear()
    result = await reconciled(sync)
    (place,) = [each["place"] for each in result["findings"]["items"] if each["code"] == B]
    repair = await sync.client.post(f"/v1/reconciliations/{result['id']}/repair", json={"places": [place]})
    assert repair.json() == {"dossiers": 1}
    async with asyncio.timeout(10):
        while B not in portal.dossiers:
            await asyncio.sleep(0.02)
    await sync.drained()
    assert A not in portal.dossiers


async def test_what_is_under_way_is_no_finding(portal: WirePortal, province: Province, sync: Sync) -> None:
    """The portal does not answer while the first reading is made; afterwards everything arrives. The second
    reading waits for that."""
    await sync.hear(*province.took(*history(A, 2)))
    await sync.drained()
    portal.hanging = asyncio.Event()
    late = province.took(*history(B, 2, 4))
    await sync.hear(*province.took(*history(C, 2, 4)))
    running = asyncio.create_task(reconciled(sync))
    await province.server.requests(1)
    await sync.hear(*late)
    await asyncio.sleep(0.4)
    assert len(province.server.seen) == 1
    portal.hanging.set()
    result = await running
    assert len(province.server.seen) == 2
    assert kinds(result) == []
    assert result["counts"]["statuses"] == {"province": 5, "axis": 5, "portal": 5}


async def test_what_only_the_second_reading_finds_is_no_finding(
    portal: WirePortal, province: Province, sync: Sync
) -> None:
    """A step the dossier service took between the two readings has had no time to arrive."""
    province.took(*history(A, 2))

    async def then_another(talk: Talk) -> None:
        await province.answer(talk)
        province.took(status_event(A, 2, 4))

    province.server.will(then_another)
    assert kinds(await reconciled(sync)) == [("missing", "axis", A, 1), ("missing", "portal", A, 1)]


async def test_a_portal_that_lists_nothing_is_asked_dossier_by_dossier(
    portal: WirePortal, province: Province, tmp_path: Path, issuer: TestIssuer, token_for: Callable[..., str]
) -> None:
    settings = settings_for(
        portal.url,
        f"sqlite:///{tmp_path / 'sync.db'}",
        issuer,
        dossier_url=province.server.url,
        portal_export=False,
        lookups_per_s=1000.0,
    )
    async with syncing(settings, token_for("sync:read", "sync:repair")) as sync:
        await sync.hear(*province.took(*history(A, 2, 4), *history(B, 2), *history(C, 2)))
        await sync.drained()
        del portal.dossiers[B]
        portal.dossiers[C].item = {**portal.dossiers[C].item, "TrangThaiHoSo": "9"}
        result = await reconciled(sync)
        assert kinds(result) == [("missing", "portal", B, 1), ("different", "portal", C, 1)]
        assert result["counts"]["dossiers"] == {"province": 3, "axis": 3, "portal": 2}


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b'{"code": "B", "steps": []}\n{"code": "A", "steps": []}\n',
        b'{"code": "A", "steps": []}\n{"code": "A", "steps": []}\n',
    ],
)
async def test_a_side_that_cannot_be_read_or_is_not_sorted_ends_it(
    province: Province, sync: Sync, body: bytes
) -> None:
    province.server.otherwise = answer(200, body)
    result = await reconciled(sync)
    assert result["state"] == "failed"
    assert result["error"]
    assert result["counts"] is None
    province.server.otherwise = answer(503)
    assert "503" in (await reconciled(sync))["error"]


async def test_one_runs_at_a_time_and_a_repeated_request_starts_no_second(province: Province, sync: Sync) -> None:
    held = asyncio.Event()

    async def slow(talk: Talk) -> None:
        await held.wait()
        await answer(200, b"")(talk)

    province.server.otherwise = slow
    key = {"Idempotency-Key": "one"}
    first = await sync.client.post("/v1/reconciliations", headers=key)
    again = await sync.client.post("/v1/reconciliations", headers=key)
    assert (first.status_code, again.json()["id"]) == (202, first.json()["id"])
    other = await sync.client.post("/v1/reconciliations")
    assert (other.status_code, other.json()["type"]) == (409, "urn:truc:problem:conflict")
    repair = await sync.client.post(f"/v1/reconciliations/{first.json()['id']}/repair", json={})
    assert repair.status_code == 409
    held.set()
    async with asyncio.timeout(10):
        while (await sync.client.get("/v1/reconciliations")).json()["items"][0]["state"] == "running":
            await asyncio.sleep(0.02)
    assert len((await sync.client.get("/v1/reconciliations")).json()["items"]) == 1
    assert len(province.server.seen) == 1


async def test_findings_come_in_pages(portal: WirePortal, province: Province, sync: Sync) -> None:
    await sync.hear(*province.took(*(event for number in range(7) for event in history(code_of(number), 2))))
    await sync.drained()
    portal.dossiers.clear()
    result = await reconciled(sync)
    codes, cursor = [], ""
    while True:
        path = f"/v1/reconciliations/{result['id']}?limit=3&kind=missing{cursor}"
        page = (await sync.client.get(path)).json()["findings"]
        codes += [each["code"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert codes == [code_of(number) for number in range(7)]
