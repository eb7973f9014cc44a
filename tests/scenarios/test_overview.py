"""The overview, opened once and never loaded again, while the portal is well, slow, away for a minute, lies and
recovers: what it says at each stage, against what the test knows because it did it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bench.dossiers import take_in
from bench.mesh import Mesh, mesh
from tests.scenarios.desk import SLOW, Desk, acting, aside, faults, until

pytestmark = [pytest.mark.scenario, pytest.mark.browser, pytest.mark.timeout(400)]

LINK = "dossier:dossier.status-changed:portal:CapNhatTienDoHoSoMC"
DOSSIERS = 12
UNTIRING = "TRUC_SYNC_FAULT_LIMIT=100000"
"""Sync gives no dossier up: what is in the way here is the portal."""
DOWN_S = 60.0
OBJECTIVE_S = 60.0
"""Of the service level: on the portal within a minute."""
STALLED_AFTER_S, SHOWN_WITHIN_S = 10.0, 2.0
SLACK_S = 10.0
"""A trend is judged over ten samples, and the machine has other things to do."""
OLDEST, BACKLOG, TREND = 5, 7, 8
"""Columns."""


@pytest.fixture(scope="module")
def axis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with mesh(tmp_path_factory.mktemp("overview") / "data", [UNTIRING]) as running:
        yield running


class Overview:
    """What an operator reads."""

    def __init__(self, page: Page) -> None:
        self.verdict: Locator = page.locator("[data-verdict]")
        self._cells = page.locator(f'tr[data-key="{LINK}"] td, tr[data-key="{LINK}"] th')

    def says(self, verdict: str, within_s: float = SLACK_S) -> None:
        expect(self.verdict).to_have_attribute("data-verdict", verdict, timeout=within_s * 1000)

    def keeps_saying(self, verdict: str, seconds: float) -> None:
        """At every look."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.verdict.get_attribute("data-verdict") == verdict, self.verdict.inner_text()
            time.sleep(0.2)

    def cell(self, column: int) -> str:
        return self._cells.nth(column).inner_text().strip()

    def oldest_s(self) -> float:
        """The age of the oldest status that waits, read from the page; 0 if none does."""
        said = self.cell(OLDEST).replace(",", ".")
        if said == "–":
            return 0.0
        parts = said.split()
        units = {"ms": 0.001, "s": 1.0, "giây": 1.0, "phút": 60.0}
        return sum(float(number) * units[unit] for number, unit in zip(parts[::2], parts[1::2], strict=True))


def test_what_it_says_at_each_stage_is_the_truth(axis: Mesh, browser: Browser) -> None:
    desk = Desk(axis, browser)
    desk.log_in(axis)
    overview = Overview(desk.page)
    codes = aside(lambda: take_in(axis, DOSSIERS))

    # well: nothing waits
    until("all to be there", lambda: backlog(axis) == 0)
    overview.says("fine", SLOW / 1000)
    until("the page to say that nothing waits", lambda: overview.cell(BACKLOG) == "0")

    # slow: every call takes most of a second, and all are on the portal within the minute: not late
    faults(axis, latency={"ms": 800})
    acting(axis, codes, "start")
    overview.keeps_saying("fine", 5)
    until("the slow ones to be there", lambda: backlog(axis) == 0)
    overview.says("fine")

    # away for a minute: what was committed waits, is late from the moment it stands still, and ages by the second
    began = time.monotonic()
    faults(axis, outage={"for_seconds": DOWN_S})
    acting(axis, codes, "complete")
    waits_since = time.monotonic()
    overview.says("late", STALLED_AFTER_S + SLACK_S)
    assert time.monotonic() - began >= STALLED_AFTER_S, "a pause of a few seconds is not late yet"
    expect(overview.verdict).to_contain_text("1 liên kết chậm")
    assert overview.cell(BACKLOG) == str(DOSSIERS) == str(backlog(axis))
    assert "đứng yên" in overview.cell(TREND)
    while time.monotonic() - began < DOWN_S - 5:
        overview.keeps_saying("late", 4)
        at = time.monotonic()
        assert at - waits_since - SHOWN_WITHIN_S - 1.5 <= overview.oldest_s() <= at - began + 1

    # lies before it is well: 200 with an error text is no acknowledgement
    faults(axis, rubbish_rate=1.0)
    while time.monotonic() - began < DOWN_S + STALLED_AFTER_S:
        overview.keeps_saying("late", 2)
    assert overview.cell(BACKLOG) == str(DOSSIERS) == str(backlog(axis))
    assert overview.oldest_s() > OBJECTIVE_S

    # well again: all of it is there, once; nothing was lost and nothing is late any more
    faults(axis)
    until("all to be there", lambda: backlog(axis) == 0)
    overview.says("fine", SLACK_S + STALLED_AFTER_S)
    until("the page to say that nothing waits", lambda: overview.cell(BACKLOG) == "0")
    assert overview.oldest_s() == 0
    desk.close()


def backlog(axis: Mesh) -> int:
    """Statuses the portal has not acknowledged, as sync counts them."""
    with axis.client("sync") as sync:
        return int(sync.get("/v1/status").raise_for_status().json()["backlog"])
