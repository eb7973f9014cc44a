"""What was compared, what differs."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.problems import Language
from services.bus.hub.console.draw import parts
from services.bus.hub.console.draw.parts import Tone
from services.bus.hub.console.format import lasting, moment, number, short_moment
from services.bus.hub.console.reconciliation import Comparison, Difference
from services.bus.hub.words import reconciliation as words
from services.bus.kit.html import Html, el, join


def verdict(comparison: Comparison | None, language: Language) -> Html:
    """How the comparison ended, in a sentence."""
    tone, said = _said(comparison, language)
    under = ""
    if comparison is not None and comparison.seconds is not None:
        under = words.AT.in_(language).format(
            at=moment(comparison.finished_at), took=lasting(comparison.seconds * 1000, language), by=comparison.by
        )
    return el(
        "section",
        {
            "class": f"verdict tone-{tone}",
            "role": "status",
            "data-comparison": comparison.id if comparison is not None else None,
            "data-state": comparison.state if comparison is not None else None,
        },
        el("span", {"class": "sign", "aria-hidden": "true"}, parts.SIGNS[tone]),
        el("div", None, el("p", None, f"{said}."), el("p", {"class": "soft"}, under) if under else None),
    )


def _said(comparison: Comparison | None, language: Language) -> tuple[Tone, str]:
    if comparison is None:
        return "info", words.NEVER.in_(language)
    if comparison.state == "running":
        return "info", words.RUNNING.in_(language)
    if comparison.state == "failed":
        return "bad", words.FAILED.in_(language).format(why=comparison.error)
    if comparison.found:
        said = words.DIFFER.in_(language).format(n=number(comparison.found, language))
        if comparison.lost:
            said += f": {words.LOST.in_(language).format(n=number(comparison.lost, language))}"
        return "bad", said
    counted = comparison.counted or {"dossiers": {"province": 0}, "statuses": {"province": 0}}
    return "good", words.ALL_SAME.in_(language).format(
        dossiers=number(counted["dossiers"]["province"], language),
        statuses=number(counted["statuses"]["province"], language),
    )


def sides(comparison: Comparison, language: Language) -> Html | None:
    """How many each side holds, and how many differences of each kind there are."""
    if comparison.counted is None:
        return None
    rows = [
        parts.row(
            [
                text.in_(language),
                number(comparison.counted["dossiers"][side], language),
                number(comparison.counted["statuses"][side], language),
            ],
            right=(1, 2),
        )
        for side, text in words.SIDES.items()
    ]
    head = [words.SIDE.in_(language), words.DOSSIERS.in_(language), words.STATUSES.in_(language)]
    kinds = [
        parts.tile(words.KINDS[kind].in_(language), number(count, language), tone="bad")
        for kind, count in comparison.differences.items()
    ]
    return join(
        el("dl", {"class": "tiles"}, kinds) if kinds else None,
        el("section", {"class": "card flush"}, parts.table(words.HELD.in_(language), head, rows, right=(1, 2))),
    )


def differences(items: Sequence[Difference], language: Language) -> Html:
    """Each with its dossier."""
    head = [
        words.DOSSIER.in_(language),
        words.KIND.in_(language),
        words.SIDE.in_(language),
        words.VERSION.in_(language),
        words.REPAIR.in_(language),
    ]
    rows = [
        parts.row(
            [
                parts.dossier_link(each.code),
                words.KINDS[each.kind].in_(language),
                words.SIDES[each.side].in_(language),
                str(each.version or "–"),
                _repair(each, language),
            ],
            right=(3,),
            wide=(2, 3),
            key=str(each.place),
        )
        for each in items
    ]
    return el(
        "section",
        {"class": "card flush"},
        parts.table(words.FOUND.in_(language), head, rows, right=(3,), wide=(2, 3)),
    )


def _repair(difference: Difference, language: Language) -> Html:
    if difference.repair_at is not None:
        return parts.chip("good", words.REPAIRED.in_(language).format(at=short_moment(difference.repair_at)))
    if difference.repairable:
        return parts.chip("warn", words.REPAIRABLE.in_(language))
    return parts.chip("quiet", words.NOT_REPAIRABLE.in_(language))


def history(items: Sequence[Comparison], language: Language) -> Html | None:
    """Earlier ones."""
    if not items:
        return None
    rows = []
    for each in items:
        tone: Tone = (
            "good" if each.state == "done" and not each.found else "info" if each.state == "running" else "bad"
        )
        said = words.SAME.in_(language) if tone == "good" else _said(each, language)[1]
        rows.append(parts.row([short_moment(each.started_at), parts.chip(tone, said), each.by], wide=(2,)))
    head = [words.AT.in_(language).split(" ")[0], words.RESULT.in_(language), words.BY.in_(language)]
    return el("section", {"class": "card flush"}, parts.table(words.HISTORY.in_(language), head, rows, wide=(2,)))
