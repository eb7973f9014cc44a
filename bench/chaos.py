"""`python -m bench.chaos --rounds 20`: kill -9, round after round, in the middle of a run; then the proof.

Clients take in dossiers and move them on without a pause, each request under an Idempotency-Key of its own that
is repeated until it is answered. Each round kills one process (dossier, sync, portal, the broker, in turn) at a
moment drawn by a seed; the supervisor starts it again. At the end everything that was ever acknowledged to a
client must be in the province and on the portal: every dossier, every step, in order, once.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import orjson

from bench.mesh import Mesh, folder, mesh
from contracts.portal import parse_portal_time
from deploy.demo.accounting import Held, judge
from deploy.local.client import Axis
from services.bus.kit.ids import new_id

GIVE_UP_S = 30.0
"""What is not on the portal this long after the last kill counts as lost."""
VICTIMS = ("dossier", "sync", "portal", "nats")
WAY = ("start", "request_supplement", "supplement", "complete", "return_result")
NEW = {
    "procedure_code": "1.001570",
    "receiving_agency": "H08",
    "channel": "direct",
    "applicant": {"personal_id": "052090000123", "full_name": "Nguyễn Văn An", "date_of_birth": "1990-05-17"},
    "form": {},
}


@dataclass
class Promises:
    """What clients were told: by Idempotency-Key the dossier, and by dossier the newest version and status."""

    taken: dict[str, str] = field(default_factory=dict)
    newest: dict[str, tuple[int, int]] = field(default_factory=dict)
    answers: int = 0
    retries: int = 0


@dataclass
class Outcome:
    """What the proof found. All but `rounds` and the counts must be zero."""

    rounds: list[str]
    dossiers: int
    statuses: int
    retries: int
    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    broken_promises: int = 0
    findings: list[str] = field(default_factory=list)
    drained_s: float = 0.0

    @property
    def holds(self) -> bool:
        return not (self.lost or self.duplicated or self.out_of_order or self.broken_promises)


async def run(
    running: Mesh, rounds: int, *, seed: int, clients: int = 6, between_s: tuple[float, float] = (1.5, 3.0)
) -> Outcome:
    """Drive, kill, and prove."""
    chance = random.Random(seed)
    promises = Promises()
    stop = asyncio.Event()
    async with httpx.AsyncClient(
        base_url=running.url("dossier"),
        headers={"Authorization": f"Bearer {running.token}"},
        timeout=10,
        trust_env=False,
    ) as http:
        workers = [asyncio.create_task(_client(http, promises, stop)) for _ in range(clients)]
        lines = []
        for number in range(rounds):
            await _answered(promises, promises.answers + 30)  # whoever died before is back at work
            await asyncio.sleep(chance.uniform(*between_s))
            victim = VICTIMS[number % len(VICTIMS)]
            before = promises.answers
            pid = await _kill(running, victim)
            line = f"round {number + 1:2}: kill -9 {victim} (pid {pid}) after {before} answers"
            lines.append(line)
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        await asyncio.sleep(between_s[1])
        stop.set()
        await asyncio.gather(*workers)
    began = time.monotonic()
    while True:
        await _drained(running)
        outcome = Outcome(
            lines, len(promises.taken), sum(v for v, _ in promises.newest.values()), promises.retries
        )
        outcome.drained_s = time.monotonic() - began
        await _prove(running, promises, outcome)
        if outcome.holds or outcome.drained_s > GIVE_UP_S:
            break
        await asyncio.sleep(0.5)
    return outcome


async def _client(http: httpx.AsyncClient, promises: Promises, stop: asyncio.Event) -> None:
    while not stop.is_set():
        key = new_id()
        taken = await _until_answered(http, "/v1/dossiers", NEW, key, promises)
        code = taken["code"]
        promises.taken[key] = code
        promises.newest[code] = (taken["version"], taken["status"])
        for action in WAY:
            if stop.is_set():
                return
            body = {"action": action, "note": "lý do"}
            done = await _until_answered(http, f"/v1/dossiers/{code}/actions", body, new_id(), promises)
            promises.newest[code] = (done["version"], done["status"])


async def _answered(promises: Promises, count: int) -> None:
    deadline = time.monotonic() + 90
    while promises.answers < count:
        if time.monotonic() > deadline:
            raise RuntimeError("no answers for a minute and a half: a process did not come back")
        await asyncio.sleep(0.05)


async def _until_answered(
    http: httpx.AsyncClient, path: str, body: Any, key: str, promises: Promises
) -> dict[str, Any]:
    """Send until there is an answer, always under the same key: a lost answer must not mean a second effect."""
    while True:
        try:
            response = await http.post(path, json=body, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            response = None
        if response is not None and response.status_code < 300:
            promises.answers += 1
            answer: dict[str, Any] = response.json()
            return answer
        if response is not None and response.status_code not in (401, 409, 503):
            raise RuntimeError(f"{path}: {response.status_code} {response.text}")
        promises.retries += 1
        await asyncio.sleep(0.05)


async def _kill(running: Mesh, name: str) -> int:
    """kill -9 the process of this name, once the supervisor has it running."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception):
            process = Axis.at(running.layout).state.process(name)
            if process is not None and process.pid is not None and process.phase == "running":
                os.kill(process.pid, signal.SIGKILL)
                return process.pid
        await asyncio.sleep(0.1)
    raise RuntimeError(f"{name} did not come back within a minute: {running.layout.log(name)}")


async def _drained(running: Mesh) -> None:
    """Wait until nothing seems to be on its way any more."""
    began = time.monotonic()
    quiet = 0
    async with httpx.AsyncClient(
        headers={"Authorization": f"Bearer {running.token}"}, timeout=10, trust_env=False
    ) as http:
        while quiet < 2:
            if time.monotonic() - began > 120:
                raise RuntimeError(f"not drained within two minutes; logs in {running.layout.root}")
            await asyncio.sleep(0.3)
            try:
                status = (await http.get(f"{running.url('sync')}/v1/status")).json()
                owed = [
                    float(line.rsplit(" ", 1)[1])
                    for line in (await http.get(f"{running.url('dossier')}/metrics")).text.splitlines()
                    if line.startswith("truc_axis_outbox_waiting ")
                ]
            except (httpx.HTTPError, ValueError):
                quiet = 0
                continue
            quiet = quiet + 1 if status.get("backlog") == 0 and owed == [0.0] else 0


async def _prove(running: Mesh, promises: Promises, outcome: Outcome) -> None:
    province = {row["code"]: row["steps"] for row in await _export(running, "dossier")}
    portal = {row["code"]: row for row in await _export(running, "portal")}
    for code, (version, status) in promises.newest.items():
        steps = province.get(code, [])
        if len(steps) < version or steps[version - 1][:2] != [version, status]:
            outcome.broken_promises += 1
            outcome.findings.append(f"{code}: version {version} was acknowledged, the province holds {steps}")
    if len(set(promises.taken.values())) != len(promises.taken):
        outcome.broken_promises += 1
        outcome.findings.append("two requests were answered with one dossier")
    # a client stopped between sending and being answered can leave one dossier more, never two for one key
    numbers = sorted(int(code.rsplit("-", 1)[1]) for code in province)
    if numbers != list(range(1, len(numbers) + 1)):
        outcome.broken_promises += 1
        outcome.findings.append("the daily sequence has a gap")
    for code in sorted(province.keys() | portal.keys()):
        rows = [(status, _second(at)) for _, status, at in province.get(code, [])]
        there = portal.get(code)
        seen = (there["status"], [(int(s), _wire_second(at)) for at, s, _ in there["steps"]]) if there else None
        verdict = judge(Held(code, rows, (len(rows), len(rows)), seen))
        outcome.lost += verdict.lost
        outcome.duplicated += verdict.duplicated
        outcome.out_of_order += verdict.out_of_order
        if verdict.why:
            outcome.findings.append(verdict.why)


async def _export(running: Mesh, name: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {running.token}"}
    async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as http:
        response = await http.get(f"{running.url(name)}/v1/export")
        response.raise_for_status()
        return [orjson.loads(line) for line in response.content.splitlines()]


def _second(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp())


def _wire_second(at: str) -> int:
    return int(parse_portal_time(at).timestamp())


def main() -> None:
    """Run the rounds on a mesh of their own and print the proof; exit 1 if it fails."""
    parser = argparse.ArgumentParser(description="kill -9 in the middle of a run, then the proof")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with folder() as data, mesh(data) as running:
        outcome = asyncio.run(run(running, chosen.rounds, seed=chosen.seed))
    print(f"acknowledged: {outcome.dossiers} dossiers, {outcome.statuses} statuses; sent again {outcome.retries}")
    print(f"drained in {outcome.drained_s:.1f} s")
    for finding in outcome.findings[:20]:
        print("finding:", finding)
    print(
        f"lost {outcome.lost}, duplicated {outcome.duplicated}, out of order {outcome.out_of_order}, "
        f"acknowledged but missing {outcome.broken_promises}"
    )
    sys.exit(0 if outcome.holds else 1)


if __name__ == "__main__":
    main()
