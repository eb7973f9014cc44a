"""The rules of domain 4.2, one row each: what is stated and known, what is found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.catalogue.civil_rules import civil_rules
from contracts.civil import (
    Birth,
    Death,
    Guardianship,
    MaritalStatusCertificate,
    Marriage,
    Recognition,
)
from contracts.problems import CIVIL_RULES_BROKEN, Problem
from services.registry.civil.rules import Finding, Known, acts, births, deaths, found, judged, marriages, relations
from services.registry.civil.rules.ages import age_on, in_months, no_older, surely_before
from services.registry.civil.rules.births import BirthFacts
from services.registry.civil.rules.deaths import DeathFacts
from services.registry.civil.rules.kinship import in_direct_line, within_generations
from services.registry.civil.rules.marriages import SpouseFacts
from services.registry.civil.rules.relations import GuardianshipFacts, RecognitionFacts
from tests.services.registry.civil.acts import AN, BINH, NOW, child, man, number, party, woman

TODAY = date(2026, 11, 20)
SOURCES = Path(acts.__file__).parent.parent


def rules(findings: Iterable[Finding]) -> set[str]:
    return {each.rule for each in findings}


def birth(**more: Any) -> Birth:
    return Birth.model_validate({"child": child(), "mother": woman(), "father": man(), **more})


def death(**more: Any) -> Death:
    return Death.model_validate({"deceased": man(), "died_on": "2026-11-18", "place": {}, **more})


def marriage(**more: Any) -> Marriage:
    return Marriage.model_validate({"husband": man(), "wife": woman(), **more})


INFANT = {"full_name": "Bé", "sex": "male", "date_of_birth": "2026-11-10"}
BIRTHS: list[tuple[dict[str, Any], BirthFacts, set[str]]] = [
    ({}, BirthFacts(), set()),
    ({"child": child(date_of_birth="2026-11-21")}, BirthFacts(), {"birth.future"}),
    (
        {"born_at": "2026-11-20T10:00:00+07:00", "child": child(date_of_birth="2026-11-20")},
        BirthFacts(),
        {"birth.future"},
    ),
    ({"child": child(date_of_birth="2026")}, BirthFacts(), {"birth.day-needed", "birth.late"}),
    ({"born_at": "2026-11-02T00:30:00+07:00"}, BirthFacts(), {"birth.hour-mismatch"}),
    ({"child": child(date_of_birth="2026-09-21")}, BirthFacts(), set()),  # the 60th day
    ({"child": child(date_of_birth="2026-09-20")}, BirthFacts(), {"birth.late"}),
    ({"mother": party("Bé", "2026-11-01")}, BirthFacts(), {"birth.parent-younger"}),
    ({"mother": party("Bé", "2016")}, BirthFacts(), {"birth.parent-age"}),
    ({"mother": man(3)}, BirthFacts(), {"birth.parent-sex"}),
    ({"mother": party("Lê Thị A", sex="male")}, BirthFacts(), {"birth.parent-sex"}),
    ({"father": {**man(), "personal_id": BINH}}, BirthFacts(), {"birth.parent-sex", "birth.same-parent"}),
    ({"mother": None, "father": None}, BirthFacts(), {"birth.no-parent"}),
    ({"mother": None}, BirthFacts(), set()),
    ({}, BirthFacts(mother=Known(BINH, death_record="x", died_on="2026-10-31")), {"birth.mother-dead"}),
    ({}, BirthFacts(mother=Known(BINH, death_record="x", died_on="2026-11-01")), set()),
    ({}, BirthFacts(father=Known(AN, death_record="x", died_on="2026-03-01")), set()),
    ({}, BirthFacts(father=Known(AN, death_record="x", died_on="2025-12-01")), {"birth.father-dead"}),
    ({}, BirthFacts(child=Known(number("female", 2026, 1), birth_record="x")), {"birth.registered"}),
    (
        {"born_at": "2026-11-01T08:00:00+07:00", "died_at": "2026-11-02T07:59:00+07:00"},
        BirthFacts(),
        {"birth.lived-briefly"},
    ),
    (
        {"born_at": "2026-11-01T08:00:00+07:00", "died_at": "2026-11-02T08:00:00+07:00"},
        BirthFacts(),
        {"birth.death-also"},
    ),
    ({"died_at": "2026-10-31T08:00:00+07:00"}, BirthFacts(), {"birth.died-before"}),
]
DEATHS: list[tuple[dict[str, Any], DeathFacts, set[str]]] = [
    ({}, DeathFacts(), set()),
    ({"died_on": "2026-11-21"}, DeathFacts(), {"death.future"}),
    ({"died_on": "2025"}, DeathFacts(), {"death.day-needed", "death.late"}),
    ({"died_at": "2026-11-19T00:30:00+07:00"}, DeathFacts(), {"death.hour-mismatch"}),
    ({"died_on": "1990-04-29"}, DeathFacts(), {"death.before-birth", "death.late"}),
    ({"died_on": "2026-11-05"}, DeathFacts(), set()),  # the 15th day
    ({"died_on": "2026-11-04"}, DeathFacts(), {"death.late"}),
    ({}, DeathFacts(deceased=Known(AN, death_record="x", died_on="2020")), {"death.registered"}),
    ({"deceased": INFANT, "died_on": "2026-11-12"}, DeathFacts(), {"death.birth-first"}),
    ({"deceased": INFANT, "died_on": "2026-11-12"}, DeathFacts(birth_known=True), set()),
    ({"deceased": INFANT, "died_on": "2026-11-12"}, DeathFacts(birth_known=False), {"death.birth-unknown"}),
    ({"deceased": INFANT, "died_on": "2026-11-10"}, DeathFacts(), {"death.lived-briefly"}),
    (
        {
            "deceased": INFANT,
            "died_on": "2026-11-11",
            "born_at": "2026-11-10T20:00:00+07:00",
            "died_at": "2026-11-11T19:59:00+07:00",
        },
        DeathFacts(),
        {"death.lived-briefly"},
    ),
]
FREE = SpouseFacts()
GRANDFATHER, UNCLE, AUNT = number("male", 1940, 1), number("male", 1965, 2), number("female", 1967, 2)
MARRIAGES: list[tuple[dict[str, Any], SpouseFacts, SpouseFacts, set[str]]] = [
    ({}, FREE, FREE, set()),
    ({"husband": man(year=2006, date_of_birth="2006-11-20")}, FREE, FREE, set()),  # 20 today
    ({"husband": man(year=2006, date_of_birth="2006-11-21")}, FREE, FREE, {"marriage.age-man"}),
    ({"wife": woman(year=2008, date_of_birth="2008-11-20")}, FREE, FREE, set()),
    ({"wife": woman(year=2008, date_of_birth="2008-11-21")}, FREE, FREE, {"marriage.age-woman"}),
    ({"wife": man(5)}, FREE, FREE, {"marriage.sex"}),
    ({"voluntary": False}, FREE, FREE, {"marriage.voluntary"}),
    ({"capable": False}, FREE, FREE, {"marriage.capable"}),
    ({"wife": {**woman(), "personal_id": AN}}, FREE, FREE, {"marriage.sex", "marriage.same-person"}),
    ({}, SpouseFacts(Known(AN, married_by="x")), FREE, {"marriage.already-married"}),
    ({}, FREE, SpouseFacts(Known(BINH, death_record="x", died_on="2020-01-01")), {"marriage.dead"}),
    ({}, SpouseFacts(namesake_married=True), FREE, {"marriage.namesake-married"}),
    ({}, SpouseFacts(certificate=False), FREE, {"marriage.certificate"}),
    ({}, SpouseFacts(ancestors={AN: 0}), SpouseFacts(ancestors={BINH: 0, AN: 1}), {"marriage.direct-line"}),
    (
        {},
        SpouseFacts(ancestors={AN: 0, UNCLE: 1, GRANDFATHER: 2}),
        SpouseFacts(ancestors={BINH: 0, AUNT: 1, GRANDFATHER: 2}),
        {"marriage.three-generations"},
    ),
    (
        {},
        SpouseFacts(ancestors={AN: 0, UNCLE: 1, GRANDFATHER: 3}),
        SpouseFacts(ancestors={BINH: 0, GRANDFATHER: 2}),
        set(),
    ),
    ({}, SpouseFacts(spouses=[AUNT], parents_of={AUNT: [BINH]}), FREE, {"marriage.affinity"}),
    ({}, SpouseFacts(spouses=["m"]), SpouseFacts(ancestors={BINH: 0, "m": 1}), {"marriage.affinity"}),
]


@pytest.mark.parametrize(("told", "facts", "expected"), BIRTHS)
def test_births(told: dict[str, Any], facts: BirthFacts, expected: set[str]) -> None:
    assert rules(births.findings(birth(**told), facts, NOW)) == expected


@pytest.mark.parametrize(("told", "facts", "expected"), DEATHS)
def test_deaths(told: dict[str, Any], facts: DeathFacts, expected: set[str]) -> None:
    assert rules(deaths.findings(death(**told), facts, NOW)) == expected


@pytest.mark.parametrize(("told", "husband", "wife", "expected"), MARRIAGES)
def test_marriages(told: dict[str, Any], husband: SpouseFacts, wife: SpouseFacts, expected: set[str]) -> None:
    assert rules(marriages.findings(marriage(**told), husband, wife, TODAY)) == expected


RECOGNITION = {"role": "father", "child": party("Chi", "2020-11-01"), "parent": man(), "evidence": "x"}
RECOGNITIONS: list[tuple[dict[str, Any], RecognitionFacts, set[str]]] = [
    ({}, RecognitionFacts("r"), set()),
    ({}, RecognitionFacts(), {"recognition.no-birth"}),
    ({"parent": man(year=2021)}, RecognitionFacts("r"), {"recognition.parent-younger"}),
    ({"role": "mother"}, RecognitionFacts("r"), {"recognition.parent-sex"}),
    ({}, RecognitionFacts("r", has_other=True), {"recognition.has-parent"}),
    ({}, RecognitionFacts(birth_known=False), {"recognition.birth-unknown"}),
    ({"child": party("Chi", "2020", personal_id=AN)}, RecognitionFacts("r"), {"recognition.same-person"}),
    (
        {"child": party("Chi", "2020", personal_id=BINH)},
        RecognitionFacts("r", ancestors=[BINH]),
        {"recognition.circle"},
    ),
]
GUARDIANSHIP = {"arrangement": "appointed", "ward": party("Bé", "2015-03-01"), "guardian": man(), "reason": "x"}
GUARDIANSHIPS: list[tuple[dict[str, Any], GuardianshipFacts, set[str]]] = [
    ({}, GuardianshipFacts(), set()),
    ({"ward": party("Bé", "2008-11-20")}, GuardianshipFacts(), {"guardianship.ward-of-age"}),
    ({"ward": party("Bé", "2008-11-20"), "ward_incapable": True}, GuardianshipFacts(), set()),
    ({"guardian": party("Anh", "2008-11-21")}, GuardianshipFacts(), {"guardianship.guardian-age"}),
    ({"ward": party("Bé", "2015", personal_id=AN)}, GuardianshipFacts(), {"guardianship.same-person"}),
    ({}, GuardianshipFacts(guardian=Known(AN, death_record="x")), {"guardianship.dead"}),
    ({}, GuardianshipFacts(ward=Known("w", guarded_by="x")), {"guardianship.has-guardian"}),
    ({}, GuardianshipFacts(parent_alive=True), {"guardianship.parent-alive"}),
]
STATUSES: list[tuple[str, Known | None, set[str]]] = [
    ("single", None, {"marital-status.unproven"}),
    ("single", Known(AN, birth_record="x"), set()),
    ("married", Known(AN, married_by="x", was_married=True), set()),
    ("single", Known(AN, was_married=True), {"marital-status.contradiction"}),
    ("divorced_or_widowed", Known(AN, birth_record="x"), {"marital-status.unproven"}),
    ("single", Known(AN, death_record="x"), {"marital-status.dead"}),
]


@pytest.mark.parametrize(("told", "facts", "expected"), RECOGNITIONS)
def test_recognitions(told: dict[str, Any], facts: RecognitionFacts, expected: set[str]) -> None:
    asked = Recognition.model_validate({**RECOGNITION, **told})
    assert rules(relations.recognition_findings(asked, facts)) == expected


@pytest.mark.parametrize(("told", "facts", "expected"), GUARDIANSHIPS)
def test_guardianships(told: dict[str, Any], facts: GuardianshipFacts, expected: set[str]) -> None:
    asked = Guardianship.model_validate({**GUARDIANSHIP, **told})
    assert rules(relations.guardianship_findings(asked, facts, TODAY)) == expected


@pytest.mark.parametrize(("declared", "known", "expected"), STATUSES)
def test_marital_statuses(declared: Any, known: Known | None, expected: set[str]) -> None:
    asked = MaritalStatusCertificate.model_validate({"person": man(), "declared_status": declared})
    assert rules(relations.marital_status_findings(asked, known)) == expected


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-20T14:59:00+07:00", "2026-11-20T17:00:00+07:00"),
        ("2026-11-20T15:00:00+07:00", "2026-11-23T17:00:00+07:00"),  # a Friday: Monday
        ("2026-11-21T09:00:00+07:00", "2026-11-23T17:00:00+07:00"),  # a Saturday
    ],
)
def test_same_day_before_fifteen_else_the_next_working_day(received: str, due: str) -> None:
    at = datetime.fromisoformat(received)
    assert acts.due_at("birth", at) == datetime.fromisoformat(due)
    late = datetime.fromisoformat("2026-12-01T09:00:00+07:00")
    assert rules(acts.findings("birth", at, "H08.31.21", late)) == {"act.late"}
    assert rules(acts.findings("birth", at, "H08.03", at)) == {"act.agency-level"}


def test_findings_are_refused_together_and_warnings_kept() -> None:
    with pytest.raises(Problem) as refused:
        judged(
            [found("birth.future", "child"), found("birth.no-parent", "mother"), found("marriage.dead", "wife")]
        )
    assert refused.value.type is CIVIL_RULES_BROKEN
    assert [(each.field, each.rule) for each in refused.value.errors] == [
        ("body.child", "birth.future"),
        ("body.wife", "marriage.dead"),
    ]
    (kept,) = judged([found("birth.late", "child", days=61, limit=60)])
    assert kept["rule"] == "birth.late" and "61" in kept["vi"] and "60 days" in kept["en"]


def test_every_rule_of_the_data_is_asked_and_told() -> None:
    sources = "".join(path.read_text("utf-8") for path in SOURCES.rglob("*.py"))
    asked = set(
        re.findall(
            r'"((?:act|birth|death|marriage|recognition|guardianship|marital-status|correction|again)\.[a-z-]+)"',
            sources,
        )
    )
    assert asked == set(civil_rules())
    for rule in civil_rules().values():
        assert rule.source and rule.text.vi != rule.text.en
        assert rule.text.vi.endswith(".") and rule.text.en.endswith(".")


def test_ages() -> None:
    born, leap = date(2006, 11, 20), date(2004, 2, 29)
    assert (age_on(born, date(2026, 11, 19)), age_on(born, date(2026, 11, 20)), age_on("2006", TODAY)) == (
        19,
        20,
        20,
    )
    assert (age_on(leap, date(2026, 2, 28)), age_on(leap, date(2026, 3, 1))) == (21, 22)
    assert surely_before("1990", "1991") and not surely_before("1990", date(1990, 5, 1))
    assert no_older("1990", date(1990, 5, 1)) and not no_older(date(1960, 1, 1), date(1990, 5, 1))
    assert (in_months(date(2026, 8, 31), 6), in_months(TODAY, 6)) == (date(2027, 2, 28), date(2027, 5, 20))


def test_kinship() -> None:
    assert in_direct_line({"a": 0}, {"b": 0, "c": 1, "a": 2}, one_id="a", other_id="b")
    siblings = ({"a": 0, "m": 1}, {"b": 0, "m": 1})
    uncle_and_niece = ({"a": 0, "g": 1}, {"b": 0, "m": 1, "g": 2})
    cousins = ({"a": 0, "m": 1, "g": 2}, {"b": 0, "n": 1, "g": 2})
    second_cousins = ({"a": 0, "g": 3}, {"b": 0, "g": 3})
    assert all(within_generations(*pair, 3) for pair in (siblings, uncle_and_niece, cousins))
    assert not within_generations(*second_cousins, 3)
