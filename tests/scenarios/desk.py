"""An operator at her desk: the console in a real browser, and what is done to the axis meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bench.dossiers import act
from bench.load import drive, run
from bench.mesh import Mesh

SLOW = 30_000
"""Milliseconds: the axis is raised on a machine that has other things to do."""
PATIENCE_S = 60.0
T = TypeVar("T")


class Desk:
    """An operator at her desk; what goes wrong on her screen, and where her browser wants to go, is noted."""

    def __init__(self, axis: Mesh, browser: Browser, lang: str = "vi", theme: str = "light", width: int = 1280):
        self.url = axis.url("hub")
        self.context: BrowserContext = browser.new_context(
            locale="vi-VN",
            viewport={"width": width, "height": 844},
            color_scheme=theme,  # type: ignore[arg-type]
        )
        cookies = [
            {"name": "lang", "value": lang, "url": self.url},
            {"name": "truc_theme", "value": theme, "url": self.url},
        ]
        self.context.add_cookies(cookies)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("request", lambda asked: self._note(asked.url))
        self.page.set_default_timeout(SLOW)

    def _note(self, url: str) -> None:
        if not url.startswith((self.url, self.url.replace("http", "ws"), "data:", "blob:")):
            self.foreign.append(url)

    def log_in(self, axis: Mesh) -> None:
        told = json.loads(axis.layout.administrator.read_text())
        self.page.goto(f"{self.url}/console/")
        self.page.fill("#username", told["username"])
        self.page.fill("#password", told["password"])
        self.page.press("#password", "Enter")
        expect(self.page.locator("h1")).to_be_visible(timeout=SLOW)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.url}/console{path}")
        expect(self.page.locator("h1")).to_be_visible(timeout=SLOW)
        return self.page

    def close(self) -> None:
        self.context.close()
        assert self.errors == [] and self.foreign == []


def faults(axis: Mesh, **plan: Any) -> None:
    with axis.client("portal") as portal:
        assert portal.put("/v1/faults", json={"seed": 1, **plan}).status_code == httpx.codes.OK


def acting(axis: Mesh, codes: list[str], action: str) -> None:
    requests = [act(code, action, axis.token) for code in codes]
    aside(lambda: run(drive(axis.port("dossier"), iter(requests), 4))).require(200)


def aside(work: Callable[[], T]) -> T:
    """In a thread of its own: Playwright has an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def until(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.2)
