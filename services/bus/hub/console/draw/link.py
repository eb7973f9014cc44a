"""One link: how it stands, where the time goes, what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.problems import Language, Text
from services.bus.hub.console.changes import Change
from services.bus.hub.console.draw import parts
from services.bus.hub.console.format import NOTHING, lasting, moment, number, percent, short_moment
from services.bus.hub.console.looking import Column, LinkSeen
from services.bus.hub.ledger.names import PORTAL, TOTAL
from services.bus.hub.ledger.standing import PortalState
from services.bus.hub.ledger.views import HopView, LinkView, PartView
from services.bus.hub.words import link as words
from services.bus.hub.words import overview as overview_words
from services.bus.hub.words.links import APPLY, BREAKERS, HOPS, consumer_name
from services.bus.kit.html import Html, el, join

HOP_ORDER: Final = ("publish", "broker", "lane", "errors", "call")


def state(link: LinkView, portal: PortalState | None, language: Language) -> Html:
    """How it stands now."""

    def say(text: Text) -> str:
        return text.in_(language)

    waits = link.oldest_s is not None
    tiles = [
        parts.tile(
            overview_words.TREND.in_(language),
            parts.trend_chip(link.trend, language),
        ),
        parts.tile(
            say(words.OLDEST),
            lasting(link.oldest_s * 1000, language) if link.oldest_s is not None else NOTHING,
            say(words.SINCE).format(at=moment(link.oldest_at)) if waits else say(words.NOTHING_WAITS),
        ),
        parts.tile(say(words.BACKLOG), number(link.backlog, language)),
        parts.tile(say(words.HELD), number(link.held, language), say(words.HELD_UNDER)),
        parts.tile(
            say(words.DEAD), number(link.dead, language), tone="bad" if link.dead else None, href="/console/stuck"
        ),
        parts.tile(say(words.RETRIES), number(link.retries, language)),
        parts.tile(say(words.DUPLICATES), number(link.duplicates, language)),
    ]
    if link.consumer == PORTAL and portal is not None:
        shown, _, under = (
            BREAKERS[portal.breaker].in_(language) if portal.breaker in BREAKERS else portal.breaker
        ).partition(": ")
        tiles.append(
            parts.tile(say(words.BREAKER), shown, under, tone=None if portal.breaker == "closed" else "warn")
        )
    return el("dl", {"class": "tiles"}, tiles)


def windows(link: LinkView, window: str, language: Language) -> Html:
    """The window to look at."""
    return parts.tabs(
        words.WINDOW.in_(language),
        [
            (text.in_(language), parts.link_address(link.id, window=key), key == window)
            for key, text in words.WINDOWS.items()
        ],
    )


def heat_table(columns: Sequence[Column], language: Language) -> Html:
    """The heat map for those who do not see it."""
    rows = [
        parts.row(
            [
                short_moment(each.at),
                number(each.events, language),
                *(lasting(ms, language) for ms in (each.p50_ms, each.p95_ms, each.p99_ms)),
            ],
            right=(1, 2, 3, 4),
        )
        for each in reversed(columns)
        if each.events
    ]
    head = [words.AT.in_(language), words.EVENTS.in_(language), "p50", "p95", "p99"]
    table = parts.table(words.HEAT.in_(language), head, rows, right=(1, 2, 3, 4), hidden_caption=True)
    return el("details", {"class": "more"}, el("summary", None, words.AS_TABLE.in_(language)), table)


def rest(seen: LinkSeen, others: Sequence[LinkView], language: Language) -> Html:
    """Everything below the heat map."""
    return join(
        el("div", {"class": "two"}, _hops(seen, language), _changes(seen.changes, language)),
        _heard_by(others, language),
        el(
            "div",
            {"class": "two"},
            _parts(words.BY_AGENCY.in_(language), seen.detail.agencies, language),
            _parts(words.BY_PROCEDURE.in_(language), seen.detail.procedures, language),
        ),
    )


def hop_name(hop: str, to_portal: bool, language: Language) -> str:
    if hop == "lane" and not to_portal:
        return APPLY.in_(language)
    return HOPS[hop].in_(language)


def hop_bar(parts_ms: Sequence[tuple[str, float]], to_portal: bool, language: Language) -> Html:
    """Hops side by side, as wide as they lasted; said in words to who does not see it."""
    total = sum(ms for _, ms in parts_ms if ms > 0)
    shown = [(hop, ms) for hop, ms in parts_ms if ms > 0]
    said = ", ".join(f"{hop_name(hop, to_portal, language)} {lasting(ms, language)}" for hop, ms in shown)
    return el(
        "div",
        {"class": "bar", "role": "img", "aria-label": said or NOTHING},
        [
            el(
                "i",
                {
                    "class": f"hop-{hop}",
                    "style": f"width:{ms / total * 100:.2f}%",
                    "title": f"{hop_name(hop, to_portal, language)}: {lasting(ms, language)}",
                },
            )
            for hop, ms in shown
        ],
    )


def _hops(seen: LinkSeen, language: Language) -> Html:
    to_portal = seen.detail.consumer == PORTAL
    hops = {each.hop: each for each in seen.detail.hops}
    means = [(hop, hops[hop].durations.mean_ms or 0.0) for hop in HOP_ORDER if hop in hops]
    total = sum(ms for _, ms in means)
    head = [
        words.HOP.in_(language),
        words.SHARE.in_(language),
        words.MEAN.in_(language),
        "p50",
        "p95",
        "p99",
        words.LONGEST.in_(language),
    ]
    right = (1, 2, 3, 4, 5, 6)
    rows = [_hop(hops[hop], ms / total if total else 0.0, to_portal, language) for hop, ms in means]
    foot = _hop(hops[TOTAL], None, to_portal, language) if TOTAL in hops else None
    skewed = seen.detail.total.skewed
    return el(
        "section",
        {"class": "card flush"},
        el("h2", None, words.HOPS.in_(language)),
        el("div", {"class": "cap"}, hop_bar(means, to_portal, language)),
        parts.table(
            words.HOPS.in_(language), head, rows, right=right, wide=(2, 5, 6), hidden_caption=True, foot=foot
        ),
        el("p", {"class": "empty small"}, words.SKEW.in_(language).format(n=number(skewed, language)))
        if skewed
        else None,
    )


def _hop(hop: HopView, share: float | None, to_portal: bool, language: Language) -> Html:
    durations = hop.durations
    name = hop_name(hop.hop, to_portal, language)
    return parts.row(
        [
            join(el("span", {"class": f"dot hop-{hop.hop}", "aria-hidden": "true"}), name),
            percent(share, 0, language) if share is not None else "",
            *(
                lasting(ms, language)
                for ms in (
                    durations.mean_ms,
                    durations.p50_ms,
                    durations.p95_ms,
                    durations.p99_ms,
                    durations.max_ms,
                )
            ),
        ],
        right=(1, 2, 3, 4, 5, 6),
        wide=(2, 5, 6),
    )


def _changes(changes: Sequence[Change], language: Language) -> Html:
    shown: Html = (
        el("ul", {"class": "changes"}, [_change(each, language) for each in changes])
        if changes
        else el("p", {"class": "soft"}, words.NO_CHANGES.in_(language))
    )
    return el("section", {"class": "card"}, el("h2", None, words.CHANGES.in_(language)), shown)


def _change(change: Change, language: Language) -> Html:
    text = {
        "slower": words.SLOWER,
        "faster": words.FASTER,
        "failing": words.FAILING,
        "healed": words.HEALED,
        "died": words.DIED,
    }[change.kind]
    said = text.in_(language).format(
        before=lasting(change.before_ms, language),
        now=lasting(change.now_ms, language),
        n=number(change.n, language),
        lasted=lasting((change.lasted_s or 0) * 1000, language),
    )
    sign = {"slower": "↗", "faster": "↘", "failing": "!", "healed": "✓", "died": "✕"}[change.kind]
    return el(
        "li",
        None,
        el("span", {"class": "soft"}, short_moment(change.at)),
        el("span", None, el("span", {"aria-hidden": "true"}, f"{sign} "), said[:1].upper() + said[1:]),
    )


def _heard_by(others: Sequence[LinkView], language: Language) -> Html:
    head = [
        words.CONSUMER.in_(language),
        "p50",
        "p99",
        overview_words.OLDEST.in_(language),
        overview_words.BACKLOG.in_(language),
        overview_words.TREND.in_(language),
    ]
    rows = [
        parts.row(
            [
                el("a", {"href": parts.link_address(each.id)}, consumer_name(each.consumer, language)),
                lasting(each.total.p50_ms, language),
                lasting(each.total.p99_ms, language),
                NOTHING if each.oldest_s is None else lasting(each.oldest_s * 1000, language),
                number(each.backlog, language),
                parts.trend_chip(each.trend, language),
            ],
            right=(1, 2, 3, 4),
            wide=(1, 4),
        )
        for each in others
    ]
    return el(
        "section",
        {"class": "card flush"},
        parts.table(words.HEARD_BY.in_(language), head, rows, right=(1, 2, 3, 4), wide=(1, 4)),
    )


def _parts(title: str, items: Sequence[PartView], language: Language) -> Html:
    if not items:
        return el("section", {"class": "card"}, el("h2", None, title), el("p", {"class": "soft"}, NOTHING))
    head = [words.CODE.in_(language), words.EVENTS.in_(language), "p50", "p95", "p99"]
    rows = [
        parts.row(
            [
                el("span", {"class": "mono"}, each.code),
                number(each.total.count, language),
                *(lasting(ms, language) for ms in (each.total.p50_ms, each.total.p95_ms, each.total.p99_ms)),
            ],
            right=(1, 2, 3, 4),
            wide=(2,),
        )
        for each in items
    ]
    return el("section", {"class": "card flush"}, parts.table(title, head, rows, right=(1, 2, 3, 4), wide=(2,)))
