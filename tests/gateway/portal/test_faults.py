"""Faults: decided by a seed, carried out on the wire, counted, and never half doing a call."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from contracts.portal import DATA_PATH
from gateway.portal.app import build
from gateway.portal.faults import NOTHING, RUBBISH, Fault, FaultBox, FaultPlan, Injection, Latency
from gateway.portal.settings import PortalSettings
from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import TestIssuer
from tests.gateway.portal.conftest import CODE, NOW, OpenPortal, Wire, hoso
from tests.gateway.portal.serving import serving

MIXED: dict[str, Any] = {
    "seed": 7,
    "latency": {"distribution": "pareto", "ms": 1, "alpha": 1.5},
    "error_rate": 0.1,
    "rubbish_rate": 0.1,
    "timeout_rate": 0.1,
    "expire_sessions_rate": 0.1,
    "lost_reply_rate": 0.1,
}


def drawn(plan: dict[str, Any], calls: int = 500) -> list[Injection]:
    box = FaultBox()
    box.set(FaultPlan.model_validate(plan), NOW)
    return [box.next(NOW) for _ in range(calls)]


def test_the_same_seed_and_order_give_the_same_faults() -> None:
    assert drawn(MIXED) == drawn(MIXED)
    assert drawn(MIXED) != drawn({**MIXED, "seed": 8})


def test_each_fault_comes_as_often_as_asked_for() -> None:
    found = Counter(each.fault for each in drawn(MIXED, 5_000))
    left = 1.0
    for fault in (Fault.ERROR, Fault.RUBBISH, Fault.TIMEOUT, Fault.EXPIRED_SESSION, Fault.LOST_REPLY):
        assert found[fault] == pytest.approx(5_000 * 0.1 * left, rel=0.2)
        left *= 0.9
    assert found[None] == pytest.approx(5_000 * left, rel=0.1)


def test_changing_one_rate_leaves_the_other_decisions_alone() -> None:
    """Every call draws the same numbers, so runs with and without a fault can be compared call by call."""
    with_errors = drawn({**MIXED, "latency": None})
    without = drawn({**MIXED, "latency": None, "error_rate": 0})
    assert all(a.fault is Fault.ERROR or a == b for a, b in zip(with_errors, without, strict=True))


@given(st.floats(0, 1, exclude_max=True), st.sampled_from(["constant", "uniform", "lognormal", "pareto"]))
def test_no_delay_is_negative_or_beyond_its_cap(chance: float, distribution: str) -> None:
    latency = Latency.model_validate({"distribution": distribution, "ms": 20, "max_ms": 500})
    assert 0 <= latency.seconds(chance) <= 0.5


def test_delays_have_the_shape_they_were_given() -> None:
    assert Latency(ms=20).seconds(0.9) == 0.02
    assert Latency(distribution="uniform", ms=20, min_ms=10).seconds(0.5) == pytest.approx(0.015)
    assert Latency(distribution="lognormal", ms=20).seconds(0.5) == pytest.approx(0.02)
    assert Latency(distribution="pareto", ms=20, alpha=2).seconds(0.75) == pytest.approx(0.04)


def test_without_a_plan_nothing_is_drawn() -> None:
    box = FaultBox()
    assert box.next(NOW) is NOTHING
    assert box.calls == 0


# -- on the wire -------------------------------------------------------------------------------------------
async def put(wire: Wire, **plan: Any) -> dict[str, Any]:
    response = await wire.http.put("/v1/faults", json=plan)
    assert response.status_code == 200, response.text
    state: dict[str, Any] = response.json()
    return state


async def post(wire: Wire, **call: Any) -> httpx.Response:
    body = {"session": wire.session, "madonvi": "H08", "service": "DongBoHoSoMC", **call}
    return await wire.http.post(DATA_PATH, json=body, headers={"dstcode": "D"})


@pytest.mark.anyio
async def test_a_plan_is_shown_back_with_its_counters_and_can_be_taken_away(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        assert (await wire.http.get("/v1/faults")).json()["plan"] is None
        state = await put(wire, seed=3, error_rate=1.0)
        assert (state["plan"]["error_rate"], state["calls"], state["injected"]) == (1.0, 0, {})
        statuses = {(await post(wire)).status_code for _ in range(40)}
        assert statuses == {500, 502, 503, 504}
        state = (await wire.http.get("/v1/faults")).json()
        assert (state["calls"], state["injected"]) == (40, {"error": 40})
        assert (await wire.http.delete("/v1/faults")).status_code == 204
        await wire.done("DongBoHoSoMC", data=[hoso()])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"error_rate": 1.5}, "body.error_rate"),
        ({"seeed": 1}, "body.seeed"),
        ({"latency": {"distribution": "normal", "ms": 1}}, "body.latency.distribution"),
        ({"latency": {"ms": -1}}, "body.latency.ms"),
        ({"latency": {"distribution": "uniform", "ms": 1, "min_ms": 2}}, "body.latency"),
        ({"outage": {}}, "body.outage"),
        ({"outage": {"for_seconds": 1, "until": "2023-01-01T00:00:00Z"}}, "body.outage"),
        ({"outage": {"until": "2023-01-01T00:00:00"}}, "body.outage.until"),
        ({"refuse": [{"field": "MaTTHC"}]}, "body.refuse[0].equals"),
    ],
)
async def test_a_bad_plan_is_refused_by_field(
    open_on_sqlite: OpenPortal, plan: dict[str, Any], field: str
) -> None:
    async with open_on_sqlite() as wire:
        response = await wire.http.put("/v1/faults", json=plan)
        assert response.status_code == 422
        assert field in [each["field"] for each in response.json()["errors"]]


@pytest.mark.anyio
async def test_faults_need_their_scope(open_on_sqlite: OpenPortal, issuer: TestIssuer) -> None:
    async with open_on_sqlite() as wire:
        for method in ("GET", "PUT", "DELETE"):
            assert (
                await wire.http.request(method, "/v1/faults", headers={"Authorization": ""})
            ).status_code == 401
        token = {"Authorization": f"Bearer {issuer.token('dossier:read')}"}
        assert (await wire.http.get("/v1/faults", headers=token)).status_code == 403


@pytest.mark.anyio
async def test_faults_leave_the_citizens_alone(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        await put(wire, error_rate=1.0, outage={"for_seconds": 60})
        assert (await wire.http.get("/")).status_code == 200
        assert (await wire.http.get("/v1/summary")).status_code == 200


@pytest.mark.anyio
async def test_rubbish_looks_like_the_rubbish_of_broken_adapters(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        await put(wire, rubbish_rate=1.0)
        seen = {(await post(wire, data=[hoso()])).content for _ in range(80)}
        assert seen == {body for _, body in RUBBISH}
        await wire.http.delete("/v1/faults")
        assert await wire.done("TraCuuHoSo", mahoso=CODE) == []


@pytest.mark.anyio
async def test_an_expired_session_stays_expired(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        await put(wire, expire_sessions_rate=1.0)
        assert (await wire.call("LayDanhMucLinhVuc"))["error_code"] == "-2"
        await wire.http.delete("/v1/faults")
        assert (await wire.call("LayDanhMucLinhVuc"))["error_code"] == "-2"


@pytest.mark.anyio
async def test_an_outage_ends_by_itself(open_on_sqlite: OpenPortal, clock: FixedClock) -> None:
    async with open_on_sqlite() as wire:
        state = await put(wire, outage={"for_seconds": 30})
        assert state["outage_until"].startswith("2023-03-15T02:00:30")
        assert (await post(wire)).status_code == 503
        clock.advance(timedelta(seconds=30))
        await wire.done("DongBoHoSoMC", data=[hoso()])


@pytest.mark.anyio
async def test_rules_refuse_for_content_and_nothing_else(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        rule = {"field": "MaTTHC", "equals": "1.001193", "error_code": "-7", "message": "Không nhận"}
        await put(wire, refuse=[{**rule, "verb": "DongBoHoSoMC"}])
        answer = await wire.call("DongBoHoSoMC", data=[hoso(MaTTHC="1.001570"), hoso(CODE + "2")])
        assert (answer["error_code"], answer["message"]) == ("-7", "Không nhận")
        await wire.done("DongBoHoSoMC", data=[hoso(MaTTHC="1.001570")])
        assert (await wire.http.get("/v1/faults")).json()["injected"] == {"refused": 1}


# -- on a real socket --------------------------------------------------------------------------------------
@pytest.fixture
def socket_portal(tmp_path: Path, issuer: TestIssuer) -> Iterator[httpx.Client]:
    """A portal on a port, for what happens to connections."""
    settings = PortalSettings(
        data_dir=tmp_path, jwks_file=issuer.jwks_file, sync_password=SecretStr("right"), log_level="ERROR"
    )
    with serving(build(settings)) as url:
        headers = {"Authorization": f"Bearer {issuer.token('portal:faults')}", "dstcode": "D"}
        with httpx.Client(base_url=url, headers=headers, timeout=10) as client:
            yield client


def log_in(client: httpx.Client) -> str:
    login = {"username": "sync", "password": "right"}
    session: str = client.post(DATA_PATH.removesuffix("g") + "login", json=login).json()["session"]
    return session


def test_a_lost_reply_did_the_work_and_answers_nothing(socket_portal: httpx.Client) -> None:
    client = socket_portal
    call = {"session": log_in(client), "madonvi": "H08", "service": "DongBoHoSoMC", "data": [hoso()]}
    client.put("/v1/faults", json={"lost_reply_rate": 1.0})
    with pytest.raises(httpx.TransportError):
        client.post(DATA_PATH, json=call)
    client.delete("/v1/faults")
    assert client.post(DATA_PATH, json=call).json()["error_code"] == "3"


def test_an_outage_can_drop_connections(socket_portal: httpx.Client) -> None:
    client = socket_portal
    client.put("/v1/faults", json={"outage": {"for_seconds": 60, "manner": "drop"}})
    with pytest.raises(httpx.TransportError):
        client.post(DATA_PATH, json={})
    client.delete("/v1/faults")
    assert client.post(DATA_PATH, json={}).status_code == 200


def test_a_call_that_is_never_answered_ends_with_the_callers_patience(socket_portal: httpx.Client) -> None:
    client = socket_portal
    call = {"session": log_in(client), "madonvi": "H08", "service": "DongBoHoSoMC", "data": [hoso()]}
    client.put("/v1/faults", json={"timeout_rate": 1.0})
    with pytest.raises(httpx.ReadTimeout):
        client.post(DATA_PATH, json=call, timeout=0.2)
    client.put("/v1/faults", json={"timeout_rate": 1.0, "timeout_seconds": 0.1})
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(DATA_PATH, json=call)
    client.delete("/v1/faults")
    assert client.post(DATA_PATH, json=call).json()["error_code"] == "0", "it must not have been done before"


def test_a_caller_that_hangs_up_in_the_middle_costs_nothing(socket_portal: httpx.Client) -> None:
    host, port = socket_portal.base_url.host, socket_portal.base_url.port
    assert port is not None
    with socket.create_connection((host, port)) as half:
        half.sendall(
            f"POST {DATA_PATH} HTTP/1.1\r\nHost: x\r\ndstcode: D\r\nContent-Length: 99\r\n\r\n{{".encode()
        )
    assert socket_portal.post(DATA_PATH, json={}).json()["error_code"] == "-2"
