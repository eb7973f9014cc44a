"""One dossier is one trace, through every process, and it names nobody."""

from __future__ import annotations

import time
from typing import Any

import pytest

from services.bus.kit.trace import root_of, trace_id_of
from tests.scenarios.watched.collector import Taken
from tests.scenarios.watched.playing import PLANTED, Watched, until

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(300)]

SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5


def spans_of(watched: Watched, code: str) -> list[Taken]:
    """Every span of a dossier, once the dossier service has heard of the portal's acknowledgement."""
    trace = trace_id_of(code)

    def heard() -> bool:
        spans = watched.collector.of(trace)
        return any(
            each.service == "dossier" and each.name == "process portal.status-acknowledged" for each in spans
        )

    until(heard, "the way back")
    time.sleep(1.5)  # the last batch of each process
    return watched.collector.of(trace)


def the(spans: list[Taken], service: str, name: str, **attributes: Any) -> Taken:
    fitting = [
        each
        for each in spans
        if (each.service, each.name) == (service, name)
        and all(each.attributes.get(key.replace("_", ".")) == value for key, value in attributes.items())
    ]
    assert fitting, f"{service}: no {name} among {sorted({(each.service, each.name) for each in spans})}"
    return fitting[0]


def test_a_dossier_is_one_trace_from_the_province_to_the_portal_and_back(watched: Watched) -> None:
    spans = spans_of(watched, watched.by_hand)
    root = the(spans, "dossier", "dossier")
    assert root.id == root_of(watched.by_hand)[36:52] and root.parent == ""
    assert root.attributes["truc.dossier"] == watched.by_hand
    sent = the(spans, "dossier", "send dossier.status-changed", truc_version=1)
    assert sent.parent == root.id and sent.kind == PRODUCER
    taken = the(spans, "sync", "process dossier.status-changed", truc_version=1)
    assert taken.parent == sent.id and taken.kind == CONSUMER
    call = next(each for each in spans if each.name == "CapNhatTienDoHoSoMC" and each.parent == sent.id)
    assert call.service == "sync" and call.kind == CLIENT
    at_portal = next(each for each in spans if each.service == "portal" and each.parent == call.id)
    assert at_portal.kind == SERVER and at_portal.attributes["truc.verb"] == "CapNhatTienDoHoSoMC"
    told = the(spans, "sync", "statuses to the portal")
    assert told.parent == sent.id
    acknowledged = the(spans, "sync", "send portal.status-acknowledged", truc_version=1)
    assert acknowledged.parent == told.id
    back = the(spans, "dossier", "process portal.status-acknowledged")
    assert back.parent == acknowledged.id
    assert sent.began <= taken.ended and call.began <= at_portal.began <= at_portal.ended <= call.ended + 1_000_000


def test_requests_are_in_the_caller_s_trace_and_linked_with_the_dossier_s(watched: Watched) -> None:
    spans = spans_of(watched, watched.by_hand)
    caller = watched.traceparent[3:35]
    request = the(watched.collector.of(caller), "dossier", "POST /v1/dossiers")
    assert request.parent == watched.traceparent[36:52]
    root = the(spans, "dossier", "dossier")
    assert (caller, request.id) in root.links
    assert trace_id_of(watched.by_hand) in {trace for trace, _ in request.links}
    second = the(spans, "dossier", "send dossier.status-changed", truc_version=2)
    assert second.parent == root.id, "a later step is in the dossier's trace, whoever asked for it"
    [(asked_in, asked_by)] = second.links
    action = next(each for each in watched.collector.spans if each.id == asked_by)
    assert action.trace == asked_in and action.name == "POST /v1/dossiers/{code}/actions"


def test_the_systems_are_in_the_trace_too(watched: Watched) -> None:
    spans = spans_of(watched, watched.by_systems)
    assert {"dossier", "civil", "sync", "portal", "population"} <= {each.service for each in spans}
    known = {each.id for each in spans}
    orphans = [each for each in spans if each.parent and each.parent not in known]
    assert not orphans, [(each.service, each.name) for each in orphans]
    asked = the(spans, "dossier", "send task.requested")
    taken = the(spans, "civil", "process task.requested")
    assert taken.parent == asked.id


def test_no_trace_names_anybody(watched: Watched) -> None:
    spans_of(watched, watched.by_systems)
    everything = b"".join(watched.collector.raw).decode("utf-8", errors="replace")
    assert [each for each in PLANTED if each in everything] == []
