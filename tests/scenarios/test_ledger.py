"""What the hub says of each link while the portal is slow, away, lies and recovers, against what the test knows.

The test is the witness: it takes in the dossiers, it sets the faults, so it knows how many statuses there are, how
long the oldest has waited, and that none is waiting in the end.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from bench.dossiers import act, take_in
from bench.load import drive, run
from bench.mesh import Mesh, mesh

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(300)]

PORTAL = "dossier:dossier.status-changed:portal:CapNhatTienDoHoSoMC"
TO_SYNC = "dossier:dossier.status-changed:sync-dossiers"
PATIENCE_S = 40.0
LOOK_EVERY_S = 0.2
UNTIRING = "TRUC_SYNC_FAULT_LIMIT=100000"
"""Sync gives no dossier up: what is in the way here is the portal."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with mesh(tmp_path_factory.mktemp("ledger") / "data", [UNTIRING]) as running:
        yield running


class Observer:
    """Looks at the hub with an operator's eyes, and sets the portal's faults."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self.hub = mesh.client("hub")
        self.portal = mesh.client("portal")

    def link(self, slug: str = PORTAL, window: str = "5m") -> dict[str, Any]:
        found = self.find(slug, window)
        assert found is not None
        return found

    def find(self, slug: str, window: str = "5m") -> dict[str, Any] | None:
        """None before anything has arrived there."""
        links = self.hub.get(f"/v1/links?window={window}").raise_for_status().json()["items"]
        return next((each for each in links if each["id"] == slug), None)

    def until(self, what: str, condition: Callable[[dict[str, Any]], bool], slug: str = PORTAL) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            link = self.find(slug)
            if link is not None and condition(link):
                return link
            assert time.monotonic() < deadline, f"waited for {what}, it says {link}"
            time.sleep(LOOK_EVERY_S)

    def faults(self, **plan: Any) -> None:
        assert self.portal.put("/v1/faults", json={"seed": 1, **plan}).status_code == httpx.codes.OK

    def act(self, codes: list[str], action: str) -> None:
        requests = (act(code, action, self.mesh.token) for code in codes)
        run(drive(self.mesh.port("dossier"), requests, 4)).require(200)


def test_the_verdict_at_each_stage_is_the_truth(running: Mesh) -> None:
    observer = Observer(running)
    codes = take_in(running, 12)

    # all is well: everything is counted, nothing waits
    fine = observer.until("all of them", lambda link: link["total"]["count"] == 12)
    assert fine["oldest_s"] is None and fine["backlog"] == 0 and fine["trend"] == "steady"

    # slow: the latency the test has ordered is the least each call takes
    observer.faults(latency={"ms": 700})
    observer.act(codes, "start")
    slow = observer.until("the slow ones", lambda link: link["total"]["count"] == 24)
    assert slow["total"]["max_ms"] >= 1400, "two calls of 700 ms each"
    assert slow["retries"] == 0
    detail = observer.hub.get(f"/v1/links/{PORTAL}?window=5m").json()
    calls = next(hop["durations"] for hop in detail["hops"] if hop["hop"] == "call")
    assert calls["max_ms"] >= 1400

    # down: what was committed waits, and its age is the time since then
    observer.faults(outage={"for_seconds": 600})
    before = time.time()
    observer.act(codes, "complete")
    after = time.time()
    down = observer.until("it to be stalled", lambda link: link["trend"] == "stalled")
    asked = time.time()
    assert asked - after - 2.5 <= down["oldest_s"] <= asked - before + 0.5
    assert down["total"]["count"] == 24 and down["backlog"] == 12
    assert observer.link(TO_SYNC)["oldest_s"] is None, "the province's own link is not late"

    # the hub is killed and comes back: it knows the age again, although nothing has moved
    hub = running.processes()["hub"]
    hub.kill()
    hub.wait(10)
    again = _until_it_answers(observer)
    assert time.time() - after - 2.5 <= again["oldest_s"] <= time.time() - before + 0.5

    # lies: 200 with an error text is no acknowledgement
    observer.faults(rubbish_rate=1.0)
    retries = observer.link()["retries"]
    time.sleep(3)
    lying = observer.link()
    assert lying["total"]["count"] == 24 and lying["backlog"] == 12
    assert lying["oldest_s"] >= time.time() - after - 2.5

    # recovers: everything is done, each late by the whole time, and the sentence says why
    recovered_at = time.time()
    observer.faults()
    well = observer.until("all of them", lambda link: link["total"]["count"] == 36 and link["oldest_s"] is None)
    assert well["backlog"] == 0 and well["dead"] == 0
    assert well["retries"] > retries
    assert well["total"]["max_ms"] >= (recovered_at - after) * 1000
    records = observer.hub.get(f"/v1/ledger/dossiers/{codes[0]}").json()["items"]
    late = [each for each in records if each["link"] == PORTAL and each["version"] == 3]
    assert len(late) == 1 and "portal errors" in late[0]["why_en"] and "lỗi của Cổng" in late[0]["why_vi"]
    assert late[0]["errors_ms"] >= 0.8 * late[0]["total_ms"]
    observer.until("it to be steady", lambda link: link["trend"] == "steady")


def _until_it_answers(observer: Observer) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            link = observer.find(PORTAL)
            if link is not None and link["oldest_s"] is not None:
                return link
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline, "the hub did not come back"
        time.sleep(LOOK_EVERY_S)


def test_what_is_sent_to_the_hub_is_what_sync_stored(running: Mesh) -> None:
    """Exact: the ledger's record of a step has the very times sync keeps of it."""
    observer = Observer(running)
    [code] = take_in(running, 1)
    deadline = time.monotonic() + PATIENCE_S
    while (found := observer.hub.get(f"/v1/ledger/dossiers/{code}")).status_code != httpx.codes.OK or not any(
        each["link"] == PORTAL for each in found.json()["items"]
    ):
        assert time.monotonic() < deadline
        time.sleep(LOOK_EVERY_S)
    [record] = [each for each in found.json()["items"] if each["link"] == PORTAL]
    with running.client("sync") as sync:
        [step] = sync.get(f"/v1/lanes/{code}").json()["steps"]
    assert record["committed_at"] == step["committed_at"]
    assert record["ended_at"] == step["acknowledged_at"]
    hops = sum(record[f"{hop}_ms"] for hop in ("publish", "broker", "lane", "errors", "call"))
    assert hops == pytest.approx(record["total_ms"], abs=0.01)


def test_the_commands_show_it(running: Mesh) -> None:
    data = ["--data-dir", str(running.layout.root)]
    program = [sys.executable, "-P", "-m", "deploy.cli"]
    shown = subprocess.run([*program, "links", *data], capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0 and "dossier.status-changed" in shown.stdout
    levels = subprocess.run([*program, "slo", *data], capture_output=True, text=True, timeout=60)
    assert levels.returncode == 0 and "status-on-portal" in levels.stdout
    top = subprocess.Popen([*program, "top", *data], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert top.stdout is not None
    for line in top.stdout:
        if "links" in line or "dossier.status-changed" in line:
            break
    top.send_signal(signal.SIGINT)
    _, errors = top.communicate(timeout=20)
    assert top.returncode == 0 and "Traceback" not in errors
