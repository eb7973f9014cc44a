"""Dashboards Grafana takes: right in shape, each panel once, every title in both languages."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.observability.dashboards import DASHBOARDS
from deploy.observability.documents import FOLDER
from deploy.observability.panels import GRID, Dashboard

PANEL: dict[str, Any] = {
    "type": "object",
    "required": ["id", "type", "title", "gridPos"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "type": {"enum": ["row", "timeseries", "stat", "table", "heatmap", "bargauge"]},
        "title": {"type": "string", "minLength": 3},
        "gridPos": {
            "type": "object",
            "required": ["x", "y", "w", "h"],
            "properties": {
                "x": {"type": "integer", "minimum": 0, "maximum": 23},
                "y": {"type": "integer", "minimum": 0},
                "w": {"type": "integer", "minimum": 1, "maximum": 24},
                "h": {"type": "integer", "minimum": 1},
            },
            "additionalProperties": False,
        },
        "datasource": {"$ref": "#/$defs/source"},
        "targets": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["refId", "datasource", "expr", "format"],
                "properties": {
                    "refId": {"type": "string", "pattern": "^[A-Z]$"},
                    "datasource": {"$ref": "#/$defs/source"},
                    "expr": {"type": "string", "minLength": 1},
                    "format": {"enum": ["time_series", "table", "heatmap"]},
                },
            },
        },
        "fieldConfig": {
            "type": "object",
            "required": ["defaults", "overrides"],
            "properties": {
                "defaults": {
                    "type": "object",
                    "required": ["unit", "thresholds"],
                    "properties": {
                        "thresholds": {
                            "type": "object",
                            "required": ["mode", "steps"],
                            "properties": {
                                "steps": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": {"type": "object", "required": ["color", "value"]},
                                }
                            },
                        }
                    },
                }
            },
        },
    },
    "if": {"properties": {"type": {"const": "row"}}},
    "then": {"required": ["collapsed", "panels"]},
    "else": {"required": ["datasource", "targets", "fieldConfig", "options"]},
}
DASHBOARD: dict[str, Any] = {
    "type": "object",
    "required": ["uid", "title", "schemaVersion", "panels", "time", "templating", "annotations"],
    "properties": {
        "uid": {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"},
        "schemaVersion": {"type": "integer", "minimum": 36},
        "panels": {"type": "array", "minItems": 1, "items": PANEL},
        "templating": {
            "type": "object",
            "properties": {"list": {"type": "array", "items": {"required": ["name", "type", "query"]}}},
        },
    },
    "$defs": {
        "source": {
            "type": "object",
            "required": ["type", "uid"],
            "properties": {"type": {"const": "prometheus"}, "uid": {"const": "${source}"}},
        }
    },
}

EACH = pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda each: each.uid)


@EACH
def test_it_has_the_shape_grafana_takes(dashboard: Dashboard) -> None:
    jsonschema.validate(dashboard.document(), DASHBOARD)
    for panel in dashboard.document()["panels"]:
        steps = panel.get("fieldConfig", {}).get("defaults", {}).get("thresholds", {}).get("steps", [])
        values = [each["value"] for each in steps[1:]]
        assert values == sorted(values)
        assert not steps or steps[0]["value"] is None


@EACH
def test_no_panel_is_there_twice_or_lies_over_another(dashboard: Dashboard) -> None:
    panels = dashboard.document()["panels"]
    assert len({each["id"] for each in panels}) == len(panels)
    assert len({each["title"] for each in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for each in panels:
        grid = each["gridPos"]
        assert grid["x"] + grid["w"] <= GRID
        cells = {
            (x, y)
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & taken, each["title"]
        taken |= cells
        references = [target["refId"] for target in each.get("targets", ())]
        assert len(set(references)) == len(references)


@EACH
def test_every_title_is_vietnamese_first_and_english(dashboard: Dashboard) -> None:
    texts = [
        dashboard.title,
        *(part.title for part in dashboard.parts),
        *(each.title for each in dashboard.choices),
    ]
    for text in texts:
        assert text.vi and text.en
    document = dashboard.document()
    assert all(" · " in each["title"] for each in document["panels"])
    assert not document["title"].endswith("·")


@EACH
def test_every_variable_it_uses_is_there(dashboard: Dashboard) -> None:
    document = dashboard.document()
    names = {each["name"] for each in document["templating"]["list"]}
    for panel in document["panels"]:
        for target in panel.get("targets", ()):
            used = {name for name in ("link", "consumer", "process") if f"${name}" in target["expr"]}
            assert used <= names, panel["title"]


def test_no_address_is_taken_twice() -> None:
    uids = [each.uid for each in DASHBOARDS]
    assert len(set(uids)) == len(uids) == 4


def test_provisioning_names_the_sources_the_dashboards_ask() -> None:
    folder = FOLDER / "grafana" / "provisioning"
    sources = yaml.safe_load((folder / "datasources" / "truc.yml").read_text("utf-8"))["datasources"]
    by_uid = {each["uid"]: each for each in sources}
    overview = json.loads((FOLDER / "grafana" / "dashboards" / "truc-overview.json").read_text("utf-8"))
    [chosen] = [each for each in overview["templating"]["list"] if each["type"] == "datasource"]
    assert by_uid[chosen["current"]["value"]]["type"] == "prometheus"
    [to] = by_uid["truc-prometheus"]["jsonData"]["exemplarTraceIdDestinations"]
    assert to["name"] == "trace_id" and to["datasourceUid"] in by_uid
    [provider] = yaml.safe_load((folder / "dashboards" / "truc.yml").read_text("utf-8"))["providers"]
    assert provider["options"]["path"] == "${TRUC_DASHBOARDS}"
