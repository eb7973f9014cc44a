"""Service levels: kept or not, what is left of the error budget, which alarms fire."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.problems import Language
from services.bus.hub.console.draw import parts
from services.bus.hub.console.draw.parts import Tone
from services.bus.hub.console.format import NOTHING, decimal, number, percent, span
from services.bus.hub.ledger.agreed import BurnView, ServiceLevelView
from services.bus.hub.words import levels as words
from services.bus.kit.html import Html, el, join


def verdict(levels: Sequence[ServiceLevelView], language: Language) -> Html:
    """Whether any budget burns too fast."""
    firing = [level for level in levels for burn in level.burns if burn.firing]
    tone: Tone = "bad" if firing else "good"
    said = words.ALL_QUIET.in_(language)
    if firing:
        names = ", ".join(dict.fromkeys(name(level, language) for level in firing))
        said = words.SOME_FIRE.in_(language).format(n=len(firing), names=names)
    return el(
        "section",
        {"class": f"verdict tone-{tone}"},
        el("span", {"class": "sign", "aria-hidden": "true"}, parts.SIGNS[tone]),
        el("div", None, el("p", None, f"{said}.")),
    )


def name(level: ServiceLevelView, language: Language) -> str:
    return level.name_vi if language == "vi" else level.name_en


def level(level: ServiceLevelView, language: Language) -> Html:
    """One of them, but for its chart."""
    promise = words.PROMISE.in_(language).format(
        share=percent(level.share, 0, language),
        within=span(level.within_s, language),
        days=level.over_days,
    )
    tone: Tone = "quiet" if level.kept is None else "good" if level.kept else "bad"
    state = words.NOTHING_YET if level.kept is None else words.KEPT if level.kept else words.BROKEN
    return join(
        el(
            "div",
            {"class": "head"},
            el("h2", None, el("a", {"href": parts.link_address(level.link)}, name(level, language))),
            parts.chip(tone, state.in_(language)),
        ),
        el("p", {"class": "soft"}, promise),
        el(
            "dl",
            {"class": "facts"},
            _fact(words.ACHIEVED.in_(language), percent(level.achieved, 3, language)),
            _fact(words.LEFT.in_(language), join(_left(level, language), _meter(level))),
            _fact(words.EVENTS.in_(language), number(level.events, language)),
            _fact(words.WAITING.in_(language), number(level.waiting, language)),
        ),
        _burns(level.burns, language),
    )


def _fact(name: str, value: object) -> Html:
    return el("div", None, el("dt", None, name), el("dd", None, value))


def _left(level: ServiceLevelView, language: Language) -> Html:
    under = words.LEFT_UNDER.in_(language).format(
        bad=number(level.bad, language), allowed=decimal(level.allowed, 1, language)
    )
    shown = percent(level.left, 1, language)
    if level.left is not None and level.left < 0:
        shown = words.SPENT.in_(language)
    return join(shown, el("span", {"class": "under"}, under))


def _meter(level: ServiceLevelView) -> Html | None:
    if level.left is None:
        return None
    share = min(max(level.left, 0.0), 1.0)
    tone = "good" if share > 0.5 else "warn" if share > 0.1 else "bad"
    return el(
        "div", {"class": f"meter tone-{tone}", "aria-hidden": "true"}, el("i", {"style": f"width:{share:.1%}"})
    )


def _burns(burns: Sequence[BurnView], language: Language) -> Html:
    head = [
        words.RULE.in_(language),
        words.LONG.in_(language),
        words.SHORT.in_(language),
        words.STATE.in_(language),
    ]
    rows = [
        parts.row(
            [
                words.RULE_SAYS.in_(language).format(
                    factor=decimal(burn.factor, 1, language).removesuffix(",0").removesuffix(".0"),
                    long=span(burn.long_s, language),
                    short=span(burn.short_s, language),
                ),
                _times(burn.long_burn, language),
                _times(burn.short_burn, language),
                join(
                    _state(burn, language),
                    el("span", {"class": "under"}, words.BY_COUNT.in_(language)) if burn.by == "count" else None,
                ),
            ],
            right=(1, 2),
        )
        for burn in burns
    ]
    return parts.table(words.BURNS.in_(language), head, rows, right=(1, 2), hidden_caption=True)


def _times(burn: float | None, language: Language) -> str:
    return NOTHING if burn is None else words.TIMES.in_(language).format(n=decimal(burn, 1, language))


def _state(burn: BurnView, language: Language) -> Html:
    if not burn.firing:
        return parts.chip("good", words.QUIET.in_(language))
    if burn.urgency == "now":
        return parts.chip("bad", words.FIRING_NOW.in_(language))
    return parts.chip("warn", words.FIRING_WEEK.in_(language))
