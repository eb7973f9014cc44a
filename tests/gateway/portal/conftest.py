"""A portal for each test: its own database, a clock that stands still, and a client of the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from contracts.portal import DATA_PATH, LOGIN_PATH
from gateway.portal.app import build
from gateway.portal.settings import PortalSettings
from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import TestIssuer, running

NOW = datetime(2023, 3, 15, 2, 0, 0, 250_000, tzinfo=UTC)
CODE = "H08.31.28-230315-0001"


class Wire:
    """A province's client of the wire, and the rest of the portal through `http`."""

    def __init__(self, http: httpx.AsyncClient, clock: FixedClock) -> None:
        self.http = http
        self.clock = clock
        self.session = ""

    async def post(self, path: str, body: Any, **headers: str) -> dict[str, Any]:
        response = await self.http.post(path, json=body, headers={"dstcode": "VN:DVCQG", **headers})
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("application/json")
        answer: dict[str, Any] = response.json()
        return answer

    async def log_in(self, password: str = "right") -> dict[str, Any]:
        answer = await self.post(LOGIN_PATH, {"username": "sync", "password": password})
        self.session = answer.get("session", "")
        return answer

    async def call(self, service: str, **rest: Any) -> dict[str, Any]:
        body = {"session": self.session, "madonvi": "H08", "service": service, **rest}
        return await self.post(DATA_PATH, body)

    async def done(self, service: str, **rest: Any) -> list[dict[str, Any]]:
        """A call that must succeed; its result."""
        answer = await self.call(service, **rest)
        assert answer["error_code"] == "0", answer
        assert "thành công" in answer["message"]
        result: list[dict[str, Any]] = answer.get("result", [])
        return result


OpenPortal = Callable[..., AbstractAsyncContextManager[Wire]]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


def _opener(database_url: str, issuer: TestIssuer, clock: FixedClock) -> OpenPortal:
    @asynccontextmanager
    async def opened(**changes: Any) -> AsyncIterator[Wire]:
        settings = PortalSettings(
            database_url=database_url,
            jwks_file=issuer.jwks_file,
            sync_password=SecretStr("right"),
            log_level="ERROR",
            **changes,
        )
        async with running(build(settings, clock), issuer.token("portal:faults", "portal:read")) as http:
            wire = Wire(http, clock)
            await wire.log_in()
            yield wire

    return opened


@pytest.fixture
def open_portal(database_url: str, issuer: TestIssuer, clock: FixedClock) -> OpenPortal:
    """`async with open_portal(session_seconds=60) as wire:`, logged in, on each kind of database."""
    return _opener(database_url, issuer, clock)


@pytest.fixture
def open_on_sqlite(tmp_path: Path, issuer: TestIssuer, clock: FixedClock) -> OpenPortal:
    """The same on SQLite alone, for what never reaches a database."""
    return _opener(f"sqlite:///{tmp_path / 'portal.db'}", issuer, clock)


def hoso(code: str = CODE, status: int = 2, **more: Any) -> dict[str, Any]:
    """A dossier as a province pushes it."""
    return {
        "MaHoSo": code,
        "MaTTHC": "1.001193",
        "TenTTHC": "Thủ tục đăng ký khai sinh",
        "KenhThucHien": "1",
        "ChuHoSo": "Nguyễn Thị Hồng Ánh",
        "LoaiDoiTuong": "1",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "052190000123"}],
        "SoDienThoai": "0905123456",
        "NgayNopHoSo": "20230315080000",
        "NgayHenTra": "20230320170000",
        "TrangThaiHoSo": str(status),
        **more,
    }


def row(status: int, at: str, code: str = CODE, **more: Any) -> dict[str, Any]:
    """A row of progress; `at` is the time of day on 2023-03-15."""
    return {"MaHoSo": code, "ThoiDiemXuLy": f"20230315{at}", "TrangThai": str(status), **more}
