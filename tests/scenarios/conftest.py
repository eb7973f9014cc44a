"""The province the scenarios play in, one a test process, with stand-ins that answer at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from bench.mesh import mesh
from deploy.local.topology import STOOD_IN_FOR
from tests.scenarios.province import Province

COMMUNE_AGENCY = "H08.31.21"
LOOKS_FOR_THE_LATE = "TRUC_DOSSIER_OVERDUE_EVERY_S=0.1"
CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Every service and every stand-in, on free ports and data of their own."""
    with mesh(tmp_path_factory.mktemp("province") / "data", [LOOKS_FOR_THE_LATE]) as running:
        hands = Province(running, COMMUNE_AGENCY)
        for system in STOOD_IN_FOR:
            hands.play_fair(system)
        try:
            yield hands
        finally:
            hands.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()
