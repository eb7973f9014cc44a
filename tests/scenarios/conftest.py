"""The province the scenarios play in, one a test process, with stand-ins that answer at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.mesh import mesh
from deploy.local.topology import STOOD_IN_FOR
from tests.scenarios.province import Province

COMMUNE_AGENCY = "H08.31.21"
LOOKS_FOR_THE_LATE = "TRUC_DOSSIER_OVERDUE_EVERY_S=0.1"


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
