"""What the portal shows to whoever has to prove that nothing got lost, repeated or reordered."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from gateway.portal.app import VERSIONS
from gateway.portal.models import metadata
from gateway.portal.queries import proof
from services.bus.kit.clock import FixedClock
from services.bus.kit.engines import writer_engine
from services.bus.kit.migrations import differences
from services.bus.kit.testing import TestIssuer
from tests.gateway.portal.conftest import CODE, OpenPortal, Wire, hoso, row

pytestmark = pytest.mark.anyio
OTHER = "H08.31.28-230315-0002"


async def fill(wire: Wire, clock: FixedClock) -> None:
    await wire.done("DongBoHoSoMC", data=[hoso(), hoso(OTHER, 1)])
    await wire.done("CapNhatTienDoHoSoMC", data=[row(2, "085959"), row(1, "085958", OTHER)])
    clock.advance(timedelta(seconds=1))
    await wire.done("CapNhatTienDoHoSoMC", data=[row(4, "090001")])
    await wire.done("CapNhatTienDoHoSoMC", data=[row(2, "085959"), row(4, "090001")])
    await wire.done("CapNhatTienDoHoSoMC", data=[row(9, "080000")])
    await wire.done("DongBoHoSoMC", isUpdating="True", data=[hoso(status=4)])
    assert (await wire.call("CapNhatTienDoHoSoMC", data=[row(3, "100000")]))["error_code"] == "-1"


async def test_one_dossier_is_shown_in_order_of_arrival(open_portal: OpenPortal, clock: FixedClock) -> None:
    async with open_portal() as wire:
        await fill(wire, clock)
        told = (await wire.http.get(f"/v1/dossiers/{CODE}")).json()
        assert (told["status"], told["duplicates_ignored"], told["older_ignored"]) == (4, 2, 1)
        assert [(each["arrival"], each["at"], each["status"]) for each in told["steps"]] == [
            (1, "20230315085959", 2),
            (2, "20230315090001", 4),
        ]
        assert told["steps"][0]["received_at"] == "2023-03-15T02:00:00.250000Z"
        assert told["steps"][0]["lag_ms"] == 1_250
        assert (await wire.http.get("/v1/dossiers/H08-230101-0001")).status_code == 404


async def test_the_summary_counts_everything(open_portal: OpenPortal, clock: FixedClock) -> None:
    async with open_portal() as wire:
        empty = (await wire.http.get("/v1/summary")).json()
        assert (empty["dossiers"], empty["lag_ms"]) == (0, {"p50": None, "p95": None})
        await fill(wire, clock)
        assert (await wire.http.get("/v1/summary")).json() == {
            "dossiers": 2,
            "statuses": 3,
            "by_status": {"1": 1, "4": 1},
            "duplicates_ignored": 2,
            "older_ignored": 1,
            "refused": 1,
            "submissions": 0,
            "requests_waiting": 0,
            "lag_ms": {"p50": 1_250, "p95": 2_250},
        }


async def test_lists_and_the_export_have_every_dossier_once(open_portal: OpenPortal) -> None:
    codes = [f"H08.31.28-230315-{number:04d}" for number in range(1, 8)]
    async with open_portal() as wire:
        await wire.done("DongBoHoSoMC", data=[hoso(code) for code in codes])
        await wire.done("CapNhatTienDoHoSoMC", data=[row(2, "080000", code) for code in codes[1:]])
        found, cursor = [], ""
        while cursor is not None:
            query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await wire.http.get("/v1/dossiers", params=query)).json()
            found += [(each["code"], each["steps"]) for each in page["items"]]
            cursor = page["next_cursor"]
        assert found == [(code, int(code != codes[0])) for code in codes]
        response = await wire.http.get("/v1/export")
        assert response.headers["content-type"].startswith("application/x-ndjson")
        lines = [json.loads(line) for line in response.text.splitlines()]
        assert [line["code"] for line in lines] == codes
        assert lines[0] == {"code": codes[0], "status": 2, "steps": []}
        assert lines[1] == {"code": codes[1], "status": 2, "steps": [["20230315080000", 2, 1]]}


async def test_the_export_goes_on_over_page_borders(open_portal: OpenPortal) -> None:
    codes = [f"H08.31.28-230315-{number:04d}" for number in range(1, proof.EXPORT_PAGE + 2)]
    async with open_portal(max_dossiers_per_call=len(codes), call_bytes=8_000_000) as wire:
        await wire.done("DongBoHoSoMC", data=[hoso(code) for code in codes])
        lines = (await wire.http.get("/v1/export")).text.splitlines()
        assert [json.loads(line)["code"] for line in lines] == codes


async def test_looking_needs_the_scope(open_portal: OpenPortal, issuer: TestIssuer) -> None:
    async with open_portal() as wire:
        for path in ("/v1/summary", "/v1/dossiers", f"/v1/dossiers/{CODE}", "/v1/export"):
            assert (await wire.http.get(path, headers={"Authorization": ""})).status_code == 401
            token = {"Authorization": f"Bearer {issuer.token('sync:read')}"}
            assert (await wire.http.get(path, headers=token)).status_code == 403


async def test_bad_questions_are_problems(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        for query, status in (("cursor=x", 400), ("limit=0", 422), ("limit=x", 422), ("cursor=WzFd", 400)):
            response = await wire.http.get(f"/v1/dossiers?{query}")
            assert response.status_code == status
            assert response.headers["content-type"] == "application/problem+json"


def test_the_migrations_have_all_that_the_models_have(database_url: str) -> None:
    engine = writer_engine(database_url)
    try:
        assert differences(engine, VERSIONS, metadata) == []
    finally:
        engine.dispose()
