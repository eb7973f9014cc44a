"""Reconciliation: what the comparison that never ends knows, and putting it right; below it, everything row by
row if somebody wants that."""

from __future__ import annotations

from nicegui import ui
from starlette.requests import Request

from services.bus.hub.console import reconciliation
from services.bus.hub.console.draw import parts
from services.bus.hub.console.draw import reconciliation as draw
from services.bus.hub.console.live import Live
from services.bus.hub.console.pages.differences import Differences
from services.bus.hub.console.pages.frame import Reader, framed, heading
from services.bus.hub.console.pages.hands import NOTHING, Button, Said, doing
from services.bus.hub.console.reconciliation import Comparison
from services.bus.hub.console.remote import RemoteError
from services.bus.hub.console.snapshot import Snapshot
from services.bus.hub.words import common
from services.bus.hub.words import continuous as continuous_words
from services.bus.hub.words import reconciliation as words
from services.bus.kit.html import Html, el, join

ROWS = "rows"
"""The cursor of the second list in the address."""


async def page(request: Request) -> None:
    """`/console/reconciliation?cursor=&rows=`"""
    reader = Reader.of(request)
    console, client = reader.console, ui.context.client
    cursor, rows = reader.asked("cursor", longest=500), reader.asked(ROWS, longest=500)
    with framed(reader, "/reconciliation", words.TITLE):
        Live(join(heading(reader, words.TITLE), el("p", {"class": "lead"}, reader.say(words.LEAD))))
        try:
            differences = await Differences.read(reader, cursor)
            all_ = await reconciliation.history(console.remote, reader.somebody)
        except RemoteError as error:
            Live(parts.alert(reader.say(common.NO_ANSWER, why=str(error))))
            return
        differences.place()
        newest = all_[0] if all_ else None
        done = next((each for each in all_ if each.state == "done"), None)
        Live(
            join(
                el("h2", None, reader.say(continuous_words.BY_ROWS)),
                el("p", {"class": "soft"}, reader.say(continuous_words.BY_ROWS_LEAD)),
            )
        )
        said = Said()
        verdict = Live(draw.verdict(newest, reader.language))
        if reader.acts:
            _hands(reader, said, done)
        Live(await _body(reader, done, rows))
        Live(draw.history(all_[1:], reader.language) or NOTHING)
    shown = newest

    def tell(taken: Snapshot) -> None:
        nonlocal shown
        differences.tell(taken)
        if taken.compared is None or taken.compared == shown:
            return
        finished = taken.compared.state == "done"
        verdict.show(draw.verdict(taken.compared, reader.language))
        shown = taken.compared
        if finished:
            client.run_javascript("location.reload()")

    console.snapshots.subscribe(client.id, tell)
    client.on_delete(lambda: console.snapshots.unsubscribe(client.id))


def _hands(reader: Reader, said: Said, done: Comparison | None) -> None:
    compare = doing(
        reader,
        said,
        "reconciliation.compare",
        reconciliation.WHERE,
        reconciliation.compare,
        told=lambda _: reader.say(words.BEGUN),
    )
    with ui.element("div").classes("row"):
        Button(reader.say(words.COMPARE), compare)
        if done is not None and done.found:
            id = done.id
            repair = doing(
                reader,
                said,
                "reconciliation.repair",
                id,
                lambda remote, by: reconciliation.repair(remote, by, id),
                told=lambda number: reader.say(words.ORDERED, n=number),
            )
            Button(reader.say(words.REPAIR_ALL), repair)


async def _body(reader: Reader, done: Comparison | None, cursor: str | None) -> Html:
    if done is None:
        return NOTHING
    found = None
    if done.found:
        try:
            found = await reconciliation.differences(
                reader.console.remote, reader.somebody, done.id, cursor=cursor
            )
        except RemoteError as error:
            return parts.alert(reader.say(common.NO_ANSWER, why=str(error)))
    return join(
        draw.sides(done, reader.language),
        draw.differences(found.items, reader.language) if found is not None else None,
        parts.pager(reader.language, "/reconciliation", {}, cursor, found.next_cursor, name=ROWS)
        if found is not None
        else None,
    )
