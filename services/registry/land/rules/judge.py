"""A change before the rules: every one that applies is asked, and every one that is broken is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from contracts.catalogue.land_rules import LandRule, land_rules, rules_for
from contracts.problems import CHANGE_PENDING, LAND_RULES_BROKEN, FieldError, Problem
from services.registry.land.rules import ownership, parcels, preconditions, shapes
from services.registry.land.rules.situation import Situation

Found = Iterator[tuple[str, dict[str, Any]]]
Check = Callable[[Situation, Mapping[str, Any]], Iterable[tuple[str, dict[str, Any]]]]
"""What a check gives for each breach: the field at fault and what the rule's text needs."""

CHECKS: Final[dict[str, Check]] = {
    **preconditions.CHECKS,
    **ownership.CHECKS,
    **parcels.CHECKS,
    **shapes.CHECKS,
}
_PROCEDURE: Final = "change.tax-notice"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is broken, where, and the values its text speaks of."""

    rule: LandRule
    field: str
    values: Mapping[str, Any]

    @property
    def error(self) -> FieldError:
        """`body.…` for what was sent, `parcel.…` for what stands in the book."""
        here = self.field.startswith("parcel") and not self.field.startswith("parcel_")
        path = self.field if here else f"body.{self.field}".rstrip(".")
        return FieldError(path, self.rule.id, self.rule.text, self.values)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say: `errors` forbid, `warnings` are recorded."""

    situation: Situation
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    def refuse(self) -> None:
        """Raise CHANGE_PENDING if another change has the parcel, LAND_RULES_BROKEN with every rule broken."""
        for one in self.situation.together:
            if (pending := one.pending) is not None:
                raise Problem(
                    CHANGE_PENDING,
                    parcel=one.parcel,
                    change=pending.id,
                    kind=pending.kind,
                    since=pending.since.isoformat(),
                    extra={"change_id": pending.id},
                )
        if self.errors:
            raise Problem(
                LAND_RULES_BROKEN,
                errors=[each.error for each in self.errors],
                parcel=self.situation.parcel,
                count=len(self.errors),
            )


def judge(kind: str, situation: Situation) -> Verdict:
    """Ask every rule for this kind of change."""
    found: dict[str, list[Finding]] = {"error": [], "warning": []}
    for rule in rules_for(kind):
        if rule.severity == "procedure":
            continue
        for field, values in CHECKS[rule.id](situation, rule.parameters):
            found[rule.severity].append(Finding(rule, field, values))
    return Verdict(situation, tuple(found["error"]), tuple(found["warning"]))


def needs_tax_notice(kind: str) -> bool:
    """Whether a change of this kind waits for its tax notice."""
    return kind in land_rules()[_PROCEDURE].applies_to
