"""The province's figures: values with both sides, tables, identity checks, communes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from contracts.problems import Language
from contracts.status import DossierStatus
from services.bus.hub.console.draw import parts
from services.bus.hub.console.format import NOTHING, decimal, number, percent, short_moment
from services.bus.hub.indicators import schemas
from services.bus.hub.words import common
from services.bus.hub.words import indicators as words
from services.bus.kit.html import Html, el, join

TABS: Final = {"values": words.VALUES, "table": words.TABLE, "checks": words.CHECKS, "without": words.WITHOUT}
Query = Mapping[str, str]


def tabs(here: str, query: Query, language: Language) -> Html:
    return parts.tabs(
        words.PARTS.in_(language),
        [
            (text.in_(language), parts.address("/indicators", **{**query, "part": key}), key == here)
            for key, text in TABS.items()
        ],
    )


def period(here: str, query: Query, rows: str, grain: str, shown: tuple[str, str], language: Language) -> Html:
    """The form for the period, the unit, the procedure; for tables the rows and columns."""
    choices = []
    if here == "table":
        choices = [
            _choice(
                words.ROWS_BY.in_(language),
                "rows",
                rows,
                {key: text.in_(language) for key, text in words.ROWS.items()},
            ),
            _choice(
                words.BY_PERIOD.in_(language),
                "period",
                grain,
                {key: text.in_(language) for key, text in words.GRAINS.items()},
            ),
        ]
    return el(
        "form",
        {"class": "card filters", "method": "get", "action": "/console/indicators"},
        el("input", {"type": "hidden", "name": "part", "value": here}),
        _date(words.FROM.in_(language), "from", shown[0]),
        _date(words.TO.in_(language), "to", shown[1]),
        _text(words.UNIT.in_(language), "unit", query.get("unit", "")),
        _text(words.PROCEDURE.in_(language), "procedure_code", query.get("procedure_code", "")),
        choices,
        el("button", {"class": "button", "type": "submit"}, common.APPLY.in_(language)),
    )


def _choice(label: str, name: str, value: str, choices: Mapping[str, str]) -> Html:
    options = [el("option", {"value": key, "selected": key == value}, text) for key, text in choices.items()]
    return el("label", None, label, el("select", {"name": name}, options))


def _date(label: str, name: str, value: str) -> Html:
    return el("label", None, label, el("input", {"type": "date", "name": name, "value": value}))


def _text(label: str, name: str, value: str) -> Html:
    return el("label", None, label, el("input", {"type": "text", "name": name, "value": value, "maxlength": 40}))


def values(found: schemas.Values, query: Query, language: Language) -> Html:
    """Every group with its indicators."""
    return join(_group(each, query, language) for each in found.groups)


def _group(group: schemas.GroupValue, query: Query, language: Language) -> Html:
    title = group.name_vi if language == "vi" else group.name_en
    if group.number.strip("-"):
        title = f"{group.number}. {title}"
    points = words.NO_POINTS.in_(language)
    if group.points is not None and group.points_max is not None:
        points = words.POINTS_OF.in_(language).format(
            points=decimal(group.points, 2, language),
            max=decimal(group.points_max, 0, language),
            known=decimal(group.points_known or 0, 0, language),
        )
    head = [
        words.INDICATOR.in_(language),
        words.NUMERATOR.in_(language),
        words.DENOMINATOR.in_(language),
        words.PERCENT.in_(language),
        words.POINTS.in_(language),
        words.SOURCE.in_(language),
    ]
    rows = [_value(each, query, language) for each in group.indicators]
    caption = join(title, el("span", {"class": "under"}, points))
    table = parts.table(caption, head, rows, right=(1, 2, 3, 4), wide=(4, 5))
    return el("section", {"class": "card flush"}, table)


def _value(value: schemas.Value, query: Query, language: Language) -> Html:
    why = value.why_vi if language == "vi" else value.why_en
    points = NOTHING
    if value.points is not None and value.points_max is not None:
        points = f"{decimal(value.points, 2, language)} / {decimal(value.points_max, 0, language)}"
    name = value.name_vi if language == "vi" else value.name_en
    return parts.row(
        [
            join(name, el("span", {"class": "under"}, why) if why else None),
            _side(value, "numerator", value.numerator, query, language),
            _side(value, "denominator", value.denominator, query, language),
            percent(value.ratio, 2, language),
            points,
            join(value.source, el("span", {"class": "under"}, _mark(value.mark, language))),
        ],
        right=(1, 2, 3, 4),
        wide=(4, 5),
    )


def _mark(mark: str, language: Language) -> str:
    return words.MARKS[mark].in_(language) if mark in words.MARKS else mark


def _side(value: schemas.Value, side: str, told: schemas.SideValue, query: Query, language: Language) -> object:
    if told.value is None:
        return words.UNKNOWN.in_(language)
    shown = number(told.value, language)
    if told.dossiers is None:
        return shown
    kept = {key: each for key, each in query.items() if key in ("from", "to", "unit", "procedure_code")}
    return el("a", {"href": parts.address(f"/indicators/{value.id}", side=side, **kept)}, shown)


def table(found: schemas.Table, all_rows: int, query: Query, language: Language) -> Html:
    """Figures by row and period, and the way to all of them, of which these may be the first."""
    columns = found.columns
    right = tuple(range(3, 3 + len(columns)))
    head = [
        words.NAME.in_(language),
        words.CODE.in_(language),
        words.PERIOD.in_(language),
        *(each.name_vi if language == "vi" else each.name_en for each in columns),
    ]

    def cells(row: schemas.TableRow) -> list[object]:
        shown: list[object] = []
        for column, cell in zip(columns, row.cells, strict=True):
            if cell is None:
                shown.append(NOTHING)
            elif column.of is not None:
                shown.append(percent(float(cell), 1, language))
            else:
                shown.append(number(int(cell), language))
        return shown

    whole = words.GRAINS["total"].in_(language)

    def label(row: schemas.TableRow) -> str:
        return whole if found.period == "total" else row.period

    rows = [
        parts.row([each.name, el("span", {"class": "mono"}, each.key), label(each), *cells(each)], right=right)
        for each in found.rows
    ]
    foot = parts.row(
        [words.TOTAL.in_(language), "", words.GRAINS["total"].in_(language), *cells(found.total)], right=right
    )
    downloads = [
        el(
            "a",
            {"class": "button", "href": f"/console/download/table.{kind}?{urlencode(query)}", "download": True},
            text.in_(language),
        )
        for kind, text in (("csv", words.CSV), ("xlsx", words.XLSX))
    ]
    more = None
    if all_rows > len(found.rows):
        more = words.FIRST_ROWS.in_(language).format(n=len(found.rows), all=number(all_rows, language))
    return join(
        el("p", {"class": "row"}, downloads, el("span", {"class": "soft"}, more) if more else None),
        el(
            "section",
            {"class": "card flush"},
            parts.table(words.TABLE.in_(language), head, rows, right=right, hidden_caption=True, foot=foot),
        ),
    )


def checks(found: schemas.IdentityChecks, language: Language) -> Html:
    """Both counts, and what the one-stop shop recorded."""
    return join(
        el("p", {"class": "lead"}, words.BOTH.in_(language)),
        el(
            "dl",
            {"class": "tiles"},
            parts.tile(words.EVENTS.in_(language), number(found.events, language)),
            parts.tile(words.DOSSIERS.in_(language), number(found.dossiers, language)),
            parts.tile(
                words.MATCHED.in_(language),
                f"{number(found.matched_events, language)} / {number(found.matched_dossiers, language)}",
            ),
            parts.tile(
                words.RECORDED.in_(language),
                f"{number(found.recorded_verified, language)} / {number(found.recorded_dossiers, language)}",
            ),
        ),
        el(
            "div",
            {"class": "two"},
            _counts(words.BY_KIND.in_(language), found.by_kind, language),
            _counts(words.BY_CHANNEL.in_(language), found.by_channel, language),
            _counts(words.BY_OUTCOME.in_(language), found.by_outcome, language),
        ),
    )


def _counts(title: str, items: Sequence[schemas.CheckCount], language: Language) -> Html:
    head = [words.VALUE.in_(language), words.EVENTS.in_(language), words.DOSSIERS.in_(language)]
    rows = [
        parts.row(
            [_check(each.value, language), number(each.events, language), number(each.dossiers, language)],
            right=(1, 2),
        )
        for each in items
    ]
    return el("section", {"class": "card flush"}, parts.table(title, head, rows, right=(1, 2)))


def _check(value: str, language: Language) -> str:
    return words.CHECKED[value].in_(language) if value in words.CHECKED else value


def without(found: schemas.WithoutOnline, language: Language) -> Html:
    """Communes that took in no online dossier."""
    said = words.COMMUNES.in_(language).format(
        without=number(found.without, language), communes=number(found.communes, language)
    )
    head = [words.COMMUNE.in_(language), words.CODE.in_(language), words.RECEIVED.in_(language)]
    rows = [
        parts.row(
            [each.name, el("span", {"class": "mono"}, each.code), number(each.received, language)], right=(2,)
        )
        for each in found.items
    ]
    return el("section", {"class": "card flush"}, parts.table(f"{said}.", head, rows, right=(2,)))


def behind(items: Sequence[schemas.DossierLine], title: str, language: Language) -> Html:
    """The dossiers a side counts."""
    head = [
        common.DOSSIERS.in_(language),
        words.STATUS.in_(language),
        words.RECEIVED_AT.in_(language),
        words.DUE_AT.in_(language),
        words.ENDED_AT.in_(language),
        words.UNIT.in_(language),
        words.PROCEDURE.in_(language),
    ]
    rows = [
        parts.row(
            [
                parts.dossier_link(each.code),
                DossierStatus(each.status).text.in_(language),
                short_moment(each.received_at),
                short_moment(each.due_at),
                short_moment(each.ended_at),
                each.agency,
                each.procedure_code,
            ],
            wide=(2, 4, 5, 6),
        )
        for each in items
    ]
    table = parts.table(title, head, rows, wide=(2, 4, 5, 6), hidden_caption=True)
    return el("section", {"class": "card flush"}, table if rows else parts.empty(common.NOTHING, language))
