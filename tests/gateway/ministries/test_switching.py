"""A system that somebody else plays."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import TestIssuer
from tests.gateway.ministries.office import open_office, problem, requested, settings_for

pytestmark = pytest.mark.anyio

CARD = "insurance.issue-card"
REFUSED = {"kind": "refused", "refusal": {"code": "no", "vi": "Không.", "en": "No."}}


async def test_a_system_that_is_switched_off_is_somebody_elses(
    database_url: str, tmp_path: Path, issuer: TestIssuer, clock: FixedClock
) -> None:
    settings = settings_for(database_url, issuer, tmp_path)
    async with open_office(settings, issuer, clock) as office:
        await office.persona("social-insurance", latency={"seconds": 60}, accepts_first=False)
        await office.hear(requested("t-1", CARD))
    off = settings_for(database_url, issuer, tmp_path, on="tax, welfare")
    async with open_office(off, issuer, clock) as office:
        assert [each.spec.name for each in office.service.consumers] == ["ministries-tax", "ministries-welfare"]
        await office.pass_time(seconds=120)  # what it had in mind is not said, either
        assert await office.said() == []
        problem(await office.client.get("/v1/personas/social-insurance"), 409, "system-off")
        problem(await office.client.put("/v1/personas/health", json={}), 409, "system-off")
        problem(await office.client.post("/v1/tasks/t-1/answers", json=REFUSED), 409, "system-off")
        problem(await office.client.get("/v1/business-register/4100271829"), 409, "system-off")
        assert [each["system"] for each in (await office.client.get("/v1/personas")).json()["items"]] == [
            "tax",
            "welfare",
        ]
    async with open_office(settings, issuer, clock) as office:
        await office.until("t-1", "completed")


@pytest.mark.parametrize("names", ["civil", "tax,nobody"])
def test_only_what_has_a_stand_in_can_be_switched_on(
    monkeypatch: pytest.MonkeyPatch, names: str, tmp_path: Path, issuer: TestIssuer
) -> None:
    with pytest.raises(ValueError, match="on"):
        settings_for("sqlite://", issuer, tmp_path, on=names)


def test_the_setting_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, issuer: TestIssuer
) -> None:
    monkeypatch.setenv("TRUC_MINISTRIES_ON", "health,tax,health")
    settings = settings_for("sqlite://", issuer, tmp_path)
    assert [each.value for each in settings.on] == ["health", "tax"]
