"""What is shown of others' words is text; and what is asked for in an address is taken or left, never a fault."""

from __future__ import annotations

from datetime import date

import pytest

from services.bus.hub.console import looking
from services.bus.hub.console.asking import asked
from services.bus.hub.console.continuous import known
from services.bus.hub.console.draw import continuous as draw_continuous
from services.bus.hub.console.draw import overview, parts, stuck
from services.bus.hub.console.format import decimal, number, percent, span
from services.bus.hub.console.snapshot import Snapshot
from services.bus.hub.console.verdict import verdict
from services.bus.hub.indicators.book import province
from services.bus.hub.ledger.histogram import Histogram, packed
from services.bus.hub.ledger.views import Links
from tests.services.bus.hub.console.making import NOW, continuous, difference, link

BAD = '<script>alert("x")</script>'


def snapshot(*links: object) -> Snapshot:
    items = list(links)
    said = verdict(items, continuous(), {})  # type: ignore[arg-type]
    return Snapshot(NOW, Links(at=NOW, window="1h", items=items), said, (), None, continuous(), None)  # type: ignore[arg-type]


def test_a_foreign_name_is_text() -> None:
    shown = overview.overview(snapshot(link(BAD, BAD)), "vi", {})
    assert BAD not in shown and "&lt;script&gt;" in shown


def test_a_refused_payload_is_text() -> None:
    letter = {
        "id": "1", "key": "H08-1", "number": 2, "status": 4, "verb": BAD, "error_code": BAD, "reason": BAD,
        "attempts": 1, "at": NOW.isoformat(), "state": "open", "closed_at": None, "closed_by": None, "why": None,
        "payload": [{"NoiDungXuLy": BAD}],
    }  # fmt: skip
    for language in ("vi", "en"):
        assert BAD not in stuck.letter(letter, language, "http://sync")  # type: ignore[arg-type]
        assert BAD not in stuck.letters_table([letter], language)  # type: ignore[arg-type]


def test_differences_are_text_and_have_a_hand_only_for_whoever_acts() -> None:
    one = known({**difference(BAD), "id": '"onclick="x', "cause": BAD})
    for language in ("vi", "en"):
        for acts in (True, False):
            shown = draw_continuous.open_ones([one], language, acts=acts)  # type: ignore[arg-type]
            assert BAD not in shown and '"onclick' not in shown
            assert ("data-repair" in shown) is acts
        past = {**difference(BAD), "state": "repaired", "repair_by": BAD, "closed_at": NOW.isoformat()}
        closed = draw_continuous.closed_ones([known(past)], language)  # type: ignore[arg-type]
        assert closed is not None and BAD not in closed
    hopeless = known({**difference(), "repairable": False})
    assert "data-repair" not in draw_continuous.open_ones([hopeless], "vi", acts=True)


def test_nothing_to_see_is_nothing_to_push() -> None:
    one, two = snapshot(link()), snapshot(link(as_of=NOW.replace(second=7)))
    assert two.same_as(one), "that a witness was asked again is no news"
    assert not snapshot(link(backlog=1)).same_as(one)
    assert not one.same_as(None)


def test_an_address_of_a_page_holds_no_markup() -> None:
    assert parts.address("/x", a="1&2", b=None, c="") == "/console/x?a=1%262"
    assert parts.dossier_address("a/b c") == "/console/dossiers/a%2Fb%20c"


@pytest.mark.parametrize(
    ("given", "first", "until"),
    [
        ({}, date(2026, 1, 1), date(2026, 11, 23)),
        ({"from": "2023-01-01", "to": "2023-06-30"}, date(2023, 1, 1), date(2023, 7, 1)),
        ({"from": "x", "to": "2023-06-30"}, date(2023, 1, 1), date(2023, 7, 1)),
        ({"from": "2024-01-01", "to": "2023-06-30"}, date(2023, 6, 30), date(2023, 7, 1)),
        ({"from": "0001-01-01", "to": "9999-12-31"}, date(2026, 1, 1), date(2026, 11, 23)),
    ],
)
def test_a_period_is_taken_as_far_as_it_fits(given: dict[str, str], first: date, until: date) -> None:
    what = asked({**given, "unit": "not one", "procedure_code": "<", "rows": "x", "period": "y"}, province(), NOW)
    assert (what.where.since, what.where.until) == (first, until)
    assert (what.rows, what.grain, what.where.agencies, what.where.procedures) == ("unit", "total", None, None)


def test_figures_are_written_as_their_readers_write_them() -> None:
    assert (number(1234567, "vi"), number(1234567, "en")) == ("1.234.567", "1,234,567")
    assert (decimal(1234.5, 1, "vi"), decimal(1234.5, 1, "en")) == ("1.234,5", "1,234.5")
    assert (percent(0.9951, 2, "vi"), percent(None, 2, "vi")) == ("99,51 %", "–")
    assert (span(300, "vi"), span(3 * 86_400, "en"), span(21_600, "vi")) == ("5 phút", "3 d", "6 giờ")


def test_time_runs_evenly_on_a_heat_map() -> None:
    histogram = Histogram()
    histogram.add_all([9_000, 9_000, 10**12])
    row = (histogram.count, histogram.total, histogram.largest, histogram.skewed, packed(histogram.buckets))
    course = [(int(NOW.timestamp()), *row)]
    found = looking.columns(course, 60, NOW.replace(minute=0), NOW.replace(minute=59))
    assert len(found) == 60 and sum(each.events for each in found) == 3
    [filled] = [each for each in found if each.events]
    assert filled.at == NOW and filled.rows == {3: 2, len(looking.BOUNDS_MS) - 1: 1}
    assert filled.p50_ms == pytest.approx(9.0, rel=0.05) and filled.p99_ms == 10**9
