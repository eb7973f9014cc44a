"""kill -9 of each process in the middle of a run: nothing acknowledged is missing, repeated or out of order."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import chaos
from bench.mesh import mesh

pytestmark = [pytest.mark.anyio, pytest.mark.chaos, pytest.mark.timeout(300)]


async def test_every_process_killed_once_loses_nothing(tmp_path: Path) -> None:
    with mesh(tmp_path / "axis") as running:
        outcome = await chaos.run(running, rounds=len(chaos.VICTIMS), seed=20230617)
    assert outcome.dossiers > 0
    assert outcome.findings == []
    assert outcome.holds
