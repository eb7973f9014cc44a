"""Calls out: each case's in order, again and again until they are taken, or refused for what they say.

A call may arrive twice if its answer was lost: products then say "đã tồn tại", which counts as done.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from contracts.tasks import Answer
from services.bus.kit.desk import Desk
from services.bus.kit.http import HttpClient, Timeouts
from services.bus.kit.http_errors import CallError, RefusedError
from services.bus.kit.service import Service
from services.bus.kit.tx import Tx
from services.registry.land.models import Call, Case
from services.registry.land.settings import LandSettings
from services.registry.land.vbdlis import cases, wire

log = structlog.get_logger(__name__)

POLL_S: Final = 0.5
_TO_VBDLIS: Final = frozenset(each.__name__ for each in wire.TO_VBDLIS)
_AS_DONE: Final = ("đã tồn tại", "đã trả kết quả", "bị từ chối, không thể cập nhật")
_AGAIN: Final = ("server error", "soap fault", "chưa được gửi")
"""What products say when a repeat is harmless, and when it may succeed later (domain 3.4)."""


async def send_calls(service: Service) -> None:
    """Make what calls are due, for ever."""
    settings = service.settings
    assert isinstance(settings, LandSettings)
    timeouts = Timeouts(read=settings.vbdlis_timeout_s)
    async with HttpClient(timeouts=timeouts, connections=8) as http:
        while True:
            calls = await service.store.read(lambda tx: cases.due(tx, service.clock.now()))
            await asyncio.gather(*(_send(service, settings, http, call) for call in calls))
            if not calls:
                await asyncio.sleep(POLL_S)


async def _send(
    service: Service, settings: LandSettings, http: HttpClient, call: tuple[str, str, str, dict[str, Any]]
) -> None:
    call_id, _, verb, body = call
    base = settings.vbdlis_url if verb in _TO_VBDLIS else settings.onestop_url
    state, words = cases.WAITING, "nobody to call is configured"
    if base:
        state, words = await _outcome(http, f"{base.rstrip('/')}/{verb}", body, settings)
    if state != cases.DONE:
        log.warning("vbdlis.call-not-taken", verb=verb, state=state)
    desk: Desk = service.extra["desk"]
    pause = timedelta(seconds=settings.vbdlis_retry_s)
    await service.store.write(
        lambda tx: record(tx, call_id, state, words, desk, now=service.clock.now(), pause=pause)
    )


async def _outcome(http: HttpClient, url: str, body: dict[str, Any], settings: LandSettings) -> tuple[str, str]:
    shown = {"SecurityCode": settings.vbdlis_code, **body}
    try:
        answer = await http.post(url, json=shown, budget=settings.vbdlis_timeout_s)
        taken, words = wire.understood(answer.json())
    except RefusedError as error:
        return cases.REFUSED, error.reason
    except CallError as error:
        return cases.WAITING, error.reason
    except ValueError:
        return cases.WAITING, "the reply is no JSON"
    said = words.lower()
    if taken or any(each in said for each in _AS_DONE):
        return cases.DONE, words
    return (cases.WAITING if any(each in said for each in _AGAIN) else cases.REFUSED), words


def record(tx: Tx, call_id: str, state: str, words: str, desk: Desk, *, now: datetime, pause: timedelta) -> None:
    """Note how a call went. A dossier that VBDLIS will not take in is a refused task."""
    row = tx.find(Call, call_id)
    if row is None or row.state != cases.WAITING:
        return
    row.state, row.attempts, row.reply = state, row.attempts + 1, words[:500]
    row.next_at = now + min(pause * 2 ** min(row.attempts - 1, 10), pause * 100)
    case = tx.find(Case, row.receipt)
    if state == cases.REFUSED and row.verb == "TiepNhanHoSo" and case is not None and case.task_id is not None:
        vi = f"Phần mềm đất đai không tiếp nhận hồ sơ: {words}"[:1_900]
        en = f"The land software did not take the dossier: {words}"[:1_900]
        desk.answer(tx, case.task_id, Answer.refused("not-taken-in", vi, en))
