"""A running dossier service, and shortcuts to drive it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.bus.kit.testing import TestIssuer, running
from services.dossier.app import build
from services.dossier.settings import DossierSettings

NOW = datetime(2023, 3, 1, 2, 0, tzinfo=UTC)  # Wednesday, 9:00 in Vietnam


def new_dossier(**changes: Any) -> dict[str, Any]:
    """A valid dossier of the simplest procedure, with `changes` on top."""
    return {
        "procedure_code": "1.001570",
        "receiving_agency": "H08",
        "channel": "direct",
        "applicant": {
            "personal_id": "052090000123",
            "full_name": "Nguyễn Văn An",
            "date_of_birth": "1990-05-17",
            "phone": "0905123456",
            "email": "an@example.vn",
        },
        "form": {},
        **changes,
    }


@pytest.fixture
def settings(database_url: str, tmp_path: Path, issuer: TestIssuer) -> DossierSettings:
    return DossierSettings(
        database_url=database_url,
        data_dir=tmp_path,
        jwks_file=issuer.jwks_file,
        nats_url="nats://127.0.0.1:1",
        population_url="http://127.0.0.1:1",
    )


@pytest.fixture
async def client(settings: DossierSettings, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async with running(build(settings), issuer.token()) as client:
        yield client
