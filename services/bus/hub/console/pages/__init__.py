"""The pages, one file each. A page reads in the reader's threads, draws beside the event loop, and hands NiceGUI
the markup."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

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

PATIENCE_S: Final = 30.0
"""A page that takes longer than this is given up; who is asked beside is not waited for half as long."""

PAGES: Final[Mapping[str, Callable[..., Any]]] = {
    "/": overview.page,
    "/links/{slug:path}": link.page,
    "/dossiers": dossier.find,
    "/dossiers/{code}": dossier.page,
    "/stuck": stuck.page,
    "/stuck/letters/{id}": stuck.letter,
    "/stuck/held": stuck.held,
    "/reconciliation": reconciliation.page,
    "/levels": levels.page,
    "/indicators": indicators.page,
    "/indicators/{indicator}": indicators.behind,
    "/clock": clock.page,
    "/actions": actions.page,
}


def register() -> None:
    """Tell NiceGUI of all of them."""
    for path, page in PAGES.items():
        ui.page(path, response_timeout=PATIENCE_S)(page)
