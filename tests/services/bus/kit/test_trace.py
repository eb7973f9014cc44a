"""Trace context: the trace of a dossier follows from its code, and what is announced about it belongs there."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from contracts.envelope import Event
from contracts.events.dossier import RunEnded
from contracts.events.population import CitizenChanged
from services.bus.kit import spans
from services.bus.kit.outbox import begin_trace, emit
from services.bus.kit.store import Store
from services.bus.kit.tables import KitBase
from services.bus.kit.trace import child_of, parse, root_of, trace_id_of, tracing, way_of
from services.bus.kit.tx import Tx

pytestmark = pytest.mark.anyio

CODE, OTHER_CODE = "H08.31.21-230103-0001", "H08.31.21-230103-0002"
NOW = datetime(2023, 3, 1, tzinfo=UTC)
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_the_trace_of_a_dossier_is_always_the_same_and_its_own() -> None:
    assert parse(root_of(CODE)) == trace_id_of(CODE)
    assert root_of(CODE) == "00-" + root_of(CODE)[3:] and root_of(CODE) != root_of(OTHER_CODE)
    assert trace_id_of(CODE) == "98c9db5e2513a317eaf2a555b39c831f", "it is in the logs of years"


def test_what_is_about_a_dossier_crosses_into_its_trace_and_what_is_not_stays() -> None:
    with tracing(CALLER):
        assert way_of(None) == (CALLER, None)
        assert way_of(CODE) == (root_of(CODE), CALLER)
    below = child_of(root_of(CODE))
    with tracing(below):
        assert way_of(CODE) == (below, None)
        assert way_of(OTHER_CODE) == (root_of(OTHER_CODE), below)
    assert way_of(CODE) == (root_of(CODE), None)
    assert way_of(None) == (None, None)


def ended(code: str) -> RunEnded:
    return RunEnded(code=code, procedure_code="1", receiving_agency="H08", outcome="completed", parts={}, at=NOW)


async def announced(store: Store, *, fail: bool = False) -> list[Event]:
    found: list[Event] = []

    def command(tx: Tx) -> None:
        begin_trace(tx, CODE)
        emit(tx, ended(CODE), key=f"{CODE}/run", version=1, at=NOW)
        emit(tx, CitizenChanged(personal_id="052090000123", changed=(), at=NOW), key="k", version=1, at=NOW)
        found.extend(Event.model_validate_json(each.payload) for each in tx.announced)
        if fail:
            raise RuntimeError("not to be")

    with tracing(CALLER):
        await store.write(command)
    return found


@pytest.fixture
async def store(database_url: str) -> Store:
    store = Store(database_url, source="/truc/dossier")
    KitBase.metadata.create_all(store.writer)
    return store


async def test_without_a_collector_the_ids_go_along_and_nothing_is_made(store: Store) -> None:
    assert spans.recorder is None
    async with store:
        about, other = await announced(store)
    assert about.traceparent == root_of(CODE)
    assert other.traceparent == CALLER
    assert about.about_dossier() == CODE and other.about_dossier() is None


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(spans, "recorder", spans.Recorder("test", SimpleSpanProcessor(exporter)))
    return exporter


def ids(span: ReadableSpan) -> tuple[str, str, str]:
    """Trace, own id, parent."""
    assert span.context is not None
    parent = "" if span.parent is None else f"{span.parent.span_id:016x}"
    return f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}", parent


async def test_spans_are_told_after_the_commit_with_the_ids_the_events_carry(
    store: Store, exported: InMemorySpanExporter
) -> None:
    async with store:
        about, other = await announced(store)
    told = {span.name: span for span in exported.get_finished_spans()}
    assert about.traceparent is not None and other.traceparent is not None
    assert ids(told["dossier"]) == (trace_id_of(CODE), root_of(CODE)[36:52], "")
    assert ids(told["send dossier.run-ended"]) == (
        trace_id_of(CODE),
        about.traceparent[36:52],
        root_of(CODE)[36:52],
    )
    assert ids(told["send population.citizen-changed"]) == (CALLER[3:35], other.traceparent[36:52], CALLER[36:52])
    for name in ("dossier", "send dossier.run-ended"):
        [link] = told[name].links
        assert f"{link.context.span_id:016x}" == CALLER[36:52]
    everything = " ".join(f"{span.name} {dict(span.attributes or {})}" for span in told.values())
    assert "052090000123" not in everything and CODE in everything


async def test_what_was_rolled_back_is_not_told(store: Store, exported: InMemorySpanExporter) -> None:
    async with store:
        with pytest.raises(RuntimeError):
            await announced(store, fail=True)
    assert exported.get_finished_spans() == ()


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_of_so_many_traces_spans_are_made_and_every_process_chooses_the_same(share: float) -> None:
    kept = []
    for _ in range(2):
        exporter = InMemorySpanExporter()
        recorder = spans.Recorder("test", SimpleSpanProcessor(exporter), share)
        for number in range(1_000):
            traceparent = root_of(f"H08-230103-{number:04d}")
            recorder.tell("x", "internal", traceparent, None, 1, {})
            recorder.tell("y", "internal", child_of(traceparent), traceparent, 1, {})
        kept.append([ids(span)[0] for span in exporter.get_finished_spans()])
    assert kept[0] == kept[1]
    assert len(kept[0]) == pytest.approx(2_000 * share, abs=120)
    assert all(kept[0].count(trace) == 2 for trace in set(kept[0][:50]))


def test_it_is_imported_only_where_spans_are_wanted() -> None:

    program = (
        "import sys, services.dossier.app; print([m for m in sys.modules if m.startswith('opentelemetry.sdk')])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"


def test_processes_forked_from_one_draw_different_ids() -> None:
    """`truc up` forks the services from one process that has imported all of this."""
    drawn = set()
    for _ in range(3):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, child_of(None).encode())
            os._exit(0)
        os.waitpid(child, 0)
        drawn.add(os.read(reader, 100))
        os.close(reader)
        os.close(writer)
    drawn.add(child_of(None).encode())
    assert len(drawn) == 4
