"""The pages, one file each. A page reads in the reader's threads, draws there too, and hands NiceGUI the markup."""

from __future__ import annotations

from nicegui import ui

from services.bus.hub.console.pages import overview


def register() -> None:
    """Tell NiceGUI of all of them."""
    ui.page("/")(overview.page)
