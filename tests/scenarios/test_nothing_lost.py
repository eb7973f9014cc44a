"""Rows that disappear behind the system's back, on either side, are found, named to the dossier and repaired; and
signed statements say what the sides hold, for anybody with the public key.

Everything runs for real, and whoever deletes does it in the database, as an accident would."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, create_engine, text

from bench.dossiers import act, take_in
from bench.load import drive, run
from bench.mesh import Mesh, mesh
from services.bus.kit.engines import normalised
from services.bus.kit.testing import PostgresServer

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(400)]

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.2
SETTINGS = ("TRUC_SYNC_COMPARE_EVERY_S=0", "TRUC_SYNC_STILL_S=1", "TRUC_SYNC_SETTLE_S=3")


class Province:
    """A running axis, and hands in its databases."""

    def __init__(self, mesh: Mesh, urls: dict[str, str]) -> None:
        self.mesh = mesh
        self.sync = mesh.client("sync")
        self.hub = mesh.client("hub")
        self._engines: dict[str, Engine] = {name: create_engine(normalised(url)) for name, url in urls.items()}

    def sql(self, process: str, statement: str, **values: Any) -> int:
        """How many rows it changed."""
        engine = self._engines[process]
        with engine.begin() as connection:
            return connection.execute(text(statement), values).rowcount

    def state(self) -> dict[str, Any]:
        return self.sync.get("/v1/reconciliation").raise_for_status().json()  # type: ignore[no-any-return]

    def compared(self) -> dict[str, Any]:
        """The state after a whole comparison that was begun now."""
        before = self.state()["last"]
        assert self.sync.post("/v1/reconciliation/compare").status_code == httpx.codes.ACCEPTED
        state = self.until(lambda: self._newer(before))
        assert state["error"] is None
        return state  # type: ignore[no-any-return]

    def _newer(self, before: dict[str, Any] | None) -> dict[str, Any] | None:
        state = self.state()
        last = state["last"]
        return state if last and (before is None or last["started_at"] > before["started_at"]) else None

    def differences(self, **query: Any) -> list[dict[str, Any]]:
        found = self.sync.get("/v1/reconciliation/differences", params=query).raise_for_status().json()
        return found["items"]  # type: ignore[no-any-return]

    def repair(self, id: str) -> dict[str, Any]:
        answer = self.sync.post(f"/v1/reconciliation/differences/{id}/repair")
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        self.until(lambda: not [each for each in self.differences(state="repairing") if each["id"] == id])
        return next(each for each in self.differences() if each["id"] == id)

    def until(self, look: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while not (found := look()):
            assert time.monotonic() < deadline, "not in time"
            time.sleep(LOOK_EVERY_S)
        return found

    def act(self, codes: list[str], action: str) -> None:
        requests = (act(code, action, self.mesh.token) for code in codes)
        run(drive(self.mesh.port("dossier"), requests, 4)).require(200)

    def on_portal(self, code: str) -> list[int]:
        with self.mesh.client("portal") as portal:
            answer = portal.get(f"/v1/dossiers/{code}")
        return [step["status"] for step in answer.json()["steps"]] if answer.status_code == httpx.codes.OK else []


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    data = tmp_path_factory.mktemp("lost") / "data"
    names = ("dossier", "sync", "portal")
    if request.param == "sqlite":
        urls = {name: f"sqlite:///{data / name / f'{name}.db'}" for name in names}
        with mesh(data, SETTINGS) as running:
            yield Province(running, urls)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    urls = {name: server.new_database() for name in names}
    given = [f"TRUC_{name.upper()}_DATABASE_URL={url}" for name, url in urls.items()]
    with mesh(data, [*SETTINGS, *given]) as running:
        yield Province(running, urls)


def test_losses_on_every_side_are_found_named_and_repaired(province: Province) -> None:
    codes = take_in(province.mesh, 30)
    province.act(codes[:20], "start")
    at_portal, in_memory, whole_lane, at_province = codes[2], codes[5], codes[7], codes[11]
    province.until(lambda: all(len(province.on_portal(code)) == 2 for code in codes[:20]))
    time.sleep(2.5)  # what is compared happened a second ago or earlier
    fine = province.compared()
    assert fine["last"]["equal"] and fine["open"] == 0
    assert fine["last"]["counts"] == {
        side: {"dossiers": 30, "rows": 50} for side in ("province", "axis", "portal")
    }
    digests = fine["last"]["digests"]
    assert digests["province"] == digests["axis"] and digests["axis_wire"] == digests["portal"]

    statement = province.hub.get(f"/v1/statements/dossiers/{at_portal}").raise_for_status().json()
    assert statement["statement"]["agree"] and statement["statement"]["portal"]["rows"] == 2

    # accidents: a dossier vanishes from the portal, a step and a whole lane from sync's memory, a dossier from the
    # province
    assert province.sql("portal", "DELETE FROM steps WHERE code = :code", code=at_portal) == 2
    assert province.sql("portal", "DELETE FROM dossiers WHERE code = :code", code=at_portal) == 1
    assert province.sql("sync", "DELETE FROM steps WHERE code = :code AND version = 1", code=in_memory) == 1
    assert province.sql("sync", "DELETE FROM steps WHERE code = :code", code=whole_lane) == 2
    assert province.sql("sync", "DELETE FROM lanes WHERE code = :code", code=whole_lane) == 1
    assert province.sql("dossier", "DELETE FROM steps WHERE code = :code", code=at_province) == 2
    lost = province.compared()
    assert not lost["last"]["equal"]
    found = province.differences(state="open", limit=100)
    assert {(each["code"], each["kind"], each["side"], each["version"], each["cause"]) for each in found} == {
        (at_portal, "missing", "portal", 1, "removed-at-portal"),
        (at_portal, "missing", "portal", 2, "removed-at-portal"),
        (in_memory, "missing", "axis", 1, "removed-from-axis"),
        (whole_lane, "missing", "axis", 1, "removed-from-axis"),
        (whole_lane, "missing", "axis", 2, "removed-from-axis"),
        (at_province, "extra", "axis", 1, "removed-at-province"),
        (at_province, "extra", "axis", 2, "removed-at-province"),
    }
    assert lost["open"] == 7 and lost["open_by_kind"] == {"missing": 5, "extra": 2}
    said = province.hub.get(f"/v1/statements/dossiers/{at_portal}").raise_for_status().json()["statement"]
    assert not said["agree"] and said["portal"]["rows"] == 0

    # one click each; who did it is kept
    for code in (at_portal, in_memory, whole_lane):
        [first, *_] = [each for each in found if each["code"] == code]
        repaired = province.repair(first["id"])
        assert (repaired["state"], repaired["repair_by"]) == ("repaired", "one-stop"), repaired
        assert repaired["repair_at"] and repaired["closed_at"]
    assert province.on_portal(at_portal) == [2, 4]
    gone = next(each for each in found if each["code"] == at_province)
    refused = province.sync.post(f"/v1/reconciliation/differences/{gone['id']}/repair")
    assert refused.status_code == httpx.codes.CONFLICT, "what the province has lost nobody else may make up"

    # whoever was restored goes on as before, and nothing was told twice
    province.act([in_memory, whole_lane, at_portal], "complete")
    province.until(lambda: all(len(province.on_portal(code)) == 3 for code in (in_memory, whole_lane, at_portal)))
    time.sleep(2.5)
    after = province.compared()
    assert {each["code"] for each in province.differences(state="open")} == {at_province}
    assert after["last"]["counts"]["portal"] == {"dossiers": 30, "rows": 53}
    for code in (in_memory, whole_lane):
        timeline = province.mesh.client("dossier").get(f"/v1/dossiers/{code}/timeline").json()
        assert [step["sync"]["state"] for step in timeline["steps"]] == ["acknowledged"] * 3


def test_what_is_under_way_is_no_difference(province: Province) -> None:
    codes = take_in(province.mesh, 5)
    with province.mesh.client("portal") as portal:
        assert portal.put("/v1/faults", json={"seed": 1, "outage": {"for_seconds": 600}}).status_code == 200
        try:
            province.act(codes, "start")
            time.sleep(2.5)
            before = {each["id"] for each in province.differences(state="open")}
            during = province.compared()
            assert during["last"]["looked_into"] > 0
            assert {each["id"] for each in province.differences(state="open")} <= before
            said = province.hub.get(f"/v1/statements/dossiers/{codes[0]}").raise_for_status().json()["statement"]
            assert not said["agree"] and said["waiting"] == 1
        finally:
            assert portal.put("/v1/faults", json={"seed": 1}).status_code == 200
    province.until(lambda: all(len(province.on_portal(code)) == 2 for code in codes))


def test_statements_can_be_checked_offline(province: Province, tmp_path: Path) -> None:
    [code] = take_in(province.mesh, 1)
    province.until(lambda: province.on_portal(code))
    day = f"20{code[-11:-9]}-{code[-9:-7]}-{code[-7:-5]}"
    keys = tmp_path / "keys.json"
    keys.write_bytes(httpx.get(f"{province.mesh.url('hub')}/v1/statements/keys").raise_for_status().content)
    for what in (f"dossiers/{code}", f"days/{day}"):
        told = province.hub.get(f"/v1/statements/{what}").raise_for_status()
        file = tmp_path / "statement.json"
        file.write_bytes(told.content)
        good = verified(file, keys)
        assert good.returncode == 0, good.stderr
        assert json.loads(good.stdout)["statement"]["province"]["dossiers"] >= 1
        changed = told.json()
        changed["statement"]["province"]["rows"] += 1
        file.write_text(json.dumps(changed))
        bad = verified(file, keys)
        assert bad.returncode == 1 and json.loads(bad.stdout)["reason"] == "signature"
    assert province.hub.get("/v1/statements/dossiers/H08-200101-0001").status_code == httpx.codes.NOT_FOUND
    assert province.hub.get("/v1/statements/days/2023-13-01").status_code == 422


def verified(file: Path, keys: Path) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-P", "-m", "deploy.cli", "verify", str(file), "--keys", str(keys), "--json"]
    return subprocess.run(program, capture_output=True, text=True, timeout=60)
