"""`truc bench reconciliation`: how long it takes to say that all dossiers are there and the same, and to find and
repair one that is not, beside the full scan of the same sides.

The dossiers are really there, on every side (see `filling`). One vanishes from the portal and one step from sync's
memory, in the databases themselves.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from bench.dossiers import LIFE, act, take_in
from bench.filling import SERVICES, code_of, fill
from bench.load import drive, run
from bench.mesh import Mesh, cpu_note, folder, mesh
from bench.report import Figure
from deploy.local.errors import RunnerError

SETTINGS: Final = ("TRUC_SYNC_COMPARE_EVERY_S=0", "TRUC_SYNC_STILL_S=1", "TRUC_SYNC_SETTLE_S=3")
FOUND_WITHIN_S: Final = 30.0
PATIENCE_S: Final = 900.0
LOOK_EVERY_S: Final = 0.2
Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """Seconds of each part."""

    dossiers: int
    rows: int
    whole_s: float
    scan_s: float
    found_s: dict[str, float]
    looked_into: int
    repaired_s: float
    cpu: str

    def figures(self) -> list[Figure]:
        return [
            Figure("all there and the same", self.whole_s, "s", self.scan_s),
            *(
                Figure(f"one lost {where}: found and named", seconds, "s", self.scan_s, FOUND_WITHIN_S)
                for where, seconds in self.found_s.items()
            ),
            Figure("repaired, and seen to be", self.repaired_s, "s"),
        ]

    def notes(self) -> list[str]:
        return [
            f"{self.dossiers:,} dossiers, {self.rows:,} rows on each side; to find one, the rows of "
            f"{self.looked_into} range(s) were read.",
            self.cpu,
        ]


def measure(dossiers: int, say: Say) -> Result:
    """One run on SQLite."""
    with folder() as place:
        data = place / "data"
        with mesh(data, SETTINGS) as ours:
            [code] = take_in(ours, 1)
            for action in LIFE:
                run(drive(ours.port("dossier"), iter([act(code, action, ours.token)]), 1)).require(200)
            _until(lambda: _is_done(ours, code))
        say(f"Filling {dossiers:,} dossiers into three databases.")
        for service in SERVICES:
            _forget_answers(data, service)
        fill(data, code, dossiers)
        say("Raising the mesh on them.")
        with mesh(data, SETTINGS) as ours, ours.client("sync") as sync:
            return _measured(ours, sync, data, dossiers, say)


def _measured(ours: Mesh, sync: httpx.Client, data: Path, dossiers: int, say: Say) -> Result:
    time.sleep(2)
    say("Comparing everything.")
    before = ours.cpu_seconds()
    whole_s, state = _compared(sync)
    cpu = cpu_note(before, ours.cpu_seconds(), dossiers).replace("a status", "a dossier")
    last = state["last"]
    if not last["equal"]:
        raise RunnerError("the sides differ before anything was taken away")
    say("The full scan of the same.")
    scan_s = _scanned(sync)
    chance = random.Random(766)
    found_s, looked_into = {}, 0
    losses: dict[str, Callable[[str], None]] = {
        "at the portal": lambda code: _delete(data, "portal", code, "steps", "dossiers"),
        "from sync's memory": lambda code: _delete(data, "sync", code, "steps"),
    }
    ids = []
    for where, lose in losses.items():
        code = code_of(chance.randrange(1, dossiers))
        lose(code)
        began = time.monotonic()
        _, state = _compared(sync)
        named = sync.get("/v1/reconciliation/differences", params={"state": "open", "code": code}).json()["items"]
        found_s[where] = time.monotonic() - began
        if not named:
            raise RunnerError(f"{code} was lost {where} and not found")
        looked_into = state["last"]["looked_into"]
        ids.append(named[0]["id"])
        say(f"{code}, lost {where}, was found.")
        repaired = time.monotonic()
        sync.post(f"/v1/reconciliation/differences/{ids[-1]}/repair").raise_for_status()
        _until(lambda: sync.get("/v1/reconciliation").json()["open"] == 0 == _repairing(sync))
        repaired_s = time.monotonic() - repaired
    rows = last["counts"]["province"]["rows"]
    return Result(dossiers, rows, whole_s, scan_s, found_s, looked_into, repaired_s, cpu)


def _compared(sync: httpx.Client) -> tuple[float, dict[str, Any]]:
    """A whole comparison begun now: seconds, and the state after it."""
    last = sync.get("/v1/reconciliation").raise_for_status().json()["last"]
    before = "" if last is None else last["started_at"]
    began = time.monotonic()
    sync.post("/v1/reconciliation/compare").raise_for_status()

    def done() -> dict[str, Any] | None:
        state: dict[str, Any] = sync.get("/v1/reconciliation").json()
        if state["error"]:
            raise RunnerError(f"the comparison stopped: {state['error']}")
        return state if state["last"] and state["last"]["started_at"] > before else None

    state = _until(done)
    return time.monotonic() - began, state


def _scanned(sync: httpx.Client) -> float:
    """The full reconciliation, as `truc reconcile` does it."""
    began = time.monotonic()
    place = sync.post("/v1/reconciliations").raise_for_status().headers["location"]
    _until(lambda: sync.get(place).json()["state"] != "running")
    return time.monotonic() - began


def _repairing(sync: httpx.Client) -> int:
    return int(sync.get("/v1/reconciliation").json()["repairing"])


def _delete(data: Path, service: str, code: str, *tables: str) -> None:
    """Behind everybody's back."""
    opened = sqlite3.connect(data / service / f"{service}.db", timeout=30)
    with contextlib.closing(opened) as database, database:
        for table in tables:
            database.execute(f"DELETE FROM {table} WHERE code = ?", (code,))


def _forget_answers(data: Path, service: str) -> None:
    """Stored answers of the one dossier are not multiplied: several of one dossier would be the same row."""
    with contextlib.closing(sqlite3.connect(data / service / f"{service}.db")) as database, database:
        database.execute("DELETE FROM axis_answers")


def _is_done(ours: Mesh, code: str) -> bool:
    """Everybody has written all he will write of it: the rows to be multiplied have to be final."""
    with ours.client("dossier") as dossier:
        steps = dossier.get(f"/v1/dossiers/{code}/timeline").json()["steps"]
        verification = dossier.get(f"/v1/dossiers/{code}").json()["verification"]
    acknowledged = [step for step in steps if step["sync"]["state"] == "acknowledged"]
    return len(acknowledged) == len(LIFE) + 1 and verification != "pending"


def _until(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        if time.monotonic() > deadline:
            raise RunnerError("nothing came of it in time")
        time.sleep(LOOK_EVERY_S)
    return found
