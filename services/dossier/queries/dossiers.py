"""One dossier, its timeline, what can be done with it now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from contracts.catalogue.procedure_rules import rules_of
from contracts.problems import NOT_FOUND, Language, Problem
from contracts.status import Action, DossierStatus, Guard, Transition, transitions_of
from services.bus.kit.tx import Tx
from services.dossier import schemas, views
from services.dossier.guards import Refusal, decide
from services.dossier.models import Dossier, Step


def find(tx: Tx, code: str) -> Dossier:
    """The row of the dossier with this code. Raises NOT_FOUND."""
    dossier = tx.find(Dossier, code)
    if dossier is None:
        raise Problem(NOT_FOUND, field="path.code", what="dossier", id=code)
    return dossier


def dossier(code: str) -> Callable[[Tx], schemas.DossierView]:
    return lambda tx: views.whole(find(tx, code))


def accepted(code: str) -> Callable[[Tx], schemas.DossierAccepted]:
    return lambda tx: views.accepted(find(tx, code))


def timeline(code: str) -> Callable[[Tx], schemas.Timeline]:
    """Every step in order, each with what became of it on the portal."""

    def query(tx: Tx) -> schemas.Timeline:
        found = find(tx, code)
        steps = tx.scalars(select(Step).where(Step.code == code).order_by(Step.version))
        return schemas.Timeline(
            code=code,
            status=DossierStatus(found.status),
            version=found.version,
            steps=[views.timeline_step(step) for step in steps],
        )

    return query


def actions(code: str, now: datetime, language: Language) -> Callable[[Tx], schemas.Actions]:
    """Every action there is: possible now, or why not."""

    def query(tx: Tx) -> schemas.Actions:
        found = find(tx, code)
        return schemas.Actions(
            code=code,
            status=DossierStatus(found.status),
            version=found.version,
            actions=[_choice(found, action, now, language) for action in Action],
        )

    return query


def _choice(found: Dossier, action: Action, now: datetime, language: Language) -> schemas.ActionChoice:
    rules = rules_of(found.procedure_code)
    outcome = decide(found, action, rules, note=None, now=now)
    rows = transitions_of(action, DossierStatus(found.status))
    needs_note = any(Guard.REASON_GIVEN in row.guards for row in rows) and not rules.notes_optional
    possible = isinstance(outcome, Transition)
    return schemas.ActionChoice(
        action=action,
        possible=possible,
        leads_to=outcome.target if isinstance(outcome, Transition) else None,
        why_not=outcome.why.render(language, {}) if isinstance(outcome, Refusal) else None,
        needs=["note"] if possible and needs_note else [],
    )
