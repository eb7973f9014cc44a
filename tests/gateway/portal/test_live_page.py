"""The follow-up page in a real browser: it shows a step by itself within two seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright
from pydantic import SecretStr

from contracts.portal import DATA_PATH, LOGIN_PATH
from gateway.portal.app import build
from gateway.portal.settings import PortalSettings
from services.bus.kit.testing import TestIssuer
from tests.gateway.portal.conftest import CODE, hoso, row
from tests.gateway.portal.serving import serving

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@pytest.fixture
def portal(tmp_path: Path, issuer: TestIssuer) -> Iterator[str]:
    settings = PortalSettings(
        data_dir=tmp_path, jwks_file=issuer.jwks_file, sync_password=SecretStr("right"), log_level="ERROR"
    )
    with serving(build(settings)) as url:
        yield url


@pytest.fixture
def page() -> Iterator[Page]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = browser.new_page(locale="vi-VN", viewport={"width": 390, "height": 844})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        yield page
        browser.close()
        assert errors == []


def test_a_step_shows_by_itself_and_does_not_disturb_who_is_typing(portal: str, page: Page) -> None:
    with httpx.Client(base_url=portal, headers={"dstcode": "D"}) as province:
        login = {"username": "sync", "password": "right"}
        session = province.post(LOGIN_PATH, json=login).json()["session"]

        def push(service: str, **rest: object) -> None:
            body = {"session": session, "madonvi": "H08", "service": service, **rest}
            assert province.post(DATA_PATH, json=body).json()["error_code"] == "0"

        push("DongBoHoSoMC", data=[hoso()])
        page.goto(f"{portal}/ho-so/{CODE}")
        expect(page.locator(".pill")).to_have_text("Được tiếp nhận")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out on a phone"

        push("DongBoHoSoMC", isUpdating="True", data=[hoso(status=4)])
        push("CapNhatTienDoHoSoMC", data=[row(2, "080107")])
        took = []
        for status, at, shown in [(4, "092000", "09:20:00"), (5, "092500", "09:25:00"), (4, "093059", "09:30:59")]:
            push("CapNhatTienDoHoSoMC", data=[row(status, at)])
            pushed = time.monotonic()
            expect(page.locator(".timeline .newest .when")).to_contain_text(shown, timeout=20_000)
            took.append(time.monotonic() - pushed)
        assert min(took) < 2.0, "the machine may be held up once, but not every time"
        expect(page.locator(".pill")).to_have_text("Đang xử lý")
        expect(page.locator("#said")).to_contain_text("Đang xử lý")

        page.locator("#so").fill("0905")
        push("CapNhatTienDoHoSoMC", data=[row(9, "100000")])
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator("#so")).to_have_value("0905")
        assert asked == [], "nothing is fetched over what somebody types"
        page.locator("#so").fill("0905123456")
        page.locator(".proof button").click()
        expect(page.locator(".facts")).to_contain_text("Nguyễn Thị Hồng Ánh")
        expect(page.locator(".timeline .newest h3")).to_have_text("Đã xử lý xong")


def test_procedures_are_found_without_their_accents(portal: str, page: Page) -> None:
    page.goto(f"{portal}/nop-ho-so")
    page.locator("#filter").fill("ket hon luu dong")
    expect(page.locator(".procedures li:visible")).to_have_count(1)
    page.locator("#filter").fill("zzz")
    expect(page.locator("#no-match")).to_be_visible()
