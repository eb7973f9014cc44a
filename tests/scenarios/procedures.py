"""The procedures that run end to end: every one that has a plan, each with a form that is carried out."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.catalogue.plans import Plan, PlanStep, plan_of
from contracts.tasks import System
from tests.scenarios.asks import civil, land, ministries, residence
from tests.scenarios.asks.parts import Ask
from tests.scenarios.holding import DESKS


@dataclass(frozen=True)
class Procedure:
    """One procedure as the scenarios play it. `ask` makes the province ready for one dossier and gives who hands
    it in with what; `steps` are those that are taken then."""

    code: str
    name: str
    ask: Ask
    steps: tuple[str, ...]

    @property
    def plan(self) -> Plan:
        plan = plan_of(self.code)
        assert plan is not None, self.code
        return plan

    def step(self, step: str) -> PlanStep:
        return self.plan.step(step)

    def system(self, step: str) -> System:
        return self.step(step).system

    def is_stood_in_for(self, step: str) -> bool:
        """Whether a stand-in ministry carries this step out."""
        return DESKS[self.system(step)][0] == "ministries"


CHANGE = ("check", "tax", "register")

PROCEDURES: tuple[Procedure, ...] = (
    Procedure("1.001193", "birth", civil.birth, ("birth",)),
    Procedure("2.002621", "birth-residence-card", civil.interlinked_birth, ("birth", "residence", "insurance")),
    Procedure("1.000656", "death", civil.death, ("death",)),
    Procedure("2.002622", "death-2-procedures", civil.death_with(2), ("death", "deregistration")),
    Procedure("2.002622", "death-3-procedures", civil.death_with(3), ("death", "deregistration", "allowance")),
    Procedure(
        "2.002622",
        "death-4-procedures",
        civil.death_with(4),
        ("death", "deregistration", "allowance", "survivor"),
    ),
    Procedure("1.000894", "marriage", civil.marriage, ("marriage",)),
    Procedure("1.004873", "marital-status", civil.marital_status, ("certificate",)),
    Procedure("1.004859", "correction", civil.correction, ("correction",)),
    Procedure("1.001022", "recognition", civil.recognition, ("recognition",)),
    Procedure("1.004837", "guardianship", civil.guardianship, ("guardianship",)),
    Procedure("1.004884", "birth-again", civil.birth_again, ("birth",)),
    Procedure("2.000635", "extract", civil.extract, ("extract",)),
    Procedure("1.004222", "permanent-residence", residence.permanent, ("residence",)),
    Procedure("1.004194", "temporary-residence", residence.temporary, ("residence",)),
    Procedure("1.002755", "renewal-of-temporary-residence", residence.renewal, ("residence",)),
    Procedure("1.003197", "deregistration", residence.deregistration, ("deregistration",)),
    Procedure("1.003677", "absence", residence.absence, ("absence",)),
    Procedure("1.010038", "household-split", residence.split, ("split",)),
    Procedure("1.013831", "land-transfer", land.handed_over("transfer"), CHANGE),
    Procedure("1.013831", "land-gift-exempt", land.handed_over("gift", relation="child"), CHANGE),
    Procedure("1.013831", "land-inheritance-exempt", land.inheritance_of(died=True), CHANGE),
    Procedure("1.013992", "change-of-purpose", land.purpose, CHANGE),
    Procedure("1.011441", "mortgage", land.mortgage, ("mortgage",)),
    Procedure("1.011443", "mortgage-deletion", land.mortgage_deletion, ("deletion",)),
    Procedure("1.013980", "split", land.split, ("split",)),
    Procedure("1.012786", "lost-certificate", land.lost_certificate, ("reissue",)),
    Procedure("1.012783", "exchange-of-certificate", land.exchange, ("reissue",)),
    Procedure("1.012790", "correction-of-certificate", land.corrected, ("correct",)),
    Procedure("1.013833", "change-of-details", land.details, ("change",)),
    Procedure("2.000488", "criminal-record", ministries.criminal_record, ("certificate",)),
    Procedure("1.001776", "monthly-allowance", ministries.allowance, ("allowance",)),
    Procedure("1.001731", "funeral-allowance", ministries.funeral_allowance, ("allowance",)),
)

BY_NAME = {procedure.name: procedure for procedure in PROCEDURES}
STEPS = tuple((procedure, step) for procedure in PROCEDURES for step in procedure.steps)
"""Every step of every procedure that is played."""
