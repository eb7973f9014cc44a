"""The verification page in a real browser: on a phone, with the keyboard, without anything from elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from services.bus.kit.clock import FixedClock
from services.bus.kit.store import Store
from services.bus.kit.testing import TestIssuer
from services.dossier.results.commands import issue, revoke
from services.dossier.results.keyring import KeyRing
from services.dossier.results.models import IssuedResult, ResultKey
from tests.gateway.portal.serving import serving
from tests.services.dossier.results.conftest import NOW, Settings, build, certificate

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


async def _filled(settings: Settings) -> tuple[str, str]:
    """A result that holds and one that was revoked: their codes. Runs before the service."""
    ring = KeyRing(settings.result_keys_folder)
    key = ring.make()
    ring.use(key)

    def command(tx: Any) -> tuple[str, str]:
        tx.insert(ResultKey, kid=key.kid, public_jwk=key.as_dict(private=False), created_at=NOW, retired_at=None)
        rows: list[IssuedResult] = [issue(tx, ring, **certificate()) for _ in range(2)]
        revoke(tx, rows[1].id, reason="Cấp nhầm", by="officer", now=NOW)
        return rows[0].verification_code, rows[1].verification_code

    async with Store(settings.database("dossier"), source="/truc/dossier") as store:
        from services.bus.kit.migrations import upgrade
        from services.dossier.models import Base

        upgrade(store.writer, Path("services/dossier/migrations"), Base.metadata)
        store.create_tables(Base.metadata)
        return await store.write(command)


@pytest.fixture
def codes(tmp_path: Path, issuer: TestIssuer) -> Iterator[tuple[str, str, str]]:
    """The address of the service, and the two codes."""
    settings = Settings(
        data_dir=tmp_path, jwks_file=issuer.jwks_file, nats_url="nats://127.0.0.1:1", log_level="CRITICAL"
    )
    good, revoked = asyncio.run(_filled(settings))
    with serving(build(settings, FixedClock(NOW))) as url:
        yield url, good, revoked


@pytest.fixture
def page() -> Iterator[Page]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = browser.new_page(locale="vi-VN", viewport={"width": 360, "height": 780})
        errors: list[str] = []
        asked: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        page.on("request", lambda request: asked.append(request.url))
        yield page
        browser.close()
        assert errors == []
        assert all(url.startswith(("http://127.0.0.1:", "data:")) for url in asked), "nothing from elsewhere"


def test_a_code_is_typed_and_told_about(codes: tuple[str, str, str], page: Page) -> None:
    url, good, revoked = codes
    page.goto(f"{url}/verify")
    expect(page.get_by_label("Mã tra cứu")).to_be_visible()
    page.get_by_label("Mã tra cứu").press_sequentially(good.lower().replace("-", ""))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Kết quả có hiệu lực")
    assert page.url == f"{url}/verify/{good}?lang=vi"
    expect(page.locator("dl")).to_contain_text("N.V.A.")
    expect(page.locator("dl")).to_contain_text("12/2023")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, "nothing sticks out on a phone"
    assert page.evaluate("getComputedStyle(document.querySelector('.state')).borderLeftWidth") == "8px", "styled"
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("status")).to_contain_text("The result is valid")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the paper (PDF)").click()
    assert download.value.suggested_filename == "Giấy xác nhận tình trạng hôn nhân 12-2023.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")

    page.get_by_label("Check another result").fill(revoked)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("status")).to_contain_text("The result was revoked")
    expect(page.locator("dl")).to_contain_text("Revoked on")
    wrong = good[:-1] + ("2" if good[-1] != "2" else "3")
    page.get_by_label("Check another result").fill(wrong)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("status")).to_contain_text("mistyped")
    expect(page.get_by_label("Verification code")).to_have_value(wrong)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_by_everybody(codes: tuple[str, str, str], page: Page, scheme: Any) -> None:
    url, good, revoked = codes
    page.emulate_media(color_scheme=scheme)
    for path in ("/verify", f"/verify/{good}", f"/verify/{revoked}", "/verify/x"):
        page.goto(url + path)
        assert page.evaluate(_WORST_CONTRAST) >= 4.5, path
        assert page.evaluate("document.querySelectorAll('h1').length") == 1
        assert page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden])')].every(i => i.labels.length)"
        )
    page.goto(f"{url}/verify")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()


_WORST_CONTRAST = """() => {
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let worst = 21;
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(each => each.nodeType === 3 && each.textContent.trim());
    if (!own || node.classList.contains('skip')) continue;
    const [a, b] = [light(numbers(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    worst = Math.min(worst, (a + 0.05) / (b + 0.05));
  }
  return worst;
}"""
