"""The overview in a sentence: lost before stopped before blind before late."""

from __future__ import annotations

import pytest

from services.bus.hub.console.draw.overview import sentence
from services.bus.hub.console.verdict import verdict
from tests.services.bus.hub.console.making import comparison, link

LATE = link(oldest_s=71.0, trend="worsening")
DEAD = link("civil.birth-registered", "population-civil", dead=2)


def test_all_is_well() -> None:
    said = verdict([link()], comparison(), {})
    assert said.state == "fine"
    assert sentence(said, "vi") == "Không mất gì. Mọi liên kết đều kịp."
    assert sentence(said, "en") == "Nothing is lost. Every link is on time."


def test_one_link_is_late_and_named() -> None:
    said = verdict([link(), LATE], comparison(), {})
    assert said.state == "late"
    assert sentence(said, "vi") == "Không mất gì. 1 liên kết chậm: Hồ sơ đổi trạng thái → Cổng DVCQG (71 s)."


def test_the_worst_comes_first_and_many_are_counted() -> None:
    stalled = link(consumer="sync-dossiers", trend="stalled", oldest_s=12.0)
    third = link(consumer="hub-indicators", oldest_s=65.0)
    said = verdict([third, LATE, stalled], comparison(), {})
    assert [each.consumer for each in said.late] == ["sync-dossiers", "portal", "hub-indicators"]
    assert "3 links are late" in sentence(said, "en") and "and 1 more" in sentence(said, "en")


@pytest.mark.parametrize(("limit", "late"), [(60.0, True), (90.0, False)])
def test_a_link_is_late_by_its_own_objective(limit: float, late: bool) -> None:
    waiting = link(oldest_s=71.0)
    assert bool(verdict([waiting], comparison(), {waiting.id: limit}).late) is late


def test_what_weighs_more_is_the_state() -> None:
    assert verdict([LATE, DEAD], comparison(3, missing=3), {}, ["sync"]).state == "lost"
    assert verdict([LATE, DEAD], comparison(), {}, ["sync"]).state == "stopped"
    assert verdict([LATE], comparison(), {}, ["sync"]).state == "blind"
    lost = verdict([DEAD], comparison(3, missing=3), {})
    assert sentence(lost, "en").startswith("The portal lacks 3 statuses. 2 dead letters wait for a decision.")


def test_nobody_claims_what_nobody_has_looked_at() -> None:
    unknown = verdict([link()], None, {})
    assert unknown.lost is None
    assert "Không mất gì" not in sentence(unknown, "vi")
    silent = verdict([link()], comparison(), {}, ["sync", "broker"])
    assert "kịp" not in sentence(silent, "vi") and "Đồng bộ" in sentence(silent, "vi")


def test_dead_letters_of_one_consumer_are_counted_once() -> None:
    both = [link("a", "population-civil", dead=2), link("b", "population-civil", dead=2), link(dead=1)]
    assert verdict(both, comparison(), {}).dead == 3
