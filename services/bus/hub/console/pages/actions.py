"""What operators did, newest first."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from contracts.problems import Language
from services.bus.hub.console.draw import parts
from services.bus.hub.console.draw.parts import Tone
from services.bus.hub.console.format import moment
from services.bus.hub.console.live import Live
from services.bus.hub.console.pages.frame import Reader, complaint, framed, heading
from services.bus.hub.operators import queries
from services.bus.hub.operators.schemas import ActionView
from services.bus.hub.words import actions as words
from services.bus.hub.words import common
from services.bus.kit.html import Html, el, join

TONES: Final[dict[str, Tone]] = {"started": "warn", "done": "good", "refused": "bad", "failed": "bad"}


async def page(request: Request) -> None:
    """`/console/actions?who=&target=&cursor=`"""
    reader = Reader.of(request)
    who, target = reader.asked("who", longest=255), reader.asked("target")
    cursor = reader.asked("cursor", longest=500)
    with framed(reader, "/actions", words.TITLE):
        try:
            found = await reader.read(
                lambda tx: queries.actions(tx, who=who, target=target, cursor=cursor, limit=50)
            )
        except Exception as error:
            complaint(reader, words.TITLE, error)
            return
        query = {"who": who, "target": target}
        Live(
            join(
                heading(reader, words.TITLE),
                el("p", {"class": "lead"}, reader.say(words.LEAD)),
                _filters(who or "", target or "", reader.language),
                _table(found.items, reader.language),
                parts.pager(reader.language, "/actions", query, cursor, found.next_cursor),
            )
        )


def _filters(who: str, target: str, language: Language) -> Html:
    fields = [
        el(
            "label",
            {"class": "grow"},
            text.in_(language),
            el("input", {"type": "text", "name": name, "value": value}),
        )
        for name, text, value in (("who", words.WHO, who), ("target", words.TARGET, target))
    ]
    return el(
        "form",
        {"class": "card filters", "method": "get", "action": "/console/actions"},
        fields,
        el("button", {"class": "button", "type": "submit"}, words.FILTER.in_(language)),
    )


def _table(items: list[ActionView], language: Language) -> Html:
    if not items:
        return el("section", {"class": "card flush"}, parts.empty(common.NOTHING, language))
    head = [
        text.in_(language)
        for text in (words.WHAT, words.TARGET, words.WHO, words.WHEN, words.REASON, words.OUTCOME)
    ]
    rows = [
        parts.row(
            [
                words.KINDS[each.what].in_(language) if each.what in words.KINDS else each.what,
                el("span", {"class": "mono"}, each.target),
                join(
                    each.name,
                    el("span", {"class": "under"}, f"{each.who} · {common.ROLES[each.role].in_(language)}"),
                ),
                moment(each.at),
                each.reason or "–",
                join(
                    parts.chip(TONES[each.outcome], words.OUTCOMES[each.outcome].in_(language)),
                    el("span", {"class": "under"}, each.said) if each.said else None,
                ),
            ],
            wide=(3, 4),
            key=each.id,
        )
        for each in items
    ]
    table = parts.table(words.TITLE.in_(language), head, rows, wide=(3, 4), hidden_caption=True)
    return el("section", {"class": "card flush"}, table)
