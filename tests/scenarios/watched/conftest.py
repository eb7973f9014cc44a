"""A province that sends its spans to a collector of the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.mesh import mesh
from deploy.local.topology import STOOD_IN_FOR
from tests.deploy.observability.conftest import program
from tests.scenarios.conftest import COMMUNE_AGENCY
from tests.scenarios.province import Province
from tests.scenarios.watched.collector import collecting
from tests.scenarios.watched.playing import Watched, played


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with collecting() as collector:
        settings = [f"TRUC_OTLP_ENDPOINT={collector.url}"]
        with mesh(tmp_path_factory.mktemp("watched") / "data", settings) as running:
            hands = Province(running, COMMUNE_AGENCY)
            for system in STOOD_IN_FOR:
                hands.play_fair(system)
            try:
                yield played(hands, collector)
            finally:
                hands.close()


@pytest.fixture
def prometheus() -> str:
    return program("prometheus")
