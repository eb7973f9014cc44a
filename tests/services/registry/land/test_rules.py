"""Every rule, broken and kept, as a table; and the data file against the checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from contracts.catalogue.land_rules import land_rules, rules_for
from contracts.land import ChangeKind, RestrictionKind
from contracts.problems import CHANGE_PENDING, LAND_RULES_BROKEN, Problem
from services.registry.land.rules import HolderNow, LettingNow, PendingNow, RestrictionNow, Situation, judge
from services.registry.land.rules.judge import CHECKS
from tests.services.registry.land.parcels import (
    AN,
    BINH,
    CHI,
    GEOHASH,
    KEY,
    TODAY,
    change,
    handover,
    mortgage,
    person,
    split,
)

HOLDER = HolderNow(f"p:{AN}", Fraction(1), "Nguyễn Văn An", AN)
BASE = Situation(
    parcel=KEY,
    today=TODAY,
    asked=None,
    area=25_050,
    land_uses=(("ONT", 25_050),),
    geohash=GEOHASH,
    right_id="right",
    holders=(HOLDER,),
    certificate="AA00000001",
)
DISPUTE = RestrictionNow("d", RestrictionKind.DISPUTE, "1/QĐ")
DISTRAINT = RestrictionNow("k", RestrictionKind.DISTRAINT, "2/QĐ")
EMERGENCY = RestrictionNow("e", RestrictionKind.EMERGENCY_MEASURE, "3/QĐ")
EASEMENT = RestrictionNow("s", RestrictionKind.EASEMENT, "4/QĐ")
MORTGAGE = RestrictionNow("m", RestrictionKind.MORTGAGE, "HĐ-77")
LEASE = LettingNow("lease", "lease", date(2030, 1, 1), (HolderNow(f"p:{BINH}", Fraction(1), "Bình", BINH),))
ENDED = date(2020, 1, 1)
HALVES = (replace(HOLDER, share=Fraction(1, 2)), HolderNow(f"p:{BINH}", Fraction(1, 2), "Bình", BINH))
OTHER = replace(BASE, parcel="21964-12-346")
SUBLEASE = {"kind": "sublease", "lease": "lease", "lessees": [person(CHI)], "until": "2029-01-01"}
LEASING = {"kind": "lease", "lessees": [person(BINH)], "until": "2029-01-01"}
MERGE = {"kind": "merge", "others": ["21964-12-346"], "parcel_number": 347, "area_m2": "501"}
PURPOSE = {"kind": "change-of-purpose", "land_uses": [{"code": "TMD", "area_m2": "250.5"}]}
REISSUE = {"kind": "reissue"}
RENAME = {"kind": "change-of-details", "holders": [{"personal_id": AN, "becomes": {"name": "Nguyễn An"}}]}

BROKEN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("parcel.live", handover(), {"live": False}),
    ("certificate.live", handover(), {"certificate": None}),
    ("dispute.none", handover(), {"restrictions": (DISPUTE,)}),
    ("dispute.none", mortgage(), {"restrictions": (DISPUTE,)}),
    ("distraint.none", handover("gift"), {"restrictions": (DISTRAINT,)}),
    ("distraint.none", handover("inheritance"), {"restrictions": (DISTRAINT,)}),
    ("emergency.none", split("100", "150.50"), {"restrictions": (EMERGENCY,)}),
    ("emergency.none", LEASING, {"restrictions": (EMERGENCY,)}),
    ("term.valid", handover(), {"term_until": ENDED}),
    ("mortgage.consent", handover(), {"restrictions": (MORTGAGE,)}),
    ("mortgage.consent", split("100", "150.50"), {"restrictions": (MORTGAGE,)}),
    ("registration.in-time", handover(effective_on="2026-10-22"), {}),
    ("effective.not-future", handover(effective_on="2026-11-23"), {}),
    ("giver.alive", handover(), {"deceased": {AN: ENDED}}),
    ("giver.alive", mortgage(), {"deceased": {AN: ENDED}}),
    ("giver.alive", SUBLEASE, {"deceased": {BINH: ENDED}, "lettings": (LEASE,)}),
    ("recipient.alive", handover(), {"deceased": {BINH: ENDED}}),
    ("inheritance.death-known", handover("inheritance"), {}),
    ("giver.holds", handover(givers=[{"personal_id": CHI}]), {}),
    ("giver.holds", handover(givers=[{"personal_id": AN, "share": "1/1"}]), {"holders": HALVES}),
    ("shares.sum", handover("transfer", person(BINH, share="1/3")), {}),
    ("shares.sum", {**LEASING, "lessees": [person(BINH, share="1/3")]}, {}),
    ("share.storable", handover(givers=[{"personal_id": AN, "share": "1/999999999"}]), {"holders": (
        replace(HOLDER, share=Fraction(1, 999_999_937)),
        HolderNow(f"p:{BINH}", 1 - Fraction(1, 999_999_937), "Bình", BINH),
    )}),
    ("parties.distinct", handover("transfer", person(BINH, share="1/2"), person(BINH, share="1/2")), {}),
    ("land-uses.area", {**PURPOSE, "land_uses": [{"code": "TMD", "area_m2": "1"}]}, {}),
    ("land-uses.area", {"kind": "correction", "area_m2": "9"}, {"land_uses": (("ONT", 50), ("CLN", 25_000))}),
    ("land-uses.distinct", {**PURPOSE, "land_uses": [{"code": "TMD", "area_m2": "125.25"}] * 2}, {}),
    ("land-uses.given", split("100", "150.50"), {"land_uses": (("ONT", 50), ("CLN", 25_000))}),
    ("area.conserved", split("100", "150.51"), {}),
    ("area.conserved", {**MERGE, "area_m2": "500.99"}, {"others": {OTHER.parcel: OTHER}}),
    ("area.minimum", split("49.99", "200.51"), {}),
    ("parcel-number.free", split("100", "150.50"), {"taken": frozenset({"21964-12-900"})}),
    ("merge.neighbours", {**MERGE, "others": ["21964-13-346"]}, {}),
    ("merge.known", MERGE, {"others": {OTHER.parcel: None}}),
    ("merge.same-right", MERGE, {"others": {OTHER.parcel: replace(OTHER, holders=HALVES)}}),
    ("merge.same-right", MERGE, {"others": {OTHER.parcel: replace(OTHER, term_until=date(2040, 1, 1))}}),
    ("dispute.none", MERGE, {"others": {OTHER.parcel: replace(OTHER, restrictions=(DISPUTE,))}}),
    ("lettings.none", split("100", "150.50"), {"lettings": (LEASE,)}),
    ("letting.within-term", LEASING, {"term_until": date(2028, 12, 31)}),
    ("letting.within-term", {**SUBLEASE, "until": "2030-01-02"}, {"lettings": (LEASE,)}),
    ("letting.ahead", {**LEASING, "until": "2026-11-22"}, {}),
    ("sublease.of-lease", {**SUBLEASE, "lease": "other"}, {"lettings": (LEASE,)}),
    ("purpose.differs", {**PURPOSE, "land_uses": [{"code": "ONT", "area_m2": "250.50"}]}, {}),
    ("mortgage.known", {"kind": "mortgage-deletion", "mortgage": "other"}, {"restrictions": (MORTGAGE,)}),
    ("loss.posted", {**REISSUE, "lost": {"posted_on": "2026-11-08"}}, {}),
    ("details.holder-known", {**RENAME, "holders": [{"name": "Ai đó", "becomes": {"name": "Ai"}}]}, {}),
    ("details.something", {"kind": "correction"}, {}),
]  # fmt: skip

KEPT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (handover(), {}),
    (handover(effective_on="2026-10-23"), {"restrictions": (EASEMENT,)}),
    (handover(), {"term_until": TODAY}),
    (handover(consents=["m"]), {"restrictions": (MORTGAGE,)}),
    (handover(), {"restrictions": (replace(MORTGAGE, allows_disposal=True),)}),
    (handover("inheritance"), {"deceased": {AN: ENDED}, "certificate": None}),
    (
        handover("gift", person(CHI, share="1/4"), givers=[{"name": "NGUYEN VAN AN", "share": "1/4"}]),
        {"holders": HALVES},
    ),
    (LEASING, {}),
    (SUBLEASE, {"lettings": (LEASE,)}),
    (mortgage(), {"restrictions": (MORTGAGE,)}),
    ({"kind": "mortgage-deletion", "mortgage": "m"}, {"restrictions": (MORTGAGE, DISPUTE)}),
    (split("100", "150.50"), {}),
    (MERGE, {"others": {OTHER.parcel: OTHER}}),
    (PURPOSE, {}),
    (REISSUE, {}),
    ({**REISSUE, "lost": {"posted_on": "2026-11-07"}}, {}),
    (RENAME, {"restrictions": (DISPUTE,)}),
    ({"kind": "correction", "area_m2": "251"}, {}),
]


@pytest.mark.parametrize(("rule", "body", "now"), BROKEN)
def test_a_broken_rule_is_named(rule: str, body: dict[str, Any], now: dict[str, Any]) -> None:
    verdict = judge(body["kind"], replace(BASE, asked=change(body), **now))
    found = [each.rule.id for each in (*verdict.errors, *verdict.warnings)]
    assert rule in found
    told = next(each for each in (*verdict.errors, *verdict.warnings) if each.rule.id == rule).error
    for language in ("vi", "en"):
        assert "{" not in told.text.render(language, told.params)


@pytest.mark.parametrize(("body", "now"), KEPT)
def test_what_is_allowed_breaks_nothing(body: dict[str, Any], now: dict[str, Any]) -> None:
    verdict = judge(body["kind"], replace(BASE, asked=change(body), **now))
    assert [each.rule.id for each in (*verdict.errors, *verdict.warnings)] == []
    verdict.refuse()


def test_a_refusal_names_every_rule_that_is_broken() -> None:
    asked = change(handover("transfer", person(BINH, share="1/2"), effective_on="2026-12-01"))
    bad = replace(BASE, asked=asked, certificate=None, restrictions=(DISPUTE, DISTRAINT, MORTGAGE))
    with pytest.raises(Problem) as refused:
        judge("transfer", bad).refuse()
    assert refused.value.type is LAND_RULES_BROKEN
    assert [(each.field, each.rule) for each in refused.value.errors] == [
        ("parcel.certificate", "certificate.live"),
        ("parcel.restrictions", "dispute.none"),
        ("parcel.restrictions", "distraint.none"),
        ("body.consents", "mortgage.consent"),
        ("body.effective_on", "effective.not-future"),
        ("body.recipients", "shares.sum"),
    ]


def test_a_pending_change_is_the_first_thing_in_the_way() -> None:
    pending = PendingNow("c-1", "gift", TODAY)
    other = replace(OTHER, pending=pending)
    for body, now in ((handover(), {"pending": pending}), (MERGE, {"others": {OTHER.parcel: other}})):
        with pytest.raises(Problem) as refused:
            judge(body["kind"], replace(BASE, asked=change(body), **now)).refuse()  # type: ignore[arg-type]
        assert refused.value.type is CHANGE_PENDING
        assert refused.value.extra == {"change_id": "c-1"}


def test_every_rule_of_the_file_has_its_check_and_its_test() -> None:
    rules = {rule.id for rule in land_rules().values() if rule.severity != "procedure"}
    assert rules == set(CHECKS) == {rule for rule, _, _ in BROKEN}


def test_the_file_speaks_of_kinds_that_exist_and_of_both_languages() -> None:
    kinds = {kind.value for kind in ChangeKind}
    for rule in land_rules().values():
        assert rule.applies_to <= kinds
        assert rule.text.vi != rule.text.en
        assert rule.text.vi.endswith(".") and rule.text.en.endswith(".")
        assert rule.source
    assert {rule.id for rule in rules_for("transfer")} >= {
        "certificate.live",
        "dispute.none",
        "distraint.none",
        "term.valid",
        "emergency.none",
    }
