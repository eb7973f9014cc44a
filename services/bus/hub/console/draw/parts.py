"""Pieces of several pages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal
from urllib.parse import quote, urlencode

from contracts.problems import Language, Text
from services.bus.hub.console.format import lasting
from services.bus.hub.ledger.views import Durations
from services.bus.hub.words import common, overview
from services.bus.hub.words.links import TRENDS, consumer_name, type_name
from services.bus.kit.html import Html, el

Tone = Literal["good", "warn", "bad", "info", "quiet"]
SIGNS: Final[dict[Tone, str]] = {"good": "✓", "warn": "!", "bad": "✕", "info": "i", "quiet": "–"}
TREND_TONES: Final[dict[str, tuple[Tone, str]]] = {
    "improving": ("info", "↘"),
    "steady": ("good", "→"),
    "worsening": ("warn", "↗"),
    "stalled": ("bad", "■"),
}
_SHORTEST_MS: Final = 1.0
_LONGEST_MS: Final = 600_000.0


def address(path: str, **query: object) -> str:
    """A page of the console; what is None is left out."""
    given = {name.rstrip("_"): value for name, value in query.items() if value is not None and value != ""}
    return f"/console{path}" + (f"?{urlencode(given)}" if given else "")


def link_address(slug: str, **query: object) -> str:
    return address(f"/links/{quote(slug, safe='')}", **query)


def dossier_address(code: str) -> str:
    return address(f"/dossiers/{quote(code, safe='')}")


def dossier_link(code: str) -> Html:
    return el("a", {"href": dossier_address(code), "class": "mono"}, code)


def chip(tone: Tone, text: str, sign: str | None = None) -> Html:
    """A state in a word, with a sign: never by colour alone."""
    return el(
        "span", {"class": f"chip tone-{tone}"}, el("span", {"aria-hidden": "true"}, sign or SIGNS[tone]), text
    )


def trend_chip(trend: str, language: Language) -> Html:
    tone, sign = TREND_TONES[trend]
    return chip(tone, TRENDS[trend].in_(language), sign)


def link_name(type_: str, consumer: str, language: Language) -> str:
    return f"{type_name(type_, language)} → {consumer_name(consumer, language)}"


def spread(durations: Durations, language: Language) -> Html:
    """p50 to p99 on a scale from a millisecond to ten minutes, p95 marked."""
    if durations.p50_ms is None or durations.p99_ms is None or durations.p95_ms is None:
        return el("span", {"class": "soft"}, "–")
    left, mark, right = (_place(each) for each in (durations.p50_ms, durations.p95_ms, durations.p99_ms))
    said = overview.SPREAD_SAYS.in_(language).format(
        p50=lasting(durations.p50_ms, language),
        p95=lasting(durations.p95_ms, language),
        p99=lasting(durations.p99_ms, language),
    )
    return el(
        "span",
        {"class": "range", "role": "img", "aria-label": said, "title": said},
        el("i", {"style": f"left:{left:.1f}%;width:{max(right - left, 1):.1f}%"}),
        el("b", {"style": f"left:calc({mark:.1f}% - 1px)"}),
    )


def _place(ms: float) -> float:
    scale = math.log(_LONGEST_MS / _SHORTEST_MS)
    return min(max(math.log(max(ms, _SHORTEST_MS) / _SHORTEST_MS) / scale, 0.0), 1.0) * 97


def tile(
    label: str, value: object, under: object = "", *, tone: Tone | None = None, href: str | None = None
) -> Html:
    """A figure of the first look. Within a `dl`."""
    shown = el("a", {"href": href}, label) if href else label
    return el(
        "div",
        {"class": f"tile{f' tone-{tone}' if tone else ''}"},
        el("dt", None, shown),
        el("dd", None, value, el("span", {"class": "under"}, under) if under else None),
    )


def table(
    caption: object,
    head: Sequence[object],
    rows: Iterable[Html],
    *,
    right: Iterable[int] = (),
    wide: Iterable[int] = (),
    hidden_caption: bool = False,
    foot: Html | None = None,
) -> Html:
    """A table. `right`: columns of numbers; `wide`: those a phone has no room for."""
    numbers, roomy = set(right), set(wide)
    cells = [
        el(
            "th",
            {"scope": "col", "class": _classes("number" if at in numbers else "", "wide" if at in roomy else "")},
            each,
        )
        for at, each in enumerate(head)
    ]
    return el(
        "div",
        {"class": "scroll"},
        el(
            "table",
            {"class": "data"},
            el("caption", {"class": "hidden" if hidden_caption else None}, caption),
            el("thead", None, el("tr", None, cells)),
            el("tbody", None, list(rows)),
            el("tfoot", None, foot) if foot is not None else None,
        ),
    )


def row(
    cells: Sequence[object],
    *,
    right: Iterable[int] = (),
    wide: Iterable[int] = (),
    tone: Tone | None = None,
    key: str | None = None,
) -> Html:
    """A row whose first cell is its heading."""
    numbers, roomy = set(right), set(wide)
    made = [
        el(
            "th" if at == 0 else "td",
            {
                "scope": "row" if at == 0 else None,
                "class": _classes("number" if at in numbers else "", "wide" if at in roomy else ""),
            },
            each,
        )
        for at, each in enumerate(cells)
    ]
    return el("tr", {"class": f"tone-{tone}" if tone else None, "data-key": key}, made)


def _classes(*names: str) -> str | None:
    return " ".join(name for name in names if name) or None


def tabs(label: str, items: Iterable[tuple[str, str, bool]]) -> Html:
    """Links to parts of a page: text, address, whether it is this one."""
    return el(
        "nav",
        {"class": "tabs", "aria-label": label},
        [el("a", {"href": href, "aria-current": "page" if here else None}, text) for text, href, here in items],
    )


def pager(
    language: Language,
    path: str,
    query: Mapping[str, object],
    cursor: str | None,
    following: str | None,
    name: str = "cursor",
) -> Html | None:
    """On to the next page, and back to the first. `name` of the cursor, where a page has several lists."""
    if cursor is None and following is None:
        return None
    return el(
        "p",
        {"class": "row"},
        el("a", {"class": "button", "href": address(path, **query)}, common.FIRST.in_(language))
        if cursor
        else None,
        el(
            "a",
            {"class": "button", "href": address(path, **{**query, name: following})},
            common.NEXT.in_(language),
        )
        if following
        else None,
    )


def alert(text: str) -> Html:
    return el("p", {"class": "alert", "role": "alert"}, text)


def empty(text: Text | str, language: Language) -> Html:
    return el("p", {"class": "empty"}, text if isinstance(text, str) else text.in_(language))


def copied(command: str, language: Language, what: Text | None = None) -> Html:
    """A button that copies a command; console.js does it. `what` the command does, where there are several."""
    return el(
        "button",
        {
            "type": "button",
            "class": "button quiet small",
            "data-copy": command,
            "data-copied": common.COPIED.in_(language),
        },
        common.COPY.in_(language) if what is None else f"{common.COPY.in_(language)}: {what.in_(language)}",
    )


def curl(method: str, address: str, token_of: str, body: str | None = None) -> str:
    """A call as one would make it by hand; the token is to be got first."""
    parts = ["curl"]
    if method != "GET":
        parts += ["-X", method]
    parts += ["-H", f'"Authorization: Bearer $(truc token {token_of})"']
    if body is not None:
        parts += ["-H", "'Content-Type: application/json'", "-d", f"'{body}'"]
    return " ".join([*parts, f"'{address}'"])
