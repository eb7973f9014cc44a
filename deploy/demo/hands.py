"""The hands of a one-stop officer: takes in planned dossiers and carries out their steps, over the public API.
Dossiers that systems carry out are only looked after: papers and payments they ask for are brought.

Every call goes under an Idempotency-Key of its own, so that it can be repeated until it is answered: a service
that is being started again costs time, never a step. An answer the plan does not foresee ends the replay.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from contracts.status import Action, DossierStatus
from deploy.demo.cases import Call
from deploy.demo.courses import NOTES, RESULT_PDF, Step
from deploy.demo.plan import Planned
from deploy.demo.wire import Answer, Connection
from deploy.local.client import ONE_STOP, RENEW_BEFORE_S, TIMEOUT, Axis, find_member, read_token, token_request
from deploy.local.errors import RunnerError
from deploy.local.topology import HUB

INSIST_S: Final = 60.0
PAUSES_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
BUSY: Final = frozenset({409, 429, 502, 503, 504})
OTHER_NUMBERS: Final = 20
"""So many numbers are tried for a parcel."""
LOOK_AGAIN_S: Final = 0.02
MOST_BROUGHT: Final = 8
"""Who is asked for papers again and again, because none of them is what is wanted, gives up."""
NO_NEWS_S: Final = 20.0
"""A dossier that systems have not moved for so long is left as it is."""
_BROUGHT: Final = {
    DossierStatus.SUBMITTED: Action.RECEIVE,
    DossierStatus.SUPPLEMENT_REQUESTED: Action.SUPPLEMENT,
}
_PAID_AT: Final = frozenset({DossierStatus.SUBMITTED, DossierStatus.PAYMENT_REQUESTED, DossierStatus.COMPLETED})
ENDS: Final = frozenset({DossierStatus.RESULT_RETURNED, DossierStatus.SUSPENDED, DossierStatus.REFUSED})


class Token:
    """The one-stop shop's access token, renewed in time, for all hands together."""

    def __init__(self, axis: Axis) -> None:
        self._hub = axis.url(HUB)
        self._member = find_member(axis.layout, ONE_STOP)
        self._text = ""
        self._good_until = 0.0
        self._renewing = asyncio.Lock()

    async def current(self) -> str:
        if time.monotonic() < self._good_until:
            return self._text
        async with self._renewing:
            if time.monotonic() >= self._good_until:
                async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as http:
                    answer = await http.send(token_request(self._hub, self._member))
                self._text, lifetime = read_token(answer, self._member.client_id)
                self._good_until = time.monotonic() + lifetime - RENEW_BEFORE_S
        return self._text


@dataclass(slots=True)
class Open:
    """A dossier under way: how far it is. Before intake it has no code."""

    planned: Planned
    code: str = ""
    version: int = 0
    taken: int = 0
    ended: bool = False
    news_at: float = 0.0
    """When a dossier that systems carry out last came further."""

    @property
    def is_done(self) -> bool:
        if not self.code:
            return False
        return self.ended if self.planned.by_systems else self.taken == len(self.planned.steps)


class Hands:
    """One pair of hands: one call at a time. `run` makes its keys differ from those of other replays."""

    def __init__(self, axis: Axis, token: Token, run: str) -> None:
        self._token = token
        self._run = run
        self._dossier = Connection(axis.url("dossier"))
        self._population = Connection(axis.url("population"))
        self._land = Connection(axis.url("land"))

    async def go_on(self, dossier: Open) -> list[DossierStatus]:
        """Take the dossier in, or its next step, or look how far the systems are. Returns the statuses that came
        of it."""
        if dossier.code and dossier.planned.by_systems:
            return await self._look_after(dossier)
        status = await self._step(dossier)
        return [status] if status is not None else []

    async def _look_after(self, dossier: Open) -> list[DossierStatus]:
        """What became of a dossier that systems carry out; the citizen brings what they ask for."""
        if dossier.taken == 0 and dossier.planned.statuses[0] is DossierStatus.SUBMITTED:
            await self._bring(dossier, DossierStatus.SUBMITTED)
        answer = await self._insist(self._dossier, dossier, f"/v1/dossiers/{dossier.code}/timeline")
        steps = _expected(answer, 200)["steps"]
        new = [DossierStatus(step["status"]) for step in steps[dossier.version :]]
        dossier.version = len(steps)
        now = time.monotonic()
        if new:
            dossier.news_at = now
            if dossier.taken <= MOST_BROUGHT:
                await self._bring(dossier, new[-1])
        else:
            dossier.ended = now - dossier.news_at > NO_NEWS_S
            await asyncio.sleep(LOOK_AGAIN_S)
        return new

    async def _bring(self, dossier: Open, status: DossierStatus) -> None:
        path = f"/v1/dossiers/{dossier.code}"
        if status in _PAID_AT:
            _expected(await self._insist(self._dossier, dossier, f"{path}/payments", {"online": True}), 200)
            dossier.taken += 1
        action = _BROUGHT.get(status)
        if action is not None:
            body = {"action": action.value, "note": NOTES[action][0]}
            _expected(await self._insist(self._dossier, dossier, f"{path}/actions", body), 200)
        dossier.taken += 1
        dossier.ended = status in ENDS

    async def _step(self, dossier: Open) -> DossierStatus | None:
        if not dossier.code:
            status = dossier.planned.statuses[0]
            intake = await self._prepared(dossier)
            answer = await self._insist(self._dossier, dossier, "/v1/dossiers", intake)
            dossier.code = str(_expected(answer, 201, status, 1)["code"])
            dossier.version = 1
            dossier.news_at = time.monotonic()
            return status
        step = dossier.planned.steps[dossier.taken]
        path = f"/v1/dossiers/{dossier.code}"
        if step.kind == "act":
            answer = await self._insist(self._dossier, dossier, f"{path}/actions", step.body)
            _expected(answer, 200, step.leads_to, dossier.version + 1)
            dossier.version += 1
        elif step.kind == "pay":
            _expected(await self._insist(self._dossier, dossier, f"{path}/payments", step.body), 200)
        else:
            _expected(await self._attach(dossier, step), 201)
        dossier.taken += 1
        return step.leads_to

    async def _prepared(self, dossier: Open) -> dict[str, Any]:
        """What is handed in, once what has to be there before is there."""
        intake, case = dossier.planned.intake, dossier.planned.case
        for call in case.before if case is not None else ():
            assert case is not None
            made = await self._registered(dossier, call)
            filled = {name: made[member] for name, member in case.filled_in.items()}
            intake = {**intake, "form": {**intake["form"], **filled}}
        return intake

    async def _registered(self, dossier: Open, call: Call) -> dict[str, Any]:
        """The parcel registered; under another number if an earlier rehearsal on this data has used its own."""
        body, answer = call.body, Answer(0, b"")
        for number in range(OTHER_NUMBERS):
            answer = await self._insist(self._land, dossier, call.path, body, key=f"parcel-{number}")
            if answer.status != httpx.codes.CONFLICT:
                break
            body = {**body, "parcel_number": secrets.randbelow(99_999) + 1}
        return _expected(answer, 201)

    async def look_again(self, dossier: Open) -> str:
        """Check the applicant in the population data once more; the outcome."""
        intake = dossier.planned.intake
        who = intake["applicant"]
        check = {
            "request_id": f"{self._run}-{dossier.planned.number}"[:40],
            "procedure_code": intake["procedure_code"],
            "dossier": dossier.code,
            "agency": intake["receiving_agency"],
            "channel": intake["channel"],
            "personal_id": who["personal_id"],
            "full_name": who["full_name"],
            "date_of_birth": who["date_of_birth"],
        }
        answer = await self._insist(self._population, dossier, "/v1/identity-checks", check)
        return str(_expected(answer, 200)["results"][0]["outcome"])

    def close(self) -> None:
        self._dossier.close()
        self._population.close()
        self._land.close()

    async def _attach(self, dossier: Open, step: Step) -> Answer:
        path = f"/v1/dossiers/{dossier.code}/results?name={step.body['name']}"
        return await self._insist(self._dossier, dossier, path, RESULT_PDF, "application/pdf")

    async def _insist(
        self,
        connection: Connection,
        dossier: Open,
        path: str,
        body: dict[str, Any] | bytes | None = None,
        content_type: str = "application/json",
        key: str | None = None,
    ) -> Answer:
        """Repeat the call until it is answered, for a minute at most: a GET without a body, else a POST. `key`
        tells it from other calls about the same step."""
        step = dossier.taken if dossier.code else "new"
        key = f"{self._run}-{dossier.planned.number}-{key or step}"
        payload = body if isinstance(body, bytes) else orjson.dumps(body)
        deadline = time.monotonic() + INSIST_S
        for attempt in range(10_000):
            try:
                token = await self._token.current()
                if body is None:
                    answer = await connection.get(path, token=token)
                else:
                    answer = await connection.post(path, payload, token=token, key=key, content_type=content_type)
                if answer.status not in BUSY or _is_refusal(answer):
                    return answer
                why = f"HTTP {answer.status}"
            except (OSError, TimeoutError, httpx.HTTPError) as error:
                why = type(error).__name__
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(PAUSES_S[min(attempt, len(PAUSES_S) - 1)])
        raise RunnerError(
            f"{path} was not answered for {INSIST_S:.0f} s ({why}). `truc status` says what is not ready."
        )


def _is_refusal(answer: Answer) -> bool:
    """A conflict with the dossier's state, not with a call of the same key that is still running."""
    return answer.status == 409 and "idempotency" not in str(answer.json().get("type", ""))


def _expected(
    answer: Answer, http: int, status: DossierStatus | None = None, version: int | None = None
) -> dict[str, Any]:
    """The answer's body, if it is what the plan foresees. Raises RunnerError with what it says instead."""
    body = answer.json()
    if answer.status != http or not isinstance(body, dict):
        said = body.get("detail") or body.get("title") if isinstance(body, dict) else None
        errors = body.get("errors") or [] if isinstance(body, dict) else []
        details = [f"{each.get('field')}: {each.get('detail') or each.get('rule')}" for each in errors[:5]]
        raise RunnerError(
            f"A step of the replay was refused (HTTP {answer.status}): {said or 'no reason given'}",
            details=details,
        )
    for name, wanted in (("status", status), ("version", version)):
        if wanted is not None and body.get(name) != wanted:
            raise RunnerError(
                f"Dossier {body.get('code')} answered {name} {body.get(name)} where the plan foresees "
                f"{int(wanted)}. Does somebody else work on the dossiers of this replay?"
            )
    return body
