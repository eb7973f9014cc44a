"""Dossiers for a benchmark: taken in through the API, moved by actions, and read back with the times of their way.

All are of the simplest procedure, handed in at the counter: three actions lead each from received (2) to result
returned (10), and every action is one status change for the portal.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import orjson

from bench.load import drive, get, percentile, post, run
from bench.mesh import Mesh
from deploy.local.errors import RunnerError
from services.bus.kit.ids import new_id

LIFE = ("start", "complete", "return_result")
CLIENTS = 32
STALLED_AFTER_S = 60.0
LOOK_EVERY_S = 0.05
STORED_WITHIN_S = 10.0


def new_dossiers(token: str, count: int) -> Iterator[bytes]:
    """Requests for `count` complete dossiers, each with an applicant and an Idempotency-Key of its own."""
    for number in range(count):
        body = {
            "procedure_code": "1.001570",
            "receiving_agency": "H08",
            "channel": "direct",
            "applicant": {
                "personal_id": f"052090{number % 1_000_000:06d}",
                "full_name": "Nguyễn Văn An",
                "date_of_birth": "1990-05-17",
                "phone": "0905123456",
                "email": "an@example.vn",
            },
            "form": {},
        }
        yield post("/v1/dossiers", orjson.dumps(body), token, Idempotency_Key=new_id())


def act(code: str, action: str, token: str) -> bytes:
    """The request for one action, with an Idempotency-Key of its own."""
    body = orjson.dumps({"action": action})
    return post(f"/v1/dossiers/{code}/actions", body, token, Idempotency_Key=new_id())


def life(codes: Sequence[str], token: str) -> Iterator[bytes]:
    """Every action of every dossier: all their first ones, then all their second ones, so that each dossier
    rests while the others have their turn."""
    for action, code in product(LIFE, codes):
        yield act(code, action, token)


class Acknowledgements:
    """How many statuses sync has had acknowledged since this was made."""

    def __init__(self, mesh: Mesh) -> None:
        self._http = mesh.client("sync")
        self._before = 0
        self._before = self.count()

    def count(self) -> int:
        answer = self._http.get("/v1/status").raise_for_status().json()
        return int(answer["acknowledged"]) - self._before

    def wait(self, wanted: int) -> None:
        """Return once so many are acknowledged; RunnerError when nothing moves any more."""
        last, moved_at = -1, time.monotonic()
        while (count := self.count()) < wanted:
            if count > last:
                last, moved_at = count, time.monotonic()
            if time.monotonic() - moved_at > STALLED_AFTER_S:
                raise RunnerError(f"only {count} of {wanted} statuses have reached the portal")
            time.sleep(LOOK_EVERY_S)
        self._http.close()


def take_in(mesh: Mesh, count: int) -> list[str]:
    """Take in dossiers and wait until the portal holds them; their codes."""
    codes: list[str] = []
    acknowledgements = Acknowledgements(mesh)
    requests = new_dossiers(mesh.token, count)
    load = run(
        drive(mesh.port("dossier"), requests, CLIENTS, lambda body: codes.append(orjson.loads(body)["code"]))
    )
    load.require(201)
    acknowledgements.wait(count)
    return sorted(codes)


@dataclass(frozen=True)
class Hops:
    """One status and its way, in seconds since 1970. `committed_at` is when the dossier service took the
    request up, so the commit itself is part of the way."""

    code: str
    version: int
    committed_at: float
    published_at: float
    received_at: float
    sent_at: float
    acknowledged_at: float

    @property
    def latency(self) -> float:
        return self.acknowledged_at - self.committed_at


LEGS = (
    ("commit to broker", "committed_at", "published_at"),
    ("broker to sync", "published_at", "received_at"),
    ("sync, its commit and turn", "received_at", "sent_at"),
    ("portal, both calls", "sent_at", "acknowledged_at"),
)


def hops(mesh: Mesh, codes: Iterable[str]) -> list[Hops]:
    """The way of every action's status of these dossiers, as sync has stored it. What was acknowledged a moment
    ago is stored a moment later, so that is waited for. Raises RunnerError for a status that has not arrived."""
    found: list[Hops] = []
    late: dict[str, str] = {}

    def note(body: bytes) -> None:
        lane = orjson.loads(body)
        steps = [step for step in lane["steps"] if step["version"] > 1]
        missing = [
            f"status {step['version']} has no {name}" for step in steps for name in _TIMES if not step[name]
        ]
        if missing:
            late[lane["code"]] = missing[0]
        else:
            found.extend(_hops(lane["code"], step) for step in steps)

    deadline = time.monotonic() + STORED_WITHIN_S
    wanted = list(codes)
    while True:
        late.clear()
        asked = (get(f"/v1/lanes/{code}", mesh.token) for code in wanted)
        run(drive(mesh.port("sync"), asked, 8, note)).require(200)
        if not late:
            return found
        wanted = list(late)
        if time.monotonic() > deadline:
            raise RunnerError(f"{wanted[0]}: {late[wanted[0]]}")
        time.sleep(LOOK_EVERY_S)


_TIMES = ("committed_at", "published_at", "received_at", "sent_at", "acknowledged_at")


def _hops(code: str, step: dict[str, object]) -> Hops:
    times = {name: datetime.fromisoformat(str(step[name])).timestamp() for name in _TIMES}
    return Hops(code, int(str(step["version"])), **times)


def legs(way: Sequence[Hops]) -> list[tuple[str, float, float]]:
    """Each leg of the way with its p50 and p99 in milliseconds."""
    result = []
    for name, begin, end in LEGS:
        seconds = [getattr(each, end) - getattr(each, begin) for each in way]
        result.append((name, percentile(seconds, 0.5) * 1000, percentile(seconds, 0.99) * 1000))
    return result
