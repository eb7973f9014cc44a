"""The overview: the verdict, the figures under it, every link."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.problems import Language, Text
from services.bus.hub.console.draw import parts
from services.bus.hub.console.draw.continuous import notes, sameness
from services.bus.hub.console.draw.parts import Tone
from services.bus.hub.console.format import NOTHING, clock, decimal, lasting, number
from services.bus.hub.console.snapshot import Snapshot
from services.bus.hub.console.verdict import Verdict, is_late
from services.bus.hub.ledger.views import LinkView
from services.bus.hub.words import common
from services.bus.hub.words import overview as words
from services.bus.hub.words.links import BREAKERS, process_name
from services.bus.kit.html import Html, el, join

TONES: dict[str, Tone] = {"lost": "bad", "stopped": "bad", "blind": "warn", "late": "warn", "fine": "good"}
NAMED = 2
_RIGHT, _WIDE = (1, 2, 3, 5, 6, 7), (1, 3, 4, 6, 7)


def overview(snapshot: Snapshot, language: Language, limits: Mapping[str, float]) -> Html:
    """All of it; the same for everybody who reads this language."""
    return join(
        el(
            "div",
            {"class": "head"},
            el("h1", {"id": "main", "tabindex": "-1"}, common.OVERVIEW.in_(language)),
            el("p", {"class": "live"}, common.LIVE.in_(language).format(at=clock(snapshot.at))),
        ),
        _banner(snapshot, language),
        _tiles(snapshot, language),
        _links(snapshot, language, limits),
    )


def sentence(verdict: Verdict, language: Language) -> str:
    """The verdict in words: lost, dead, silent, late."""

    def say(text: Text, **params: object) -> str:
        return text.in_(language).format(**params)

    said = sameness(verdict.compared, language)
    if verdict.dead:
        text = words.ONE_DEAD if verdict.dead == 1 else words.DEAD
        said.append(say(text, n=number(verdict.dead, language)))
    if verdict.silent:
        said.append(say(words.SILENT, names=", ".join(process_name(each, language) for each in verdict.silent)))
    if verdict.late:
        names = [_late_name(link, language) for link in verdict.late[:NAMED]]
        if len(verdict.late) > NAMED:
            names.append(say(words.AND_MORE, n=len(verdict.late) - NAMED))
        text = words.ONE_LATE if len(verdict.late) == 1 else words.MANY_LATE
        said.append(say(text, n=len(verdict.late), names="; ".join(names)))
    elif not verdict.silent:
        said.append(say(words.ALL_ON_TIME))
    return ". ".join(each[:1].upper() + each[1:] for each in said) + "."


def _late_name(link: LinkView, language: Language) -> str:
    name = parts.link_name(link.type, link.consumer, language)
    return f"{name} ({lasting(link.oldest_s * 1000, language)})" if link.oldest_s is not None else name


def _banner(snapshot: Snapshot, language: Language) -> Html:
    tone = TONES[snapshot.verdict.state]
    if tone == "good" and snapshot.verdict.lost is None:
        tone = "info"
    return el(
        "section",
        {"class": f"verdict tone-{tone}", "role": "status", "data-verdict": snapshot.verdict.state},
        el("span", {"class": "sign", "aria-hidden": "true"}, parts.SIGNS[tone]),
        el(
            "div",
            None,
            el("p", None, sentence(snapshot.verdict, language)),
            el("p", {"class": "soft small"}, notes(snapshot.continuous, language)),
        ),
    )


def _tiles(snapshot: Snapshot, language: Language) -> Html:
    verdict, portal = snapshot.verdict, snapshot.portal
    counted = [level for level in snapshot.levels if level.kept is not None]
    kept = sum(1 for level in counted if level.kept)
    firing = any(burn.firing for level in snapshot.levels for burn in level.burns)
    breaker = ""
    if portal is not None:
        state = BREAKERS.get(portal.breaker)
        breaker = words.BREAKER.in_(language).format(state=state.in_(language) if state else portal.breaker)
    return el(
        "dl",
        {"class": "tiles"},
        parts.tile(
            words.LOST_TILE.in_(language),
            NOTHING if verdict.lost is None else number(verdict.lost, language),
            words.LOST_UNDER.in_(language),
            tone="bad" if verdict.lost else None,
            href=parts.address("/reconciliation"),
        ),
        parts.tile(
            words.DEAD_TILE.in_(language),
            number(verdict.dead, language),
            tone="bad" if verdict.dead else None,
            href=parts.address("/stuck"),
        ),
        parts.tile(
            words.LATE_TILE.in_(language),
            number(len(verdict.late), language),
            tone="warn" if verdict.late else None,
        ),
        parts.tile(
            words.WAITING_TILE.in_(language),
            NOTHING if portal is None else number(portal.backlog, language),
            breaker,
            tone="warn" if portal is not None and portal.breaker != "closed" else None,
        ),
        parts.tile(
            words.LEVELS_TILE.in_(language),
            words.OF.in_(language).format(kept=kept, all=len(counted)) if counted else NOTHING,
            tone="bad" if firing or kept < len(counted) else None,
            href=parts.address("/levels"),
        ),
    )


def _links(snapshot: Snapshot, language: Language, limits: Mapping[str, float]) -> Html:
    if not snapshot.links.items:
        return el("section", {"class": "card flush"}, parts.empty(words.NO_LINKS, language))
    head = [
        words.LINK.in_(language),
        "p50",
        "p95",
        "p99",
        words.SPREAD.in_(language),
        words.OLDEST.in_(language),
        words.RATE.in_(language),
        words.BACKLOG.in_(language),
        words.TREND.in_(language),
    ]
    rows = [_row(link, language, limits) for link in snapshot.links.items]
    return el(
        "section",
        {"class": "card flush"},
        parts.table(words.LINKS.in_(language), head, rows, right=_RIGHT, wide=_WIDE),
    )


def _row(link: LinkView, language: Language, limits: Mapping[str, float]) -> Html:
    late = is_late(link, limits)
    name = el(
        "a",
        {"href": parts.link_address(link.id)},
        parts.link_name(link.type, link.consumer, language),
    )
    under = f"{process_name(link.source, language)}{f' · {link.verb}' if link.verb else ''}"
    cells = [
        join(name, el("span", {"class": "under" if link.verb else "under wide"}, under)),
        lasting(link.total.p50_ms, language),
        lasting(link.total.p95_ms, language),
        lasting(link.total.p99_ms, language),
        parts.spread(link.total, language),
        NOTHING if link.oldest_s is None else lasting(link.oldest_s * 1000, language),
        decimal(link.rate * 60, 1, language),
        number(link.backlog, language),
        parts.trend_chip(link.trend, language),
    ]
    tone: Tone | None = "bad" if link.trend == "stalled" else "warn" if late else None
    return parts.row(cells, right=_RIGHT, wide=_WIDE, tone=tone, key=link.id)
