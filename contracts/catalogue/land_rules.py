"""The rules of the land registry as data: what each says, how hard it is, where it comes from, what it is for.

Severity `error` refuses a change, `warning` is recorded with it, `procedure` steers it. The checks themselves are
functions of the land service, by the same ids; parameters, texts and the changes a rule is for are edited here.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from contracts.problems.text import Text

_FILE: Final = Path(__file__).with_name("land-rules.json")

Severity = Literal["error", "warning", "procedure"]


class LandRule(NamedTuple):
    """One rule. `applies_to` holds kinds of change; `source` the law, or who chose it."""

    id: str
    severity: Severity
    source: str
    text: Text
    applies_to: frozenset[str]
    parameters: dict[str, Any]


@cache
def land_rules() -> dict[str, LandRule]:
    """Every rule by id, in the order of the file."""
    found: dict[str, LandRule] = {}
    for told in json.loads(_FILE.read_text("utf-8")):
        if told["id"] in found or told["severity"] not in ("error", "warning", "procedure"):
            raise ValueError(f"{_FILE.name}: {told['id']} is there twice, or of an unknown severity")
        found[told["id"]] = LandRule(
            told["id"],
            told["severity"],
            told["source"],
            Text(told["vi"], told["en"]),
            frozenset(told["applies_to"]),
            told["parameters"],
        )
    return found


@cache
def rules_for(kind: str) -> tuple[LandRule, ...]:
    """The rules that apply to this kind of change."""
    return tuple(rule for rule in land_rules().values() if kind in rule.applies_to)
