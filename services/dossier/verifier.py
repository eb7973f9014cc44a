"""Checks applicants' identities in the population data, in bulk, right after the commit.

A dossier never waits for population: it is taken, and checked as soon as population answers, now or tomorrow.
What is pending is known from the database; memory only makes it quick.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog
from sqlalchemy import select

from contracts.population import CheckOutcome, IdentityCheckResults
from services.bus.kit.http_errors import CallError, RefusedError
from services.bus.kit.ids import new_id
from services.bus.kit.service import Service
from services.bus.kit.tx import Tx
from services.dossier.commands.verification import record_verifications
from services.dossier.models import Dossier
from services.dossier.settings import DossierSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a check needs of one dossier."""

    code: str
    procedure_code: str
    agency: str
    channel: str
    personal_id: str
    full_name: str
    date_of_birth: date


class Verifier:
    """Sends what is pending to population and records the answers. `run` it as a task."""

    def __init__(self, service: Service, settings: DossierSettings) -> None:
        self.service = service
        self.settings = settings
        self._pending: deque[Applicant] = deque()
        self._wake = asyncio.Event()
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._incomplete = True

    def submit(self, applicant: Applicant) -> None:
        """Take note of a dossier that was just committed."""
        if len(self._pending) >= 50_000:
            self._incomplete = True  # the database still knows it
        else:
            self._pending.append(applicant)
        self._wake.set()

    async def outcome(self, code: str, seconds: float) -> None:
        """Wait until the dossier has been checked, but no longer than that."""
        waiting = self._waiting.setdefault(code, asyncio.get_running_loop().create_future())
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await asyncio.shield(waiting)
        finally:
            if not waiting.done():
                self._waiting.pop(code, None)

    async def run(self) -> None:
        """Check for ever; cancelled on shutdown."""
        while True:
            if not self._pending:
                await self._refill()
            if not self._pending:
                self._wake.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(5):
                        await self._wake.wait()
                continue
            batch = [
                self._pending.popleft() for _ in range(min(len(self._pending), self.settings.verification_batch))
            ]
            try:
                outcomes = await self._ask_all(batch)
                done = await self.service.store.write(record_verifications(outcomes, now=self.service.clock.now()))
            except CallError as error:
                log.info("verification.later", dossiers=len(batch), why=type(error).__name__)
                self._pending.clear()
                self._incomplete = True
                await asyncio.sleep(self.settings.verification_retry_s)
                continue
            for code in done:
                waiting = self._waiting.pop(code, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(None)

    async def _refill(self) -> None:
        """After a start, or after memory gave up: read what is pending from the database."""
        if not self._incomplete:
            return
        found = await self.service.store.read(_pending(1_000))
        self._incomplete = len(found) == 1_000
        self._pending.extend(found)

    async def _ask_all(self, batch: list[Applicant]) -> dict[str, str]:
        """The outcomes of a batch; if population refuses it as a whole, of each dossier by itself."""
        try:
            return await self._ask(batch)
        except RefusedError as refusal:
            if refusal.response.status_code in (401, 403):
                raise  # our credentials, not the applicant's data
            if len(batch) == 1:
                log.warning("verification.refused", status=refusal.response.status_code)
                return {batch[0].code: CheckOutcome.MISMATCHED.value}
        outcomes: dict[str, str] = {}
        for applicant in batch:
            outcomes |= await self._ask_all([applicant])
        return outcomes

    async def _ask(self, batch: list[Applicant]) -> dict[str, str]:
        by_request = {new_id(): applicant for applicant in batch}
        response = await self.service.http.post(
            f"{self.settings.population_url}/v1/identity-checks",
            json=[_check(request_id, applicant) for request_id, applicant in by_request.items()],
            idempotent=True,
            budget=10.0,
        )
        results = IdentityCheckResults.model_validate_json(response.content).results
        return {by_request[result.request_id].code: result.outcome.value for result in results}


def _check(request_id: str, applicant: Applicant) -> dict[str, Any]:
    return {
        "request_id": request_id,
        "procedure_code": applicant.procedure_code,
        "dossier": applicant.code,
        "agency": applicant.agency,
        "channel": applicant.channel,
        "personal_id": applicant.personal_id,
        "full_name": applicant.full_name,
        "date_of_birth": applicant.date_of_birth.isoformat(),
    }


def _pending(limit: int) -> Callable[[Tx], list[Applicant]]:
    def query(tx: Tx) -> list[Applicant]:
        columns = (
            Dossier.code,
            Dossier.procedure_code,
            Dossier.receiving_agency,
            Dossier.channel,
            Dossier.personal_id,
            Dossier.full_name,
            Dossier.date_of_birth,
        )
        rows = tx.execute(
            select(*columns).where(Dossier.verification == "pending").order_by(Dossier.code).limit(limit)
        )
        return [Applicant(*row) for row in rows]

    return query
