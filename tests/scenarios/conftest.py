"""The province the scenarios of a module play in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.mesh import mesh
from tests.scenarios.province import Province

COMMUNE_AGENCY = "H08.31.21"


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Every service and every stand-in, on free ports and data of their own."""
    with mesh(tmp_path_factory.mktemp("province") / "data") as running:
        hands = Province(running, COMMUNE_AGENCY)
        try:
            yield hands
        finally:
            hands.close()
