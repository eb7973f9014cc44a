"""Dashboards as code: a panel is a call, its place on the grid follows from the order.

What Grafana stores is made of plain dictionaries; nothing here knows what the axis is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from contracts.problems.text import Text

GRID: Final = 24
SCHEMA_VERSION: Final = 39
SOURCE: Final = {"type": "prometheus", "uid": "${source}"}

Kind = Literal["timeseries", "stat", "table", "heatmap", "bargauge"]
Unit = Literal["s", "short", "ops", "reqps", "bytes", "percentunit", "dateTimeFromNow", "none"]


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL and what its series are called. `exemplars`: show the traces behind it."""

    expr: str
    legend: str = ""
    exemplars: bool = False
    instant: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `thresholds`: from which value on it is yellow, and red. `values`: what numbers are called."""

    kind: Kind
    title: Text
    queries: Sequence[Query]
    unit: Unit = "short"
    width: int = 12
    height: int = 8
    about: Text | None = None
    thresholds: tuple[float, float] | None = None
    values: dict[int, Text] = field(default_factory=dict)

    def document(self, id: int, x: int, y: int) -> dict[str, Any]:
        """As Grafana stores it."""
        return {
            "id": id,
            "type": self.kind,
            "title": both(self.title),
            **({"description": both(self.about)} if self.about is not None else {}),
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "datasource": SOURCE,
            "targets": [_target(place, each, self.kind) for place, each in enumerate(self.queries)],
            "fieldConfig": {"defaults": self._defaults(), "overrides": []},
            "options": _OPTIONS[self.kind],
        }

    def _defaults(self) -> dict[str, Any]:
        steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
        if self.thresholds is not None:
            yellow, red = self.thresholds
            steps += [{"color": "yellow", "value": yellow}, {"color": "red", "value": red}]
            if yellow > red:  # the less the worse
                steps = [
                    {"color": "red", "value": None},
                    {"color": "yellow", "value": red},
                    {"color": "green", "value": yellow},
                ]
        defaults: dict[str, Any] = {
            "unit": self.unit,
            "min": 0,
            "thresholds": {"mode": "absolute", "steps": steps},
        }
        if self.values:
            named = {str(value): {"text": both(text)} for value, text in self.values.items()}
            defaults["mappings"] = [{"type": "value", "options": named}]
        if self.kind == "timeseries":
            drawn = "area" if self.thresholds is not None else "off"
            defaults["custom"] = {"lineWidth": 1, "fillOpacity": 8, "thresholdsStyle": {"mode": drawn}}
        return defaults


@dataclass(frozen=True, slots=True)
class Row:
    """A heading over the panels that follow."""

    title: Text


@dataclass(frozen=True, slots=True)
class Choice:
    """A variable at the top of a dashboard: the values of a label."""

    name: str
    title: Text
    metric: str
    label: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard; `uid` is its address and never changes."""

    uid: str
    title: Text
    parts: Sequence[Panel | Row]
    choices: Sequence[Choice] = ()
    since: str = "now-3h"

    def document(self) -> dict[str, Any]:
        """As Grafana stores it."""
        return {
            "uid": self.uid,
            "title": f"Trục: {both(self.title)}",
            "tags": ["truc"],
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "editable": False,
            "timezone": "Asia/Ho_Chi_Minh",
            "refresh": "15s",
            "time": {"from": self.since, "to": "now"},
            "templating": {"list": [_SOURCE_CHOICE, *map(_choice, self.choices)]},
            "annotations": {"list": [_ALERTS_SHOWN]},
            "links": [_LINKS],
            "panels": list(self._placed()),
        }

    def _placed(self) -> list[dict[str, Any]]:
        placed: list[dict[str, Any]] = []
        x = y = height = 0
        for id, part in enumerate(self.parts, 1):
            width = GRID if isinstance(part, Row) else part.width
            if x + width > GRID:
                x, y, height = 0, y + height, 0
            if isinstance(part, Row):
                placed.append(_heading(id, part, y))
                height = 1
            else:
                placed.append(part.document(id, x, y))
                height = max(height, part.height)
            x += width
        return placed


def both(text: Text) -> str:
    """Vietnamese first."""
    return f"{text.vi} · {text.en}"


def _heading(id: int, row: Row, y: int) -> dict[str, Any]:
    grid = {"x": 0, "y": y, "w": GRID, "h": 1}
    title = both(row.title)
    return {"id": id, "type": "row", "title": title, "collapsed": False, "gridPos": grid, "panels": []}


def _target(place: int, query: Query, kind: Kind) -> dict[str, Any]:
    return {
        "refId": chr(ord("A") + place),
        "datasource": SOURCE,
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        "exemplar": query.exemplars,
        "instant": query.instant,
        "range": not query.instant,
        "format": {"table": "table", "heatmap": "heatmap"}.get(kind, "time_series"),
    }


def _choice(choice: Choice) -> dict[str, Any]:
    query = f"label_values({choice.metric}, {choice.label})"
    return {
        "name": choice.name,
        "label": both(choice.title),
        "type": "query",
        "datasource": SOURCE,
        "definition": query,
        "query": {"query": query, "refId": "choice"},
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
        "sort": 1,
    }


_SOURCE_CHOICE: Final = {
    "name": "source",
    "label": "Prometheus",
    "type": "datasource",
    "query": "prometheus",
    "refresh": 1,
    "hide": 0,
    "current": {"text": "Trục", "value": "truc-prometheus"},
}
_ALERTS_SHOWN: Final = {
    "name": "Cảnh báo · Alerts",
    "datasource": SOURCE,
    "enable": True,
    "iconColor": "red",
    "expr": 'ALERTS{alertname=~"Truc.+",alertstate="firing"}',
    "titleFormat": "{{alertname}}",
    "textFormat": "{{process}} {{link}} {{level}}",
}
_LINKS: Final = {
    "type": "dashboards",
    "title": "Trục",
    "tags": ["truc"],
    "asDropdown": False,
    "includeVars": False,
    "keepTime": True,
}
_REDUCED: Final = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: Final[dict[Kind, dict[str, Any]]] = {
    "timeseries": {
        "legend": {
            "displayMode": "table",
            "placement": "bottom",
            "showLegend": True,
            "calcs": ["lastNotNull", "max"],
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {"reduceOptions": _REDUCED, "colorMode": "background", "graphMode": "area", "textMode": "auto"},
    "bargauge": {"reduceOptions": _REDUCED, "orientation": "horizontal", "displayMode": "gradient"},
    "table": {"showHeader": True, "cellHeight": "sm"},
    "heatmap": {
        "calculate": False,
        "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64},
        "yAxis": {"unit": "s"},
        "tooltip": {"show": True, "yHistogram": True},
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
    },
}
