"""Stuck and dead: four lists, one refused call, one held event, and what can be done with them."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote

import orjson
from nicegui import ui
from starlette.requests import Request

from services.bus.hub.console.draw import parts
from services.bus.hub.console.draw import stuck as draw
from services.bus.hub.console.live import Live
from services.bus.hub.console.pages.frame import Reader, complaint, framed, heading
from services.bus.hub.console.pages.hands import Button, Entry, Handler, Said, doing
from services.bus.hub.console.remote import RemoteError
from services.bus.hub.words import common
from services.bus.hub.words import stuck as words
from services.bus.kit.html import Html, el, join

PAGE: Final = 50
OWN: Final = "hub"
PROGRESS: Final = "CapNhatTienDoHoSoMC"
ROW_FIELDS: Final = {"NguoiXuLy": 50, "PhongBanXuLy": 500, "NoiDungXuLy": 4000}
_ID: Final = re.compile(r"[0-9a-f\-]{1,36}")


async def page(request: Request) -> None:
    """`/console/stuck?tab=&state=&key=&verb=&error=&process=&cursor=`"""
    reader = Reader.of(request)
    tab = reader.asked("tab") or "letters"
    tab = tab if tab in draw.TABS else "letters"
    with framed(reader, "/stuck", words.TITLE):
        Live(join(heading(reader, words.TITLE), draw.tabs(tab, reader.language)))
        try:
            if tab == "letters":
                await _letters(reader)
            elif tab == "held":
                await _held(reader)
            else:
                await _lanes(reader, "waiting" if tab == "retrying" else "parked", tab)
        except RemoteError as error:
            Live(parts.alert(reader.say(common.NO_ANSWER, why=str(error))))


async def _letters(reader: Reader) -> None:
    state = reader.request.query_params.get("state", "open")
    state = state if state in ("", "open", "retried", "discarded") else "open"
    key, verb, error = (reader.asked(name, longest=60) for name in ("key", "verb", "error"))
    cursor = reader.asked("cursor", longest=500)
    Live(draw.letter_filters(state, key or "", verb or "", error or "", reader.language), tag="section").classes(
        "card"
    )
    said = Said()
    found = await reader.console.remote.get(
        reader.somebody,
        "sync",
        "/v1/dead-letters",
        reader.language,
        state=state or None,
        key=key,
        verb=verb,
        error_code=error,
        cursor=cursor,
        limit=PAGE,
    )
    query = {"tab": "letters", "state": state, "key": key, "verb": verb, "error": error}
    Live(
        join(
            await reader.drawn(draw.letters_table, found["items"], reader.language),
            parts.pager(reader.language, "/stuck", query, cursor, found["next_cursor"]),
        )
    )
    if reader.acts and state == "open" and key is None and found["items"]:
        any_ = reader.say(words.ANY)
        body = {name: value for name, value in (("verb", verb), ("error_code", error)) if value}
        retry = doing(
            reader,
            said,
            "letters.retry",
            f"verb={verb or '*'} error_code={error or '*'}",
            lambda remote, by: remote.post(by, "sync", "/v1/dead-letters/retry", reader.language, body),
            told=lambda answer: reader.say(words.RETRIED_MANY, n=answer["letters"]),
        )
        with ui.element("section").classes("card stack"):
            Live(
                el(
                    "p",
                    {"class": "soft"},
                    reader.say(words.RETRY_ALL_SAYS, verb=verb or any_, error=error or any_),
                )
            )
            with ui.element("div").classes("row"):
                Button(reader.say(words.RETRY_ALL), retry)


async def _lanes(reader: Reader, state: str, tab: str) -> None:
    cursor = reader.asked("cursor", longest=500)
    found = await reader.console.remote.get(
        reader.somebody, "sync", "/v1/lanes", reader.language, state=state, cursor=cursor, limit=PAGE
    )
    Live(
        join(
            await reader.drawn(draw.lanes_table, found["items"], reader.language, reader.console.now()),
            parts.pager(reader.language, "/stuck", {"tab": tab}, cursor, found["next_cursor"]),
        )
    )


async def _held(reader: Reader) -> None:
    processes = reader.console.remote.processes
    process = reader.asked("process") or next(iter(_with_held(reader)), processes[0] if processes else "")
    state = reader.request.query_params.get("state", "dead")
    state = state if state in ("", "dead", "waiting") else "dead"
    cursor = reader.asked("cursor", longest=500)
    Live(draw.held_filters(process, state, processes, reader.language), tag="section").classes("card")
    found = await reader.console.remote.get(
        reader.somebody,
        process,
        "/v1/axis/held",
        reader.language,
        state=state or None,
        cursor=cursor,
        limit=PAGE,
    )
    query = {"tab": "held", "process": process, "state": state}
    Live(
        join(
            await reader.drawn(draw.held_table, process, found["items"], reader.language),
            parts.pager(reader.language, "/stuck", query, cursor, found["next_cursor"]),
        )
    )


def _with_held(reader: Reader) -> list[str]:
    """Services known to hold something dead."""
    ledger = reader.console.ledger
    if ledger is None:
        return []
    return [
        name
        for name, (standing, _) in ledger.standings.processes.items()
        if name != OWN and any(each.state == "dead" for each in standing.held)
    ]


async def letter(request: Request, id: str) -> None:
    """`/console/stuck/letters/{id}`: one refused call."""
    reader = Reader.of(request)
    path = f"/v1/dead-letters/{id}"
    with framed(reader, "/stuck", words.LETTER):
        try:
            if not _ID.fullmatch(id):
                raise RemoteError(reader.say(common.NOT_FOUND), final=True)
            told = await reader.console.remote.get(reader.somebody, "sync", path, reader.language)
        except RemoteError as error:
            complaint(reader, words.LETTER, error)
            return
        Live(heading(reader, f"{reader.say(words.LETTER)}: {told['key']}", _back(reader, "letters")))
        said = Said()
        shown = Live(draw.letter(told, reader.language, reader.address("sync")))

        async def again() -> None:
            told = await reader.console.remote.get(reader.somebody, "sync", path, reader.language)
            shown.show(draw.letter(told, reader.language, reader.address("sync")))
            hands.visible = told["state"] == "open"

        hands = ui.element("div").classes("two")
        hands.visible = told["state"] == "open"
        if not reader.acts:
            hands.visible = False
            Live(el("p", {"class": "note"}, reader.say(words.VIEWER)))
            return
        with hands:
            with ui.element("section").classes("card stack"):
                Live(el("h2", None, reader.say(words.RETRY)))
                Live(el("p", {"class": "soft"}, reader.say(words.LEAD_LETTERS)))
                retry = doing(
                    reader,
                    said,
                    "letter.retry",
                    told["key"],
                    lambda remote, by: remote.post(by, "sync", f"{path}/retry", reader.language),
                    told=lambda _: reader.say(words.RETRIED),
                    after=again,
                )
                with ui.element("div").classes("row"):
                    Button(reader.say(words.RETRY), retry, kind="primary")
            if told["verb"] == PROGRESS:
                _edit_row(reader, said, told, again)
            with ui.element("section").classes("card stack"):
                Live(el("h2", None, reader.say(words.DISCARD)))
                Live(el("p", {"class": "soft"}, reader.say(words.DISCARD_SAYS)))
                reason = Entry(reader.say(common.REASON))
                discard = doing(
                    reader,
                    said,
                    "letter.discard",
                    told["key"],
                    lambda remote, by: remote.post(
                        by, "sync", f"{path}/discard", reader.language, {"reason": reason.value.strip()}
                    ),
                    told=lambda _: reader.say(words.DISCARDED),
                    reason=reason,
                    after=again,
                )
                with ui.element("div").classes("row"):
                    Button(reader.say(words.DISCARD), discard, kind="danger")


def _edit_row(reader: Reader, said: Said, told: dict[str, Any], again: Handler) -> None:
    """The fields of a row of progress that may be said otherwise."""
    with ui.element("section").classes("card stack"):
        Live(el("h2", None, reader.say(words.EDIT)))
        Live(el("p", {"class": "soft"}, reader.say(words.EDIT_ROW_SAYS)))
        fields = {name: Entry(name, longest=longest) for name, longest in ROW_FIELDS.items()}

        def changes() -> dict[str, str]:
            return {name: field.value.strip() for name, field in fields.items() if field.value.strip()}

        correct = doing(
            reader,
            said,
            "letter.correct",
            told["key"],
            lambda remote, by: remote.post(
                by, "sync", f"/v1/dead-letters/{told['id']}/retry", reader.language, {"changes": changes()}
            ),
            told=lambda _: reader.say(words.RETRIED),
            after=again,
        )

        async def corrected() -> None:
            if changes():
                await correct()
            else:
                said.bad(reader.say(words.NOTHING_CHANGED))

        with ui.element("div").classes("row"):
            Button(reader.say(words.EDIT), corrected)


async def held(request: Request) -> None:
    """`/console/stuck/held?process=&consumer=&key=&version=`: one event a service holds."""
    reader = Reader.of(request)
    process, consumer, key = (reader.asked(name) or "" for name in ("process", "consumer", "key"))
    version = reader.asked("version", longest=10) or ""
    path = f"/v1/axis/held/{quote(consumer, safe='')}/{quote(key, safe='/')}"
    with framed(reader, "/stuck", words.HELD):
        try:
            told = await reader.console.remote.get(
                reader.somebody, process, f"{path}/payload", reader.language, version=version
            )
        except RemoteError as error:
            complaint(reader, words.HELD, error)
            return
        Live(heading(reader, draw.event_name(told["type"], reader.language), _back(reader, "held", process)))
        said = Said()
        payload = told.pop("payload")
        Live(await reader.drawn(draw.held, process, told, payload, reader.language, reader.address(process)))
        if not reader.acts:
            Live(el("p", {"class": "note"}, reader.say(words.VIEWER)))
        elif told["state"] == "dead":
            _hands(reader, said, process, path, told)


def _hands(reader: Reader, said: Said, process: str, path: str, told: dict[str, Any]) -> None:
    """Retry, edit and retry, discard."""
    target = f"{process}/{told['consumer']}/{told['key']}"
    changes = Entry(reader.say(words.EDIT_FIELD), tag="textarea", longest=20_000)
    reason = Entry(reader.say(common.REASON))

    def applied(answer: Any) -> str:
        return reader.say(words.APPLIED, n=answer["applied"])

    retry = doing(
        reader,
        said,
        "held.retry",
        target,
        lambda remote, by: remote.post(by, process, f"{path}/retry", reader.language),
        told=applied,
    )
    correct = doing(
        reader,
        said,
        "held.correct",
        target,
        lambda remote, by: remote.post(
            by,
            process,
            f"{path}/retry",
            reader.language,
            {"version": told["version"], "data": orjson.loads(changes.value)},
        ),
        told=applied,
    )
    discard = doing(
        reader,
        said,
        "held.discard",
        target,
        lambda remote, by: remote.post(
            by,
            process,
            f"{path}/discard",
            reader.language,
            {"version": told["version"], "reason": reason.value.strip()},
        ),
        told=lambda _: reader.say(words.DISCARDED),
        reason=reason,
    )

    async def corrected() -> None:
        try:
            if not isinstance(orjson.loads(changes.value), dict):
                raise ValueError("{…}")
        except ValueError as error:
            said.bad(reader.say(words.NOT_JSON, why=error))
            return
        await correct()

    edit_label, reason_label = (each.parent_slot.parent for each in (changes, reason) if each.parent_slot)
    with ui.element("div").classes("two"):
        with ui.element("section").classes("card stack"):
            Live(el("h2", None, reader.say(words.EDIT)))
            Live(el("p", {"class": "soft"}, reader.say(words.EDIT_SAYS)))
            edit_label.move(ui.element("div"))
            with ui.element("div").classes("row"):
                Button(reader.say(words.RETRY), retry, kind="primary")
                Button(reader.say(words.EDIT), corrected)
        with ui.element("section").classes("card stack"):
            Live(el("h2", None, reader.say(words.DISCARD)))
            Live(el("p", {"class": "soft"}, reader.say(words.DISCARD_SAYS)))
            reason_label.move(ui.element("div"))
            with ui.element("div").classes("row"):
                Button(reader.say(words.DISCARD), discard, kind="danger")


def _back(reader: Reader, tab: str, process: str | None = None) -> Html:
    return el("a", {"href": parts.address("/stuck", tab=tab, process=process)}, f"← {reader.say(words.BACK)}")
