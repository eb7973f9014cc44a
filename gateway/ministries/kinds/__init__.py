"""What each ministry does with its kinds of tasks: pure functions of the matter, by kind.

Each knows the ministry's rules only. How late, how often and how truthfully it is said is the persona's part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from contracts.tasks import Answer, System, task_kind
from gateway.ministries.kinds import business, health, insurance, judicial, tax, welfare
from gateway.ministries.kinds.matter import Matter, faults

Work = Callable[[Matter], Answer]

WORKS: Final[Mapping[str, Work]] = {
    "tax.assess": tax.assess,
    "insurance.issue-card": insurance.issue_card,
    "insurance.survivor-benefit": insurance.survivor_benefit,
    "welfare.funeral-allowance": welfare.funeral_allowance,
    "welfare.monthly-allowance": welfare.monthly_allowance,
    "judicial.issue-certificate": judicial.issue_certificate,
    "business.look-up-tax-code": business.look_up_tax_code,
    "health.certify-birth": health.certify_birth,
}


def kinds_of(system: System) -> tuple[str, ...]:
    """The kinds of tasks a stand-in for this system takes."""
    return tuple(kind for kind in WORKS if task_kind(kind).system is system)


def outcome(matter: Matter) -> Answer:
    """What the ministry says by its own rules; a task that does not follow its kind's schema is refused."""
    kind = matter.task.kind
    wrong = faults(kind, "input", {"form": matter.task.form, "earlier": matter.task.earlier})
    if wrong:
        places = ", ".join(f"{place.lstrip('.') or '.'} ({rule})" for place, rule in wrong)[:1_500]
        return Answer.refused(
            "input-unfit",
            f"Dữ liệu của nhiệm vụ {kind} không đúng quy cách: {places}.",
            f"The data of the task {kind} does not follow its schema: {places}.",
        )
    return WORKS[kind](matter)
