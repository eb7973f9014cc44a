"""The console in a real browser, on the real axis: an operator finds a late link, opens a dossier, retries a dead
letter and repairs a difference; and every page is looked at, in both languages, light, dark and on a phone."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from bench.dossiers import take_in
from bench.mesh import Mesh, mesh
from tests.scenarios.desk import SLOW, Desk, acting, aside, faults, until

pytestmark = [pytest.mark.scenario, pytest.mark.browser, pytest.mark.timeout(400)]

PORTAL = "dossier:dossier.status-changed:portal:CapNhatTienDoHoSoMC"
UNTIRING = "TRUC_SYNC_FAULT_LIMIT=100000"
PROMPT = ("TRUC_SYNC_COMPARE_EVERY_S=0", "TRUC_SYNC_STILL_S=1", "TRUC_SYNC_SETTLE_S=3")
"""Compared when somebody says so, and all that is a second old."""
LOOKS = [("vi", "light", 1280), ("en", "dark", 1280), ("vi", "dark", 390)]


@pytest.fixture(scope="module")
def axis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with mesh(tmp_path_factory.mktemp("console") / "data", [UNTIRING, *PROMPT]) as running:
        yield running


@pytest.fixture
def desk(axis: Mesh, browser: Browser) -> Iterator[Desk]:
    desk = Desk(axis, browser)
    desk.log_in(axis)
    yield desk
    desk.close()


def letters(axis: Mesh, code: str, state: str) -> list[Any]:
    with axis.client("sync") as sync:
        found: list[Any] = sync.get("/v1/dead-letters", params={"key": code, "state": state}).json()["items"]
    return found


def test_an_operator_sees_what_is_wrong_and_puts_it_right(axis: Mesh, desk: Desk) -> None:
    page = desk.page
    codes = aside(lambda: take_in(axis, 6))
    refused = {"field": "MaHoSo", "equals": codes[0], "error_code": "-4", "message": "Nội dung không hợp lệ"}

    # one is refused, then the portal is away: the overview says both, by itself
    expect(page.locator("[data-verdict]")).to_be_visible()
    faults(axis, refuse=[refused])
    acting(axis, codes, "start")
    until("the dead letter", lambda: bool(letters(axis, codes[0], "open")))
    faults(axis, refuse=[refused], outage={"for_seconds": 600})
    acting(axis, codes[1:], "complete")
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "stopped", timeout=SLOW)
    expect(page.locator("[data-verdict]")).to_contain_text("1 thư chết")
    late = page.locator(f'tr[data-key="{PORTAL}"]')
    expect(late).to_contain_text("đứng yên", timeout=SLOW)
    expect(page.locator("[data-verdict]")).to_contain_text("1 liên kết chậm")

    # the late link: its circuit is open, its heat map is drawn
    late.locator("a").click()
    expect(page.locator("h1")).to_contain_text("Cổng DVCQG")
    expect(page.locator("main")).to_contain_text("ngắt")
    expect(page.locator("canvas").first).to_be_visible()

    # a dossier that waits, found by its code
    desk.open("/dossiers")
    page.fill('input[name="code"]', codes[1])
    page.press('input[name="code"]', "Enter")
    expect(page.locator("h1")).to_contain_text(codes[1], timeout=SLOW)
    expect(page.locator(".verdict")).to_contain_text("Cổng chưa có trạng thái thứ 3")
    expect(page.locator('li[data-version="2"]')).to_contain_text("Cổng đã nhận")

    # the portal is well again: the dead letter is retried, and that is written down
    faults(axis)
    desk.open("/stuck")
    page.get_by_role("link", name=codes[0]).click()
    expect(page.locator(".verdict")).to_contain_text("Nội dung không hợp lệ")
    expect(page.locator("pre")).to_contain_text("***")
    page.get_by_role("button", name="Gửi lại", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Đã gửi lại", timeout=SLOW)
    [letter] = letters(axis, codes[0], "retried")
    assert letter["closed_by"] == "operator:administrator"
    desk.open("/actions")
    expect(page.locator("tbody tr").first).to_contain_text("Gửi lại thư chết")
    expect(page.locator("tbody tr").first).to_contain_text(codes[0])

    # a dossier is taken out at the portal, behind the system's back: found, named, repaired
    def all_there() -> bool:
        with axis.client("sync") as sync:
            return bool(sync.get("/v1/status").json()["backlog"] == 0)

    until("the portal to hold all", all_there)
    before = held(axis, codes[2])
    lose(axis, codes[2])
    assert held(axis, codes[2]) == 0 < before
    time.sleep(2.5)  # what is compared happened a second ago or earlier
    desk.open("/reconciliation")
    expect(page.locator("[data-sameness]")).to_contain_text("Chưa so xong lần nào")
    page.get_by_role("button", name="So ngay").click()
    expect(page.locator("[data-sameness=differs]")).to_contain_text("Cổng thiếu hoặc khác 1 hồ sơ", timeout=SLOW)
    found = page.locator("[data-list=open] tr").filter(has_text=codes[2])
    expect(found.first).to_contain_text("Cổng đã nhận rồi lại mất", timeout=SLOW)
    desk.open("/")
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "lost", timeout=SLOW)

    # row by row it is the same
    desk.open("/reconciliation")
    page.get_by_role("button", name="So từng dòng").click()
    expect(page.locator("[data-state=done]")).to_contain_text("Cổng thiếu", timeout=SLOW)

    # repaired with one click, by somebody with a name
    found.first.get_by_role("button", name="Sửa").click()
    expect(page.get_by_role("status").filter(has_text="Đang sửa hồ sơ")).to_be_visible(timeout=SLOW)
    until("the repair", lambda: held(axis, codes[2]) == before and all_there())
    past = page.locator("[data-list=closed] tr").filter(has_text=codes[2])
    expect(past.first).to_contain_text("operator:administrator", timeout=SLOW)
    expect(past.first).to_contain_text("đã sửa", timeout=SLOW)

    # again, and all at once
    lose(axis, codes[3])
    page.get_by_role("button", name="So ngay").click()
    expect(page.locator("[data-list=open]")).to_contain_text(codes[3], timeout=SLOW)
    page.get_by_role("button", name="Sửa tất cả").click()
    expect(page.get_by_role("status").filter(has_text="Đang sửa 1 hồ sơ")).to_be_visible(timeout=SLOW)
    until("the repair of all", lambda: held(axis, codes[3]) == before and all_there())
    page.get_by_role("button", name="So ngay").click()
    expect(page.locator("[data-sameness=same]")).to_contain_text("tỉnh = trục = Cổng, 6 hồ sơ", timeout=SLOW)
    desk.open("/actions")
    expect(page.locator("tbody")).to_contain_text("Sửa mọi hồ sơ khác biệt")
    desk.open("/")
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "fine", timeout=SLOW)
    expect(page.locator("[data-verdict]")).to_contain_text("Không mất gì: tỉnh = trục = Cổng, 6 hồ sơ")


def held(axis: Mesh, code: str) -> int:
    """How many statuses of a dossier the portal has."""
    with contextlib.closing(sqlite3.connect(axis.layout.service("portal") / "portal.db", timeout=30)) as portal:
        return int(portal.execute("SELECT count(*) FROM steps WHERE code = ?", (code,)).fetchone()[0])


def lose(axis: Mesh, code: str) -> None:
    """Take a dossier out of the portal's own database."""
    file = axis.layout.service("portal") / "portal.db"
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as portal, portal:
        for table in ("steps", "dossier_contents", "dossiers"):
            assert portal.execute(f"DELETE FROM {table} WHERE code = ?", (code,)).rowcount >= 1


@pytest.mark.parametrize(("lang", "theme", "width"), LOOKS)
def test_every_page_is_whole_in_every_look(
    axis: Mesh, browser: Browser, tmp_path: Path, lang: str, theme: str, width: int
) -> None:
    """Pictures lie in `TRUC_SCREENSHOTS`, else in the test's own folder."""
    folder = Path(os.environ.get("TRUC_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    desk = Desk(axis, browser, lang, theme, width)
    desk.page.goto(f"{desk.url}/console/")
    desk.page.screenshot(path=folder / f"login-{lang}-{theme}-{width}.png")
    desk.log_in(axis)
    with axis.client("sync") as sync:
        code = sync.get("/v1/lanes", params={"limit": 1}).json()["items"][0]["code"]
        closed = sync.get("/v1/dead-letters").json()["items"]
    pages = {
        "overview": "/",
        "link": f"/links/{PORTAL}",
        "dossier": f"/dossiers/{code}",
        "dossiers": "/dossiers",
        "stuck": "/stuck?state=",
        "held": "/stuck?tab=held",
        "reconciliation": "/reconciliation",
        "levels": "/levels",
        "indicators": "/indicators",
        "tables": "/indicators?part=table",
        "checks": "/indicators?part=checks",
        "communes": "/indicators?part=without",
        "clock": "/clock",
        "actions": "/actions",
        **({"letter": f"/stuck/letters/{closed[0]['id']}"} if closed else {}),
    }
    for name, path in pages.items():
        page = desk.open(path)
        expect(page.locator("nav a[aria-current=page]").or_(page.locator("h1"))).not_to_have_count(0)
        page.wait_for_timeout(400)
        page.screenshot(path=folder / f"{name}-{lang}-{theme}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} sticks out"
        assert page.evaluate("document.documentElement.lang") == lang
        assert page.locator("h1").count() == 1
        unnamed = page.locator("button:visible").evaluate_all(
            "all => all.filter(each => !(each.textContent.trim() || each.ariaLabel)).length"
        )
        assert unnamed == 0, f"{name} has a button without a name"
    desk.close()


def test_by_keyboard_alone(axis: Mesh, desk: Desk) -> None:
    page = desk.open("/")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    expect(skip).to_have_class("skip")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('tbody') !== null"):
            break
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style == "solid", "one sees where one is"
    page.keyboard.press("Enter")
    expect(page.locator(".tabs")).to_be_visible()


def test_a_logout_closes_what_is_open(axis: Mesh, browser: Browser) -> None:
    desk = Desk(axis, browser)
    desk.log_in(axis)
    other = desk.context.new_page()
    other.goto(f"{desk.url}/console/")
    expect(other.locator("[data-verdict]")).to_be_visible(timeout=SLOW)
    desk.page.locator("details.menu summary").click()
    desk.page.get_by_role("button", name="Đăng xuất").click()
    expect(desk.page.locator("h1")).to_have_text("Đã đăng xuất", timeout=SLOW)
    expect(other.locator("#popup")).to_have_attribute("aria-hidden", "false", timeout=SLOW)
    other.goto(f"{desk.url}/console/")
    expect(other.locator("#password")).to_be_visible(timeout=SLOW)
    desk.context.close()
