"""Charts as options of ECharts: the heat map of a link, the burning of an error budget. For light or dark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from contracts.problems import Language
from contracts.times import to_vn
from services.bus.hub.console.format import lasting
from services.bus.hub.console.looking import BOUNDS_MS, Column
from services.bus.hub.words import levels as level_words
from services.bus.hub.words import link as words

Options = dict[str, Any]
_INK: Final = {False: "#56635f", True: "#a3b0ac"}
_LINE: Final = {False: "#dfe3de", True: "#29322f"}
_HEAT: Final = {
    False: ["#e3f1ee", "#9fd3c8", "#4aa596", "#0e5f57", "#08332f"],
    True: ["#17332f", "#1f5f57", "#2f9e8f", "#7fd9ca", "#e2fbf5"],
}
_LATE: Final = {False: "#c8553d", True: "#ea7d66"}
_KEPT: Final = {False: "#0e5f57", True: "#6ccabb"}
_FONT: Final = {"fontFamily": "system-ui, sans-serif", "fontSize": 12}


def heat_map(columns: Sequence[Column], window: str, language: Language, dark: bool) -> Options:
    """Time from left to right, latency from bottom to top, darker (on dark: brighter) for more events."""
    pattern = "%d/%m %H:%M" if window == "7d" else "%H:%M:%S" if window == "5m" else "%H:%M"
    times = [to_vn(each.at).strftime(pattern) for each in columns]
    lowest = min((min(each.rows) for each in columns if each.rows), default=0)
    highest = max((max(each.rows) for each in columns if each.rows), default=0)
    lowest, highest = max(lowest - 1, 0), min(highest + 1, len(BOUNDS_MS) - 1)
    rows = [f"≤ {lasting(float(bound), language)}" for bound in BOUNDS_MS[lowest : highest + 1]]
    cells = [
        [place, row - lowest, count] for place, each in enumerate(columns) for row, count in each.rows.items()
    ]
    most = max((cell[2] for cell in cells), default=1)
    label = {"color": _INK[dark], **_FONT}
    return {
        "aria": {"enabled": True, "label": {"description": words.HEAT_SAYS.in_(language)}},
        "animation": False,
        "textStyle": _FONT,
        "grid": {"left": 76, "right": 16, "top": 12, "bottom": 64},
        "tooltip": {"position": "top"},
        "xAxis": {
            "type": "category",
            "data": times,
            "axisLabel": label,
            "axisLine": {"lineStyle": {"color": _LINE[dark]}},
            "axisTick": {"show": False},
        },
        "yAxis": {
            "type": "category",
            "data": rows,
            "axisLabel": label,
            "axisLine": {"show": False},
            "axisTick": {"show": False},
            "splitLine": {"show": True, "lineStyle": {"color": _LINE[dark]}},
        },
        "visualMap": {
            "min": 0,
            "max": most,
            "calculable": False,
            "orient": "horizontal",
            "left": "center",
            "bottom": 0,
            "itemHeight": 120,
            "itemWidth": 12,
            "textStyle": label,
            "text": [str(most), f"0 {words.EVENTS.in_(language).lower()}"],
            "inRange": {"color": _HEAT[dark]},
        },
        "series": [
            {
                "name": words.EVENTS.in_(language),
                "type": "heatmap",
                "data": cells,
                "itemStyle": {"borderColor": "transparent", "borderRadius": 2},
                "emphasis": {"itemStyle": {"borderColor": _INK[dark], "borderWidth": 1}},
            }
        ],
    }


def budget_line(
    times: Sequence[datetime], left: Sequence[float | None], late: Sequence[int], language: Language, dark: bool
) -> Options:
    """What is left of the error budget in percent, as a line; late events an hour as bars."""
    label = {"color": _INK[dark], **_FONT}
    remaining, bad = level_words.LEFT.in_(language), level_words.LATE_EVENTS.in_(language)
    return {
        "aria": {"enabled": True},
        "animation": False,
        "textStyle": _FONT,
        "legend": {"top": 0, "textStyle": label, "data": [remaining, bad]},
        "grid": {"left": 52, "right": 44, "top": 34, "bottom": 28},
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "category",
            "data": [to_vn(at).strftime("%d/%m %H:%M") for at in times],
            "axisLabel": label,
            "axisLine": {"lineStyle": {"color": _LINE[dark]}},
            "axisTick": {"show": False},
        },
        "yAxis": [
            {
                "type": "value",
                "max": 100,
                "axisLabel": {**label, "formatter": "{value} %"},
                "splitLine": {"lineStyle": {"color": _LINE[dark]}},
            },
            {"type": "value", "minInterval": 1, "axisLabel": label, "splitLine": {"show": False}},
        ],
        "series": [
            {
                "name": remaining,
                "type": "line",
                "step": "end",
                "showSymbol": False,
                "data": [None if each is None else round(each * 100, 2) for each in left],
                "lineStyle": {"width": 2.5, "color": _KEPT[dark]},
                "itemStyle": {"color": _KEPT[dark]},
                "markLine": {
                    "silent": True,
                    "symbol": "none",
                    "label": {"show": False},
                    "lineStyle": {"color": _LATE[dark], "type": "dashed"},
                    "data": [{"yAxis": 0}],
                },
            },
            {
                "name": bad,
                "type": "bar",
                "yAxisIndex": 1,
                "data": list(late),
                "itemStyle": {"color": _LATE[dark], "opacity": 0.55},
            },
        ],
    }
