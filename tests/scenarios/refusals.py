"""How each step of each procedure is refused: by a form or a state of the province that breaks a rule, or by a
ministry that says no."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from tests.scenarios.asks import civil, land, ministries, residence
from tests.scenarios.asks.parts import Ask

BY_THE_MINISTRY = {"code": "not-eligible", "vi": "Không đủ điều kiện.", "en": "The conditions are not met."}


@dataclass(frozen=True)
class Refused:
    """A dossier in which one step is refused. `ask` makes the form or the state of the province break a rule;
    without it a stand-in ministry is told to refuse. `blocked`: the court lays its hand on the parcel once the
    steps before are done. `code` and a part of the words are what the refusal says."""

    procedure: str
    step: str
    how: str
    ask: Ask | None = None
    code: str = BY_THE_MINISTRY["code"]
    says: str = BY_THE_MINISTRY["en"]
    blocked: bool = False

    @property
    def id(self) -> str:
        return f"{self.procedure}-{self.step}-{self.how}"


_civil = partial(Refused, code="civil-rules-broken")
_land = partial(Refused, code="land-rules-broken")
_told = partial(Refused, how="by-the-ministry")
_blocked = partial(Refused, step="register", how="distrained-meanwhile", code="land-rules-broken", blocked=True)
DISTRAINED = "under distraint"

REFUSED: tuple[Refused, ...] = (
    _civil("birth", "birth", "in-the-future", civil.birth_in_the_future, says="lies in the future"),
    _civil(
        "birth-residence-card",
        "birth",
        "in-the-future",
        civil.interlinked_birth_in_the_future,
        says="lies in the future",
    ),
    Refused(
        "birth-residence-card",
        "residence",
        "mother-lives-nowhere",
        civil.interlinked_birth_to_nowhere,
        "parent-not-resident",
        "has no permanent residence",
    ),
    Refused(
        "birth-residence-card",
        "insurance",
        "child-of-seven",
        civil.interlinked_birth_of_a_schoolchild,
        "not-under-six",
        "younger children",
    ),
    _told("birth-residence-card", "insurance"),
    _civil("death", "death", "dead-already", civil.death_of_somebody_dead_with(1), says="There is a death record"),
    *(
        _civil(
            f"death-{number}-procedures",
            "death",
            "dead-already",
            civil.death_of_somebody_dead_with(number),
            says="There is a death record",
        )
        for number in (2, 3, 4)
    ),
    *(
        Refused(
            f"death-{number}-procedures",
            "deregistration",
            "of-no-residence",
            civil.death_of_the_homeless_with(number),
            "not-registered",
            "no residence registered",
        )
        for number in (2, 3, 4)
    ),
    _told("death-3-procedures", "allowance"),
    _told("death-4-procedures", "allowance"),
    _told("death-4-procedures", "survivor"),
    _civil("marriage", "marriage", "too-young", civil.marriage_too_young, says="20"),
    _civil("marriage", "marriage", "married-already", civil.marriage_of_somebody_married, says="married"),
    _civil("marital-status", "certificate", "untrue", civil.marital_status_untrue, says="married"),
    Refused("correction", "correction", "of-no-record", civil.correction_of_nothing, "not-found", "civil record"),
    _civil("recognition", "recognition", "second-mother", civil.recognition_of_a_second_mother, says="mother"),
    _civil("guardianship", "guardianship", "of-an-adult", civil.guardianship_of_an_adult, says="18"),
    _civil(
        "birth-again", "birth", "registered-already", civil.birth_again_that_is_registered, says="birth record"
    ),
    Refused("extract", "extract", "of-no-record", civil.extract_of_nothing, "not-found", "civil record"),
    Refused(
        "permanent-residence",
        "residence",
        "dead-already",
        residence.permanent_of_somebody_dead,
        "citizen-deceased",
        "is registered",
    ),
    Refused(
        "permanent-residence", "residence", "joining-nobody", residence.joining_nobody, "not-found", "household"
    ),
    Refused(
        "temporary-residence",
        "residence",
        "overlapping",
        residence.temporary_that_overlaps,
        "overlapping-period",
        "overlaps",
    ),
    Refused(
        "renewal-of-temporary-residence",
        "residence",
        "of-nothing",
        residence.renewal_of_nothing,
        "no-temporary-residence",
        "no temporary residence",
    ),
    Refused(
        "deregistration",
        "deregistration",
        "of-no-residence",
        residence.deregistration_of_the_homeless,
        "not-registered",
        "no residence registered",
    ),
    Refused("absence", "absence", "from-nowhere", residence.absence_of_the_homeless, "conflict", "no permanent"),
    Refused(
        "household-split", "split", "head-leaves", residence.split_by_the_head, "conflict", "heads a household"
    ),
    Refused(
        "land-transfer",
        "check",
        "by-a-stranger",
        land.transfer_by_a_stranger,
        "not-the-holder",
        "nor holds a right",
    ),
    _land("land-transfer", "check", "distrained", land.distrained(land.handed_over("transfer")), says=DISTRAINED),
    _told("land-transfer", "tax"),
    _blocked("land-transfer", ask=land.handed_over("transfer"), says=DISTRAINED),
    _land("land-gift-exempt", "check", "shares", land.gift_of_shares_that_do_not_add_up, says="add up to 4/3"),
    _told("land-gift-exempt", "tax"),
    _blocked("land-gift-exempt", ask=land.handed_over("gift", relation="child"), says=DISTRAINED),
    _land(
        "land-inheritance-exempt",
        "check",
        "distrained",
        land.distrained(land.inheritance_of(died=True)),
        says=DISTRAINED,
    ),
    _told("land-inheritance-exempt", "tax"),
    _blocked("land-inheritance-exempt", ask=land.inheritance_of(died=True), says=DISTRAINED),
    _land("change-of-purpose", "check", "as-before", land.purpose_as_before, says="present ones"),
    _told("change-of-purpose", "tax"),
    _blocked("change-of-purpose", ask=land.purpose, says=DISTRAINED),
    _land("mortgage", "mortgage", "distrained", land.distrained(land.mortgage), says=DISTRAINED),
    Refused(
        "mortgage-deletion",
        "deletion",
        "of-no-mortgage",
        land.deletion_of_no_mortgage,
        "not-found",
        "land restriction",
    ),
    _land("split", "split", "loses-land", land.split_that_loses_land, says="The area afterwards"),
    _land("split", "split", "distrained", land.distrained(land.split), says=DISTRAINED),
    Refused(
        "lost-certificate",
        "reissue",
        "of-another-parcel",
        land.lost_certificate_of_another,
        "certificate-differs",
        "not the live one",
    ),
    Refused(
        "exchange-of-certificate",
        "reissue",
        "by-a-stranger",
        land.by_a_stranger(land.exchange),
        "not-the-holder",
        "nor holds a right",
    ),
    _land(
        "correction-of-certificate", "correct", "of-nothing", land.corrected_nothing, says="Nothing is to change"
    ),
    _land("change-of-details", "change", "of-a-stranger", land.details_of_a_stranger, says="holds no right"),
    _told("criminal-record", "certificate"),
    Refused(
        "monthly-allowance",
        "allowance",
        "too-young",
        ministries.allowance_too_young,
        "age-unfit",
        "does not fit the group",
    ),
    _told("monthly-allowance", "allowance"),
    Refused(
        "funeral-allowance",
        "allowance",
        "too-early",
        ministries.funeral_allowance_too_early,
        "death-in-future",
        "in the future",
    ),
    _told("funeral-allowance", "allowance"),
)
