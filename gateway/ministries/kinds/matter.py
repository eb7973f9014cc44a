"""What a ministry has before it when it works on a task, and how the parts of a task are read."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from contracts.events.task import TaskRequested
from contracts.times import vn_date
from gateway.ministries.draws import draws
from services.bus.kit.json_schemas import field_errors, task_validator

CASH, ACCOUNT = "cash", "account"


@dataclass(frozen=True, slots=True)
class Matter:
    """A task at one moment. `paid_vnd`: what the citizen has paid for it so far; `seed` is the ministry's."""

    task: TaskRequested
    now: datetime
    seed: int
    paid_vnd: int = 0

    @property
    def form(self) -> Mapping[str, Any]:
        return self.task.form

    @property
    def today(self) -> date:
        return vn_date(self.now)

    def draws(self, what: str) -> random.Random:
        """Random numbers for one thing of this task; they do not depend on when or how often it is asked."""
        return draws(self.seed, self.task.task_id, what)


def text(of: Mapping[str, Any], *path: str) -> str | None:
    """The text at this path, None if there is none."""
    value = inner(of, *path)
    return value if isinstance(value, str) and value else None


def inner(of: Any, *path: str) -> Any:
    """The value at this path, None if there is none."""
    for name in path:
        of = of.get(name) if isinstance(of, Mapping) else None
    return of


def day(of: Mapping[str, Any], *path: str) -> date | None:
    """The day at this path, of a date or the Vietnamese day of a moment; None if there is none."""
    value = text(of, *path)
    if value is None:
        return None
    try:
        if len(value) == 10:
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(value)
        return vn_date(moment) if moment.tzinfo is not None else moment.date()
    except (ValueError, OverflowError):
        return None


def age_on(born: date, on: date) -> int:
    """Full years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def method_of(form: Mapping[str, Any]) -> str:
    """How money is paid out: to the account the form names, else in cash."""
    return ACCOUNT if text(form, "account", "number") else CASH


def faults(kind: str, part: Literal["input", "results"], value: Any) -> list[tuple[str, str]]:
    """Where `value` breaks the schema of this kind's `input` or `results`, and which of its rules."""
    errors = field_errors(task_validator(kind, part), value, at="", rules=part)
    return [(each.field, each.rule.partition(".")[2]) for each in errors]
