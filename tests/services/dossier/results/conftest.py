"""The dossier service with its results, and results in it, on both databases."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from contracts.catalogue import plans
from contracts.catalogue.plans import Plan
from contracts.results import Owner
from services.bus.kit.clock import FixedClock
from services.bus.kit.service import Service, create_service
from services.bus.kit.store import Store
from services.bus.kit.testing import TestIssuer, running
from services.dossier.api import attachments, dossiers
from services.dossier.keeper import Keeper
from services.dossier.models import Base
from services.dossier.results import models, queries, reuse
from services.dossier.results.api import routers
from services.dossier.results.commands import issue
from services.dossier.results.keyring import KeyRing
from services.dossier.results.room import Room
from services.dossier.settings import DossierSettings
from services.dossier.verifier import Verifier

assert models

NOW = datetime(2023, 3, 1, 2, 0, tzinfo=UTC)  # Wednesday, 9:00 in Vietnam
PERSON = "052090000123"
OTHER = "052190000456"
AGENCY = "H08.31.21"
PROCEDURE = "1.001570"
PURPOSE = {"X-Purpose": PROCEDURE, "X-Dossier": "H08-230301-0001"}
VERIFY_URL = "https://motcua.example.vn/verify"

SINGLE: dict[str, Any] = {
    "full_name": "Nguyễn Văn An",
    "personal_id": PERSON,
    "date_of_birth": "1990-05-17",
    "sex": "male",
    "ethnicity": "Ba Na",
    "residence": "Phường Bùi Thị Xuân, thành phố Quy Nhơn",
    "marital_status": "single",
    "purpose": "Kết hôn",
    "number": "12/2023",
    "book": "01/2023-XNTTHN",
    "page": 12,
    "registered_on": "2023-03-01",
}


def certificate(**changes: Any) -> dict[str, Any]:
    """What `issue` takes for a certificate of marital status, with `changes` on top."""
    return {
        "kind": "marital-status-certificate",
        "owner": Owner(id=PERSON, name="Nguyễn Văn An"),
        "dossier_code": "H08.31.21-230301-0001",
        "procedure_code": "1.004873",
        "agency": AGENCY,
        "content": SINGLE,
        "now": NOW,
        **changes,
    }


def new_dossier(person: str = PERSON, **changes: Any) -> dict[str, Any]:
    """A dossier of `PROCEDURE`."""
    return {
        "procedure_code": PROCEDURE,
        "receiving_agency": "H08",
        "channel": "direct",
        "applicant": {"personal_id": person, "full_name": "Nguyễn Văn An", "date_of_birth": "1990-05-17"},
        "form": {},
        **changes,
    }


PLAN = Plan.model_validate(
    {
        "procedure": PROCEDURE,
        "components": [
            {
                "code": "giay-xac-nhan",
                "name": {"vi": "Giấy xác nhận tình trạng hôn nhân", "en": "Certificate of marital status"},
                "replaced_by": ["marital-status-certificate"],
            },
            {
                "code": "giay-cu-tru",
                "name": {"vi": "Xác nhận cư trú", "en": "Residence"},
                "replaced_by": ["residence-confirmation"],
            },
            {"code": "to-khai", "name": {"vi": "Tờ khai", "en": "Form"}},
        ],
        "steps": [
            {
                "id": "marriage",
                "system": "civil",
                "kind": "civil.register-marriage",
                "title": {"vi": "Đăng ký kết hôn", "en": "Marriage"},
                "part": PROCEDURE,
                "limit": "same-day",
            }
        ],
        "result": "marriage-certificate",
    }
)


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """`PROCEDURE` goes by `PLAN`; the catalogue has none for it."""

    def plan_of(code: str) -> Plan | None:
        return PLAN if code == PROCEDURE else plans.plan_of(code)

    for module in (queries, reuse):
        monkeypatch.setattr(module, "plan_of", plan_of)


Settings = DossierSettings


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, issuer: TestIssuer) -> Settings:
    return Settings(
        database_url=database_url,
        data_dir=tmp_path,
        jwks_file=issuer.jwks_file,
        nats_url="nats://127.0.0.1:1",
        verify_url=VERIFY_URL,
        paper_timeout_s=60.0,
    )


def build(settings: Settings, clock: FixedClock) -> FastAPI:
    """The parts of the dossier service that results touch, and results."""
    room = Room(settings)

    @contextlib.asynccontextmanager
    async def tables(service: Service) -> AsyncIterator[None]:
        service.store.create_tables(Base.metadata)
        service.extra["verifier"] = Verifier(service, settings)
        service.extra["keeper"] = Keeper(service, settings)
        yield

    return create_service(
        "dossier",
        title="dossier",
        description="",
        settings=settings,
        metadata=Base.metadata,
        versions=Path("services/dossier/migrations"),
        routers=[*routers, dossiers.router, attachments.attachments, attachments.results],
        lifespan=[tables, room.living],
        clock=clock,
    )


@pytest.fixture
async def app(settings: Settings, clock: FixedClock) -> FastAPI:
    return build(settings, clock)


@pytest.fixture
async def client(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """The service without a broker: events wait in the outbox."""
    async with running(app, issuer.token(client_id="one-stop")) as client:
        client.headers["Accept-Language"] = "en"
        yield client


async def issued(app: FastAPI, **changes: Any) -> Any:
    """A result in the running service; its row."""
    service: Service = app.state.service
    ring = service.extra["results"].ring
    return await service.store.write(lambda tx: issue(tx, ring, **certificate(**changes)))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with Store(database_url, source="/truc/dossier") as store:
        store.create_tables(Base.metadata)
        yield store


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """A ring that signs; its public key is not in any table."""
    made = KeyRing(tmp_path / "keys")
    made.use(made.make())
    return made
