"""One link: a window of its time, live as far as what waits is concerned."""

from __future__ import annotations

from nicegui import ui
from starlette.requests import Request

from services.bus.hub.console import charts, looking
from services.bus.hub.console.draw import link as draw
from services.bus.hub.console.draw import parts
from services.bus.hub.console.live import Live
from services.bus.hub.console.pages.frame import Reader, complaint, framed, heading
from services.bus.hub.console.snapshot import Snapshot
from services.bus.hub.words import common
from services.bus.hub.words import link as words
from services.bus.kit.html import el, join


async def page(request: Request, slug: str) -> None:
    """`/console/links/{slug}?window=`"""
    reader = Reader.of(request)
    window = reader.asked("window") or "1h"
    window = window if window in words.WINDOWS else "1h"
    ledger, now = reader.console.ledger, reader.console.now()
    with framed(reader, "", words.TITLE):
        if ledger is None:
            Live(join(heading(reader, words.TITLE), parts.alert(reader.say(common.NO_LEDGER))))
            return
        try:
            seen = await reader.read(lambda tx: looking.link(tx, ledger, slug, window, now))
        except Exception as error:
            complaint(reader, words.TITLE, error)
            return
        snapshot = await reader.console.snapshots.now()
        link = seen.detail
        name = parts.link_name(link.type, link.consumer, reader.language)
        ui.page_title(f"{name} · {reader.say(common.BRAND)}")
        Live(heading(reader, name, el("p", {"class": "soft mono small"}, link.id)))
        state = Live(draw.state(link, snapshot.portal, reader.language))
        Live(draw.windows(link, window, reader.language))
        with ui.element("section").classes("card"):
            Live(el("h2", None, reader.say(words.HEAT)))
            if seen.columns:
                options = charts.heat_map(seen.columns, window, reader.language, reader.dark)
                ui.echart(options).classes("chart").props(f'role=img aria-label="{reader.say(words.HEAT_SAYS)}"')
                Live(await reader.drawn(draw.heat_table, seen.columns, reader.language))
            else:
                Live(el("p", {"class": "soft"}, reader.say(words.NO_MOMENTS)))
        others = [each for each in snapshot.links.items if (each.type, each.source) == (link.type, link.source)]
        Live(await reader.drawn(draw.rest, seen, others, reader.language))

    def tell(taken: Snapshot) -> None:
        for each in taken.links.items:
            if each.id == slug:
                counted = {name: getattr(link, name) for name in ("retries", "duplicates")}
                state.show(draw.state(each.model_copy(update=counted), taken.portal, reader.language))

    client = ui.context.client
    reader.console.snapshots.subscribe(client.id, tell)
    client.on_delete(lambda: reader.console.snapshots.unsubscribe(client.id))
