"""The second process: real, killed, tired and shut down."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import psutil
import pytest

from contracts.problems import Problem
from services.bus.kit.importing.second import SecondProcess
from services.bus.kit.importing.sheet import Piece

pytestmark = pytest.mark.anyio

SHEETS = "tests.services.bus.kit.importing.sheets"


@pytest.fixture
async def second(anyio_backend: str) -> AsyncIterator[SecondProcess]:
    process = SecondProcess(SHEETS)
    yield process
    await process.aclose()


async def read(second: SecondProcess, *words: str) -> Piece:
    return await second.read(
        "".join(f"{word},\n" for word in words).encode(),
        "word",
        "csv",
        ["word", "note"],
        import_id="i",
        first_line=1,
        today=date(2026, 1, 2),
        now=datetime(2026, 1, 2, tzinfo=UTC),
        dialect="sqlite",
    )


async def gone(pid: int) -> None:
    while psutil.pid_exists(pid):
        await asyncio.sleep(0.01)


async def test_answers_come_in_the_order_of_what_was_asked(second: SecondProcess) -> None:
    assert second.pid is None
    pieces = await asyncio.gather(*(read(second, f"w{number}", "loud") for number in range(20)))
    assert [piece.claims for piece in pieces] == [[(f"w{number}",), ("loud",)] for number in range(20)]
    big = await read(second, *(f"word{number}" for number in range(20_000)))
    assert len(big.lines) == 20_000


async def test_whoever_asks_no_longer_takes_nobodys_answer(second: SecondProcess) -> None:
    await read(second, "first")
    tasks = [asyncio.create_task(read(second, f"w{number}")) for number in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    assert (await tasks[1]).claims == [("w1",)]
    assert (await tasks[2]).claims == [("w2",)]


async def test_killed_it_is_started_again_and_nothing_is_lost(second: SecondProcess, tmp_path: Path) -> None:
    await read(second, "first")
    pid = second.pid
    pieces = await asyncio.gather(*(read(second, word) for word in ("a", f"once:{tmp_path / 'mark'}", "b", "c")))
    assert [piece.claims[0][0][:2] for piece in pieces] == ["a", "on", "b", "c"]
    assert second.pid not in (None, pid)
    assert second.pid is not None
    os.kill(second.pid, signal.SIGKILL)
    assert (await read(second, "after")).claims == [("after",)]


async def test_a_piece_it_dies_of_is_refused_and_the_next_is_read(second: SecondProcess) -> None:
    with pytest.raises(Problem) as refused:
        await read(second, "poison")
    assert refused.value.type.slug == "unavailable"
    assert (await read(second, "next")).claims == [("next",)]


async def test_an_error_of_ours_is_told_and_the_next_is_read(second: SecondProcess) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        await read(second, "bug")
    assert (await read(second, "next")).claims == [("next",)]


async def test_it_ends_when_it_has_rested_and_begins_again() -> None:
    second = SecondProcess(SHEETS, rest_s=1.0)
    try:
        await read(second, "one")
        pid = second.pid
        assert pid is not None
        await asyncio.wait_for(gone(pid), 20)
        assert second.pid is None
        assert (await read(second, "two")).claims == [("two",)]
    finally:
        await second.aclose()


async def test_closing_ends_it_and_signals_to_the_group_do_not(second: SecondProcess) -> None:
    await read(second, "one")
    pid = second.pid
    assert pid is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, number)
    assert (await read(second, "two")).claims == [("two",)]
    assert second.pid == pid
    await second.aclose()
    assert not psutil.pid_exists(pid)


async def test_it_does_not_outlive_a_service_that_is_killed(tmp_path: Path) -> None:
    program = f"""
import asyncio, os, signal
from services.bus.kit.importing.second import SecondProcess
from tests.services.bus.kit.importing.test_second import read
async def main():
    second = SecondProcess({SHEETS!r})
    await read(second, "one")
    print(second.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    await asyncio.wait_for(gone(int(done.stdout)), 20)
