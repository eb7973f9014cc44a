"""The rules of the civil registry as data: `civil-rules.json`.

Each has an id, a severity (`refuse` stands in the way, `warn` is kept with the record), its source, words in both
languages, and the figures it goes by. What a rule looks at is code; what it costs, where it comes from and the
limits are configuration.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from contracts.problems.text import Text

_FILE: Final = Path(__file__).with_name("civil-rules.json")

Severity = Literal["refuse", "warn"]


class CivilRule(NamedTuple):
    """One rule. `parameters` are ages in years, spans in days, hours or months, durations, scores."""

    id: str
    severity: Severity
    source: str
    text: Text
    parameters: Mapping[str, Any]


@cache
def civil_rules() -> Mapping[str, CivilRule]:
    """Every rule by its id. A ValueError if two share one, or a severity is none."""
    found: dict[str, CivilRule] = {}
    for told in json.loads(_FILE.read_text("utf-8")):
        if told["id"] in found or told["severity"] not in ("refuse", "warn"):
            raise ValueError(f"{_FILE.name}: {told['id']}")
        text = Text(told["vi"], told["en"])
        found[told["id"]] = CivilRule(told["id"], told["severity"], told["source"], text, told["parameters"])
    return found


def parameter(rule: str, name: str) -> Any:
    """A figure a rule goes by; KeyError if there is no such rule or figure."""
    return civil_rules()[rule].parameters[name]
