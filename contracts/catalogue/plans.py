"""How a procedure is carried out: its papers and its steps, one file a procedure in `plans/`.

A step names the system that carries it out and the kind of its task, the steps it waits for (`after`), its time
limit, and what its refusal does: `stop` ends the whole dossier, `partly` ends what waits for it and leaves the
rest standing. A step with `when` is only taken if that field of the e-form holds that value. `part` is the
procedure a step belongs to, which in an interlinked dossier is one of several.

A dossier keeps the plan it began with: a plan is known by its digest, and changing a file changes the digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.tasks.systems import System

_FOLDER: Final = Path(__file__).parent / "plans"

StepId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """A text in both languages."""

    vi: str
    en: str


class Component(_Part):
    """A paper of the dossier (thành phần hồ sơ). `replaced_by` names kinds of electronic results that stand in
    its place, so that it need not be handed in again."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$")]
    name: Words
    required: bool = True
    replaced_by: tuple[str, ...] = ()


class When(_Part):
    """A condition on the e-form: the value at `field` (dots lead inwards) is one of these."""

    field: str
    is_one_of: tuple[str | bool | int, ...] = Field(min_length=1)

    def holds(self, form: Mapping[str, Any]) -> bool:
        value: Any = form
        for name in self.field.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return any(
            value == wanted and isinstance(value, bool) == isinstance(wanted, bool) for wanted in self.is_one_of
        )


class PlanStep(_Part):
    """One step. `limit` is a duration as the deadlines read it, such as `same-day` or `2-working-days`."""

    id: StepId
    system: System
    kind: str
    title: Words
    part: str
    after: tuple[StepId, ...] = ()
    limit: str
    on_refusal: Literal["stop", "partly"] = "stop"
    when: When | None = None


class Plan(_Part):
    """The whole of a procedure. `result` is the kind of electronic result a completed dossier leaves, if any;
    `further_results` are those of single steps of an interlinked one, by step, if they were completed.
    `returned`: `automatically` once everything is done and paid, or `by-officer`."""

    procedure: str
    components: tuple[Component, ...] = ()
    steps: tuple[PlanStep, ...] = Field(min_length=1)
    result: str | None = None
    further_results: dict[StepId, str] = Field(default_factory=dict)
    returned: Literal["automatically", "by-officer"] = "automatically"

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        seen: set[str] = set()
        for step in self.steps:
            if step.id in seen:
                raise ValueError(f"{self.procedure}: two steps are called {step.id}")
            if missing := set(step.after) - seen:
                raise ValueError(
                    f"{self.procedure}: {step.id} waits for {sorted(missing)}, which come later or never"
                )
            seen.add(step.id)
        if missing := self.further_results.keys() - seen:
            raise ValueError(f"{self.procedure}: results of {sorted(missing)}, which are no steps")
        return self

    @cached_property
    def digest(self) -> str:
        """What this plan is known by: SHA-256 over its content, the first 16 hexadecimal digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def step(self, step_id: str) -> PlanStep:
        """The step with this id; KeyError if there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


@cache
def _by_procedure() -> Mapping[str, Plan]:
    found = {}
    for file in sorted(_FOLDER.glob("*.json")):
        plan = Plan.model_validate_json(file.read_text("utf-8"))
        if plan.procedure != file.stem:
            raise ValueError(f"{file.name} is the plan of {plan.procedure}")
        found[plan.procedure] = plan
    return found


def plan_of(procedure_code: str) -> Plan | None:
    """How this procedure is carried out; None where an officer moves its dossiers by hand."""
    return _by_procedure().get(procedure_code)


def plans() -> tuple[Plan, ...]:
    """Every plan, by procedure code."""
    return tuple(_by_procedure().values())
