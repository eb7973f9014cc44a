"""Find a dossier; one dossier whole."""

from __future__ import annotations

import re
from typing import Final

from nicegui import ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.bus.hub.console.draw import dossier as draw
from services.bus.hub.console.draw import parts
from services.bus.hub.console.journey import Journey, journey
from services.bus.hub.console.live import Live
from services.bus.hub.console.pages.frame import Reader, framed, heading
from services.bus.hub.console.pages.hands import Button, Said, doing
from services.bus.hub.console.remote import RemoteError
from services.bus.hub.words import common
from services.bus.hub.words import dossier as words
from services.bus.kit.html import Html, el, join

CODE: Final = re.compile(r"[0-9A-Z.\-]{3,60}")


async def find(request: Request) -> Response | None:
    """`/console/dossiers?code=`: goes on to the dossier, or shows whose turn it is."""
    reader = Reader.of(request)
    code = (reader.asked("code", longest=60) or "").upper()
    if CODE.fullmatch(code):
        return RedirectResponse(parts.dossier_address(code), 303)
    with framed(reader, "/dossiers", words.TITLE):
        wrong = reader.say(words.UNKNOWN, code=code) if code else ""
        Live(join(heading(reader, words.TITLE), draw.search(code, reader.language, wrong)))
        try:
            page = await reader.console.remote.get(
                reader.somebody, "sync", "/v1/lanes", reader.language, state="waiting", limit=20
            )
            Live(draw.waiting(page["items"], reader.language, reader.console.now()))
        except RemoteError as error:
            Live(parts.alert(reader.say(common.NO_ANSWER, why=str(error))))
    return None


async def page(request: Request, code: str) -> None:
    """`/console/dossiers/{code}`"""
    reader = Reader.of(request)
    code = code.upper()
    with framed(reader, "/dossiers", code):
        found = await _seen(reader, code) if CODE.fullmatch(code) else None
        if found is None or not found.known:
            wrong = reader.say(words.UNKNOWN, code=code)
            Live(join(heading(reader, words.TITLE), draw.search(code, reader.language, wrong)))
            return
        Live(heading(reader, f"{reader.say(words.TITLE)} {code}"))
        said = Said()
        shown = Live(await _drawn(reader, found))

        async def again() -> None:
            shown.show(await _drawn(reader, await _seen(reader, code)))

        if reader.acts and found.lane is not None:
            with ui.element("section").classes("card stack"):
                Live(
                    join(
                        el("h2", None, reader.say(words.RESYNC)),
                        el("p", {"class": "soft"}, reader.say(words.RESYNC_SAYS)),
                    )
                )
                resync = doing(
                    reader,
                    said,
                    "lane.resync",
                    code,
                    lambda remote, by: remote.post(by, "sync", f"/v1/lanes/{code}/resync", reader.language),
                    told=lambda _: reader.say(words.RESENT),
                    after=again,
                )
                with ui.element("div").classes("row"):
                    Button(reader.say(words.RESYNC), resync)


async def _seen(reader: Reader, code: str) -> Journey:
    console = reader.console
    return await journey(console.service.store, console.remote, reader.somebody, code, reader.language)


async def _drawn(reader: Reader, found: Journey) -> Html:
    return await reader.drawn(draw.dossier, found, reader.language, reader.address)
