"""The legal clock."""

from __future__ import annotations

from typing import cast

from starlette.requests import Request

from services.bus.hub.console.draw import clock as draw
from services.bus.hub.console.draw import parts
from services.bus.hub.console.live import Live
from services.bus.hub.console.pages.frame import Reader, complaint, framed, heading
from services.bus.hub.console.pages.indicators import book_of
from services.bus.hub.indicators import schemas
from services.bus.hub.indicators.clock import By, dossiers_in, legal_clock
from services.bus.hub.words import clock as words
from services.bus.kit.html import join
from services.bus.kit.paging import Page
from services.bus.kit.tx import Tx

PAGE = 50


async def page(request: Request) -> None:
    """`/console/clock?state=&by=&cursor=`"""
    reader = Reader.of(request)
    book, now = book_of(reader), reader.console.now()
    state = reader.asked("state") or "overdue"
    state = state if state in words.STATES else "overdue"
    by = reader.asked("by") or "office"
    by = by if by in words.GROUPS else "office"
    cursor = reader.asked("cursor", longest=300)

    def seen(tx: Tx) -> tuple[schemas.LegalClock, Page[schemas.ClockDossier]]:
        listed = dossiers_in(
            cast("schemas.ClockState", state), now=now, agencies=None, procedures=None, cursor=cursor, limit=PAGE
        )
        found = legal_clock(tx, book, now=now, by=cast("By", by), agencies=None, procedures=None)
        return found, listed(tx)

    with framed(reader, "/clock", words.TITLE):
        try:
            found, listed = await reader.read(seen)
        except Exception as error:
            complaint(reader, words.TITLE, error)
            return
        Live(
            join(
                heading(reader, words.TITLE),
                draw.verdict(found, reader.language),
                draw.tiles(found, state, by, reader.language),
            )
        )
        Live(
            join(
                await reader.drawn(draw.dossiers, listed.items, state, reader.language),
                parts.pager(reader.language, "/clock", {"state": state, "by": by}, cursor, listed.next_cursor),
            )
        )
        Live(await reader.drawn(draw.lines, found, state, by, reader.language))
