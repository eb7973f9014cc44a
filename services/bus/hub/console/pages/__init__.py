"""The pages, one file each. A page reads in the reader's threads, draws beside the event loop, and hands NiceGUI
the markup."""

from __future__ import annotations

from nicegui import ui

from services.bus.hub.console.pages import (
    actions,
    clock,
    dossier,
    indicators,
    levels,
    link,
    overview,
    reconciliation,
    stuck,
)


def register() -> None:
    """Tell NiceGUI of all of them."""
    ui.page("/")(overview.page)
    ui.page("/links/{slug:path}")(link.page)
    ui.page("/dossiers")(dossier.find)
    ui.page("/dossiers/{code}")(dossier.page)
    ui.page("/stuck")(stuck.page)
    ui.page("/stuck/letters/{id}")(stuck.letter)
    ui.page("/stuck/held")(stuck.held)
    ui.page("/reconciliation")(reconciliation.page)
    ui.page("/levels")(levels.page)
    ui.page("/indicators")(indicators.page)
    ui.page("/indicators/{indicator}")(indicators.behind)
    ui.page("/clock")(clock.page)
    ui.page("/actions")(actions.page)
