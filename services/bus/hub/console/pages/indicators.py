"""The province's indicators: values, tables, checks, communes, and the dossiers behind a figure."""

from __future__ import annotations

from typing import cast

from starlette.requests import Request

from contracts.catalogue.indicators import indicators as definitions
from contracts.times import vn_date
from services.bus.hub.console.asking import Asked, asked
from services.bus.hub.console.draw import indicators as draw
from services.bus.hub.console.draw import parts
from services.bus.hub.console.format import number
from services.bus.hub.console.live import Live
from services.bus.hub.console.pages.frame import Reader, complaint, framed, heading
from services.bus.hub.indicators.book import Book
from services.bus.hub.indicators.listing import SideName
from services.bus.hub.indicators.listing import behind as dossiers_behind
from services.bus.hub.indicators.room import EXTRA, Room
from services.bus.hub.indicators.tables import beginning
from services.bus.hub.indicators.units import identity_checks, without_online
from services.bus.hub.indicators.values import values
from services.bus.hub.words import common
from services.bus.hub.words import indicators as words
from services.bus.kit.html import Html, el, join
from services.bus.kit.tx import Tx

PAGE = 100
MOST_ROWS = 200


async def page(request: Request) -> None:
    """`/console/indicators?part=&from=&to=&unit=&procedure_code=&rows=&period=`"""
    reader = Reader.of(request)
    book, now = book_of(reader), reader.console.now()
    what = asked(request.query_params, book, now)
    part = reader.asked("part") or "values"
    part = part if part in draw.TABS else "values"
    language = reader.language

    def body(tx: Tx) -> Html:
        match part:
            case "table":
                found, all_rows = beginning(
                    tx, book, what.where, MOST_ROWS, rows=what.rows, grain=what.grain, now=now
                )
                return draw.table(found, all_rows, what.query, language)
            case "checks":
                return draw.checks(identity_checks(tx, what.where), language)
            case "without":
                return draw.without(without_online(tx, book, what.where), language)
        told = values(tx, book, what.where, now=now, link=what.query)
        lead = words.LEAD.in_(language).format(
            first=f"{told.first_day:%d/%m/%Y}",
            last=f"{min(told.last_day, vn_date(now)):%d/%m/%Y}",
            dossiers=number(told.dossiers, language),
        )
        return join(el("p", {"class": "lead"}, lead), draw.values(told, what.query, language))

    with framed(reader, "/indicators", words.TITLE):
        shown = (what.query["from"], what.query["to"])
        Live(
            join(
                heading(reader, words.TITLE),
                draw.tabs(part, what.query, language),
                draw.period(part, what.query, what.rows, what.grain, shown, language),
            )
        )
        Live(await reader.read(body))


async def behind(request: Request, indicator: str) -> None:
    """`/console/indicators/{indicator}?side=&from=&to=&cursor=`: the dossiers behind a figure."""
    reader = Reader.of(request)
    book, now = book_of(reader), reader.console.now()
    what: Asked = asked(request.query_params, book, now)
    side: SideName = "denominator" if reader.asked("side") == "denominator" else "numerator"
    cursor = reader.asked("cursor", longest=300)
    with framed(reader, "/indicators", words.TITLE):
        definition = definitions().get(indicator)
        if definition is None:
            Live(join(heading(reader, words.TITLE), parts.alert(reader.say(common.NOT_FOUND))))
            return
        name = definition.name.vi if reader.language == "vi" else definition.name.en
        title = reader.say(words.BEHIND, name=name, side=reader.say(words.SIDES[side]))
        try:
            found = await reader.read(
                dossiers_behind(definition, side, what.where, now=now, cursor=cursor, limit=PAGE)
            )
        except Exception as error:
            complaint(reader, words.TITLE, error)
            return
        back = el("a", {"href": parts.address("/indicators", **what.query)}, f"← {reader.say(words.BACK)}")
        query = {**what.query, "side": side}
        Live(
            join(
                heading(reader, title, back),
                draw.behind(found.items, title, reader.language),
                parts.pager(reader.language, f"/indicators/{indicator}", query, cursor, found.next_cursor),
            )
        )


def book_of(reader: Reader) -> Book:
    """The province."""
    return cast("Room", reader.console.service.extra[EXTRA]).book
