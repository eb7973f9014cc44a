"""The overview in a sentence: lost before stopped before blind before late."""

from __future__ import annotations

from typing import Any

import pytest

from services.bus.hub.console.continuous import Continuous
from services.bus.hub.console.draw.continuous import notes, sameness
from services.bus.hub.console.draw.overview import sentence
from services.bus.hub.console.verdict import verdict
from tests.services.bus.hub.console.making import NOW, continuous, link, told

SAME_VI = "Không mất gì: tỉnh = trục = Cổng, 10 hồ sơ, so lúc 15:30:00"
SAME_EN = "Nothing is lost: province = axis = portal, 10 dossiers, compared at 15:30:00"
LATE = link(oldest_s=71.0, trend="worsening")
DEAD = link("civil.birth-registered", "population-civil", dead=2)


def test_all_is_well() -> None:
    said = verdict([link()], continuous(), {})
    assert said.state == "fine"
    assert sentence(said, "vi") == f"{SAME_VI}. Mọi liên kết đều kịp."
    assert sentence(said, "en") == f"{SAME_EN}. Every link is on time."


def test_one_link_is_late_and_named() -> None:
    said = verdict([link(), LATE], continuous(), {})
    assert said.state == "late"
    assert sentence(said, "vi") == f"{SAME_VI}. 1 liên kết chậm: Hồ sơ đổi trạng thái → Cổng DVCQG (71 s)."


def test_the_worst_comes_first_and_many_are_counted() -> None:
    stalled = link(consumer="sync-dossiers", trend="stalled", oldest_s=12.0)
    third = link(consumer="hub-indicators", oldest_s=65.0)
    said = verdict([third, LATE, stalled], continuous(), {})
    assert [each.consumer for each in said.late] == ["sync-dossiers", "portal", "hub-indicators"]
    assert "3 links are late" in sentence(said, "en") and "and 1 more" in sentence(said, "en")


@pytest.mark.parametrize(("limit", "late"), [(60.0, True), (90.0, False)])
def test_a_link_is_late_by_its_own_objective(limit: float, late: bool) -> None:
    waiting = link(oldest_s=71.0)
    assert bool(verdict([waiting], continuous(), {waiting.id: limit}).late) is late


def test_what_weighs_more_is_the_state() -> None:
    assert verdict([LATE, DEAD], continuous(3), {}, ["sync"]).state == "lost"
    assert verdict([LATE, DEAD], continuous(), {}, ["sync"]).state == "stopped"
    assert verdict([LATE], continuous(), {}, ["sync"]).state == "blind"
    lost = verdict([DEAD], continuous(3), {})
    assert sentence(lost, "en").startswith(
        "The portal lacks or has otherwise 3 dossiers. 2 dead letters wait for a decision."
    )


def test_nobody_claims_what_nobody_has_looked_at() -> None:
    unknown = verdict([link()], None, {})
    assert unknown.lost is None
    assert sentence(unknown, "vi").startswith("Chưa so xong lần nào")
    first = verdict([link()], continuous(last=None), {})
    assert first.lost is None and sentence(first, "vi").startswith("Chưa so xong lần nào")
    found = verdict([link()], continuous(2, last=None), {})
    assert (found.state, found.lost) == ("lost", 2), "what the first one has found so far counts"
    silent = verdict([link()], continuous(), {}, ["sync", "broker"])
    assert "kịp" not in sentence(silent, "vi") and "Đồng bộ" in sentence(silent, "vi")


def test_dead_letters_of_one_consumer_are_counted_once() -> None:
    both = [link("a", "population-civil", dead=2), link("b", "population-civil", dead=2), link(dead=1)]
    assert verdict(both, continuous(), {}).dead == 3


def _counts(**dossiers: int) -> dict[str, Any]:
    held = {side: {"dossiers": number, "rows": 2 * number} for side, number in dossiers.items()}
    return {**told()["last"], "counts": held}


@pytest.mark.parametrize(
    ("known", "vi", "en"),
    [
        (continuous(), SAME_VI, SAME_EN),
        (
            continuous(1500),
            "Cổng thiếu hoặc khác 1.500 hồ sơ",
            "The portal lacks or has otherwise 1,500 dossiers",
        ),
        (continuous(0, 2), "Trục thiếu hoặc khác 2 hồ sơ", "The axis lacks or has otherwise 2 dossiers"),
        (
            continuous(1, 2),
            "Cổng thiếu hoặc khác 1 hồ sơ. Trục thiếu hoặc khác 2 hồ sơ",
            "The portal lacks or has otherwise 1 dossiers. The axis lacks or has otherwise 2 dossiers",
        ),
        (
            continuous(portal="acknowledged", last=_counts(province=10, axis=10)),
            "Không mất gì: tỉnh = trục, 10 hồ sơ, so lúc 15:30:00",
            "Nothing is lost: province = axis, 10 dossiers, compared at 15:30:00",
        ),
        (
            continuous(last=_counts(province=12, axis=11, portal=10)),
            "Không mất gì: tỉnh 12, trục 11, Cổng 10 hồ sơ, phần chênh đang trên đường, so lúc 15:30:00",
            "Nothing is lost: dossiers province 12, axis 11, portal 10, the rest is on its way, "
            "compared at 15:30:00",
        ),
        (
            continuous(last={**told()["last"], "equal": False}),
            "Không còn gì khác nhau: điểm thấy lúc 15:30:00 đã hết, chờ lần so tới xác nhận",
            "Nothing differs any more: what was found at 15:30:00 is gone, the next comparison will confirm it",
        ),
        (continuous(last=None), "Chưa so xong lần nào", "No comparison is finished yet"),
        (None, "Chưa so xong lần nào", "No comparison is finished yet"),
    ],
)
def test_what_the_comparison_knows_in_a_sentence(known: Continuous | None, vi: str, en: str) -> None:
    assert ". ".join(sameness(known, "vi")) == vi
    assert ". ".join(sameness(known, "en")) == en


def test_how_good_the_comparison_is_stands_below() -> None:
    assert notes(continuous(), "vi") == "So toàn bộ lần cuối 15:30:00 22/11/2026, mất 500 ms."
    assert "trục nhớ" in notes(continuous(portal="acknowledged"), "vi")
    assert "does not go on: no answer" in notes(continuous(error="no answer"), "en")
    assert NOW.hour == 8, "in Vietnam it is afternoon"
