"""When land may change hands at all: Luật Đất đai 2024, Đ.45 k.1, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from contracts.land import RestrictionKind
from services.registry.land.rules.situation import Situation

if TYPE_CHECKING:
    from services.registry.land.rules.judge import Check, Found

P = Mapping[str, Any]


def parcel_live(now: Situation, _: P) -> Found:
    for one in now.together:
        if not one.live:
            yield "parcel", {"parcel": one.parcel}


def certificate_live(now: Situation, _: P) -> Found:
    for one in now.together:
        if one.certificate is None:
            yield "parcel.certificate", {"parcel": one.parcel}


def none_of(kind: RestrictionKind, now: Situation, _: P) -> Found:
    for one in now.together:
        for each in one.restrictions:
            if each.kind is kind:
                yield "parcel.restrictions", {"document": each.document, "restriction": each.id}


def term_valid(now: Situation, _: P) -> Found:
    if now.term_until is not None and now.term_until < now.today:
        yield "parcel.right.term_until", {"until": now.term_until}


def mortgagee_agrees(now: Situation, _: P) -> Found:
    for one in now.together:
        for each in one.restrictions:
            agreed = each.allows_disposal or each.id in now.asked.consents
            if each.kind is RestrictionKind.MORTGAGE and not agreed:
                yield "consents", {"document": each.document, "restriction": each.id}


def in_time(now: Situation, told: P) -> Found:
    if now.today - now.asked.effective_on > timedelta(days=told["days"]):
        yield "effective_on", {"days": told["days"], "effective": now.asked.effective_on}


def not_future(now: Situation, _: P) -> Found:
    if now.asked.effective_on > now.today:
        yield "effective_on", {"effective": now.asked.effective_on}


def loss_posted(now: Situation, told: P) -> Found:
    lost = now.asked.lost
    if lost is not None and now.today - lost.posted_on < timedelta(days=told["days"]):
        yield "lost.posted_on", {"days": told["days"]}


CHECKS: Final[dict[str, Check]] = {
    "parcel.live": parcel_live,
    "certificate.live": certificate_live,
    "dispute.none": partial(none_of, RestrictionKind.DISPUTE),
    "distraint.none": partial(none_of, RestrictionKind.DISTRAINT),
    "emergency.none": partial(none_of, RestrictionKind.EMERGENCY_MEASURE),
    "term.valid": term_valid,
    "mortgage.consent": mortgagee_agrees,
    "registration.in-time": in_time,
    "effective.not-future": not_future,
    "loss.posted": loss_posted,
}
