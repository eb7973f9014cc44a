"""The two writes of the wire as commands in a transaction: whatever calls come, what is held is provable."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.pool import StaticPool

from contracts.portal import BATCH, DossiersCall, PortalProfile, ProgressCall
from contracts.status import is_legal_history
from gateway.portal.commands.common import Sender
from gateway.portal.commands.dossiers import SyncDossiers
from gateway.portal.commands.progress import UpdateProgress
from gateway.portal.models import Dossier, Refusal, Step, metadata
from gateway.portal.replies import Voice, WireReply
from services.bus.kit.tx import Tx
from tests.gateway.portal.conftest import CODE, NOW, hoso
from tests.gateway.portal.test_rules import Row, legal_histories

SENDER = Sender("H08", Voice(BATCH), NOW)


def database() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Tx]:
    """One batch, as the store commits it."""
    with Tx(engine, expire_on_commit=False) as tx:
        yield tx
        tx.flush()
        tx.run_later()
        tx.commit()


def create(tx: Tx, *dossiers: dict[str, Any], sender: Sender = SENDER) -> WireReply:
    return SyncDossiers(DossiersCall.model_validate({"data": dossiers}), sender)(tx)


def update(tx: Tx, *dossiers: dict[str, Any], sender: Sender = SENDER) -> WireReply:
    call = DossiersCall.model_validate({"isUpdating": "True", "data": dossiers})
    return SyncDossiers(call, sender)(tx)


def progress(tx: Tx, *rows: Row, code: str = CODE, sender: Sender = SENDER) -> WireReply:
    data = [{"MaHoSo": code, "ThoiDiemXuLy": at, "TrangThai": status} for at, status in rows]
    return UpdateProgress(ProgressCall.model_validate({"data": data}), sender)(tx)


def steps(tx: Tx, code: str = CODE) -> list[Row]:
    found = tx.execute(select(Step.at, Step.status).where(Step.code == code).order_by(Step.arrival))
    return [(at, status) for at, status in found]


def timed(rows: list[Row]) -> list[Row]:
    """Rows of the rule tests, whose times count seconds, on the clock of the wire."""
    start = int(NOW.strftime("%Y%m%d%H") + "0000")
    found = []
    for at, status in rows:
        minutes, seconds = divmod(int(at), 60)
        hours, minutes = divmod(minutes, 60)
        found.append((str(start + hours * 10_000 + minutes * 100 + seconds), status))
    return found


@given(legal_histories(), st.integers(0, 2**32), st.integers(1, 3), st.integers(1, 4))
def test_any_calls_of_a_history_leave_a_legal_one_and_count_the_rest(
    history: list[Row], seed: int, copies: int, most: int
) -> None:
    chance = random.Random(seed)
    rows = timed(history) * copies
    chance.shuffle(rows)
    calls = []
    while rows:
        size = chance.randint(1, most)
        calls.append(rows[:size])
        rows = rows[size:]
    engine = database()
    with transaction(engine) as tx:
        create(tx, hoso())
    taken = 0
    while calls:  # several calls share a batch, as under load
        with transaction(engine) as tx:
            for call in calls[: chance.randint(1, 3)]:
                taken += len(call) if progress(tx, *call).error_code == "0" else 0
                calls.remove(call)
    with transaction(engine) as tx:
        held = steps(tx)
        dossier = tx.get_one(Dossier, CODE)
        arrivals = tx.scalars(select(Step.arrival).order_by(Step.arrival)).all()
        assert len(set(held)) == len(held) == dossier.steps
        assert is_legal_history(status for _, status in held)
        assert list(arrivals) == list(range(1, len(held) + 1))
        assert len(held) + dossier.duplicates_ignored + dossier.older_ignored == taken


@given(legal_histories(), st.data())
def test_sending_again_after_lost_replies_holds_the_history_and_counts_each_repeat(
    history: list[Row], data: st.DataObject
) -> None:
    rows = timed(history)
    engine = database()
    with transaction(engine) as tx:
        create(tx, hoso())
    sent = 0
    for end in range(1, len(rows) + 1):
        begin = data.draw(st.integers(0, end - 1))
        with transaction(engine) as tx:
            assert progress(tx, *rows[begin:end]).error_code == "0"
        sent += end - begin
    with transaction(engine) as tx:
        assert steps(tx) == rows
        dossier = tx.get_one(Dossier, CODE)
        assert (dossier.duplicates_ignored, dossier.older_ignored) == (sent - len(rows), 0)


def test_a_call_with_one_bad_row_does_nothing_at_all() -> None:
    other = "H08.31.28-230315-0002"
    engine = database()
    with transaction(engine) as tx:
        create(tx, hoso(), hoso(other))
        data = [
            {"MaHoSo": CODE, "ThoiDiemXuLy": "20230315080000", "TrangThai": "2"},
            {"MaHoSo": other, "ThoiDiemXuLy": "20230315080000", "TrangThai": "9"},
        ]
        reply = UpdateProgress(ProgressCall.model_validate({"data": data}), SENDER)(tx)
    assert reply.error_code == "-1"
    assert reply.result == [
        {
            "MaHoSo": other,
            "ViTri": "data[1]",
            "MoTa": 'TrangThai đầu tiên phải là 1 hoặc 2, không thể là 9 "Đã xử lý xong"',
        }
    ]
    with transaction(engine) as tx:
        assert steps(tx) == steps(tx, other) == []
        assert tx.scalar(select(func.count()).select_from(Refusal)) == 1


def test_creating_what_exists_is_refused_with_the_profiles_code() -> None:
    engine = database()
    with transaction(engine) as tx:
        assert create(tx, hoso()).error_code == "0"
        new = "H08.31.28-230315-0009"
        seven = Sender("H08", Voice(PortalProfile(existing_code="-3")), NOW)
        reply = create(tx, hoso(new), hoso(), sender=seven)
        assert reply.error_code == "-3"
        assert "đã tồn tại" in reply.message
        assert [each["MaHoSo"] for each in reply.result] == [CODE]
        assert update(tx, hoso(new)).error_code == "-1", "the refused call must not have created it"


def test_the_same_code_twice_in_a_call_is_a_duplicate() -> None:
    with transaction(database()) as tx:
        assert create(tx, hoso(), hoso()).error_code == "1"
        assert update(tx, hoso()).error_code == "-1"


def test_an_update_moves_on_repeats_or_is_late_but_never_goes_back() -> None:
    with transaction(database()) as tx:
        create(tx, hoso(status=2))
        for status, code in ((4, "0"), (4, "0"), (9, "0"), (4, "0"), (1, "-1"), (10, "0")):
            reply = update(tx, hoso(status=status, ChuHoSo=f"at {status}"))
            assert reply.error_code == code, (status, reply)
        tx.flush()
        tx.run_later()
        dossier = tx.get_one(Dossier, CODE)
        assert (dossier.status, dossier.older_ignored) == (10, 1)


def test_an_illegal_update_names_both_statuses() -> None:
    with transaction(database()) as tx:
        create(tx, hoso(status=3))
        message = update(tx, hoso(status=4)).message
    assert "Không được tiếp nhận" in message
    assert "Đang xử lý" in message


def test_another_units_dossier_is_not_touched() -> None:
    stranger = Sender("H20", Voice(BATCH), NOW)
    with transaction(database()) as tx:
        create(tx, hoso())
        assert update(tx, hoso(status=4), sender=stranger).error_code == "-1"
        assert progress(tx, ("20230315080000", 2), sender=stranger).error_code == "-1"
        assert steps(tx) == []


def test_rows_tell_when_they_came_and_how_late() -> None:
    engine = database()
    later = Sender("H08", Voice(BATCH), NOW + timedelta(seconds=3))
    with transaction(engine) as tx:
        create(tx, hoso())
        progress(tx, ("20230315090000", 2), sender=later)
    with transaction(engine) as tx:
        (step,) = tx.scalars(select(Step)).all()
        assert (step.received_at, step.lag_ms, step.arrival) == (later.now, 3_250, 1)


def test_a_batch_looks_everything_up_at_once() -> None:
    engine = database()
    codes = [f"H08.31.28-230315-{number:04d}" for number in range(1, 40)]
    with transaction(engine) as tx:
        create(tx, *(hoso(code) for code in codes))
    commands = [
        UpdateProgress(
            ProgressCall.model_validate(
                {"data": [{"MaHoSo": code, "ThoiDiemXuLy": "20230315080000", "TrangThai": "2"}]}
            ),
            SENDER,
        )
        for code in codes
    ]
    statements: list[str] = []
    with transaction(engine) as tx:
        UpdateProgress.prepare(tx, commands)
        driver: Any = tx.connection().connection.driver_connection
        driver.set_trace_callback(statements.append)
        assert {command(tx).error_code for command in commands} == {"0"}
        assert statements == []
