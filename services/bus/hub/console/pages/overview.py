"""The overview, pushed to everybody who looks when it changes."""

from __future__ import annotations

from nicegui import ui
from starlette.requests import Request

from contracts.problems import Language
from services.bus.hub.console.draw import overview as draw
from services.bus.hub.console.live import Live
from services.bus.hub.console.pages.frame import Reader, framed
from services.bus.hub.console.snapshot import Snapshot, objectives
from services.bus.hub.words import common
from services.bus.kit.html import Html


async def page(request: Request) -> None:
    """`/console/`"""
    reader = Reader.of(request)
    snapshots, client = reader.console.snapshots, ui.context.client
    first = await snapshots.now()
    with framed(reader, "/", common.OVERVIEW):
        shown = Live(drawn(first, reader.language))
    snapshots.subscribe(client.id, lambda taken: shown.show(drawn(taken, reader.language)))
    client.on_delete(lambda: snapshots.unsubscribe(client.id))


def drawn(snapshot: Snapshot, language: Language) -> Html:
    """Drawn once for everybody who reads this language."""
    if language not in snapshot.drawn:
        snapshot.drawn[language] = draw.overview(snapshot, language, objectives())
    return Html(snapshot.drawn[language])
