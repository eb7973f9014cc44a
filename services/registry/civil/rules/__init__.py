"""The rules of the civil registry (domain 4.2): pure functions that say what they find.

    content + what the registry knows ──► findings ──► `judged`: refusals as one Problem, warnings to keep

What a rule costs (refuse or warn), its source, words and figures are data: `contracts/catalogue/civil-rules.json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from contracts.catalogue.civil_rules import civil_rules
from contracts.problems import CIVIL_RULES_BROKEN, FieldError, Problem


class Finding(NamedTuple):
    """A rule that is not met, the field it is about, and what its words need."""

    rule: str
    field: str
    params: Mapping[str, Any]


class Known(NamedTuple):
    """What the registry shows of somebody by their personal id."""

    personal_id: str
    birth_record: str | None = None
    mother_id: str | None = None
    father_id: str | None = None
    married_by: str | None = None
    spouse_id: str | None = None
    was_married: bool = False
    death_record: str | None = None
    died_on: str | None = None
    guarded_by: str | None = None

    @property
    def is_dead(self) -> bool:
        return self.death_record is not None


def found(rule: str, field: str, **params: Any) -> Finding:
    """A finding at a field of the body; KeyError if there is no such rule."""
    return Finding(civil_rules()[rule].id, f"body.{field}" if field else "body", params)


def judged(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The warnings, as they are kept with a record. Raises CIVIL_RULES_BROKEN naming every rule that refuses."""
    rules = civil_rules()
    refused: list[FieldError] = []
    warnings: list[dict[str, Any]] = []
    for each in findings:
        rule = rules[each.rule]
        if rule.severity == "refuse":
            refused.append(FieldError(each.field, rule.id, rule.text, each.params))
        else:
            vi, en = (rule.text.render(language, each.params) for language in ("vi", "en"))
            warnings.append({"rule": rule.id, "source": rule.source, "vi": vi, "en": en})
    if refused:
        raise Problem(CIVIL_RULES_BROKEN, errors=refused, count=len(refused))
    return warnings
