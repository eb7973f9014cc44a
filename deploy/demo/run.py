"""One rehearsal on an axis that runs: citizens, dossiers, the wait for the portal, and the account.

It only adds: what is on the data folder already stays, and is not counted.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import httpx
from rich.console import Console

from contracts.times import vn_date
from deploy.demo import progress
from deploy.demo.accounting import Account
from deploy.demo.acks import Acks, listening
from deploy.demo.exports import add_up
from deploy.demo.figures import CITIZENS, DEFAULT_DOSSIERS, SEED
from deploy.demo.hands import BUSY, INSIST_S, Hands, Token
from deploy.demo.plan import plan
from deploy.demo.replay import Replay, Taken
from deploy.demo.report import Report, make_report
from deploy.local.client import Axis
from deploy.local.errors import RunnerError
from deploy.local.layout import write_whole
from services.bus.kit.ids import new_id
from services.population.generator import LoadRefusedError, households, load_households

LOOK_EVERY_S: Final = 0.25
PAUSE_S: Final = 0.5
LOADED: Final = "citizens-loaded"
"""The file that says that this data folder holds the generated citizens."""
PATIENCE_S: Final = 60.0
"""How long the portal may hold no more than before until it is not waited for any longer."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be rehearsed."""

    dossiers: int = DEFAULT_DOSSIERS
    seed: int = SEED


async def rehearse(axis: Axis, wish: Wish, console: Console) -> Report:
    """All of it, on the axis that runs. Raises RunnerError when it cannot be carried through."""
    began = time.monotonic()
    profile = await _require_stand_in(axis)
    statuses = await asyncio.to_thread(_planned_statuses, wish)
    totals = {
        progress.CITIZENS: CITIZENS,
        progress.DOSSIERS: wish.dossiers,
        progress.STATUSES: statuses,
        progress.PORTAL: statuses,
    }
    with progress.Shown(console, totals) as shown:
        await _load_citizens(axis, shown)
        async with listening(axis) as acks:
            before = await _portal_statuses(axis)
            started_at = datetime.now(UTC)
            taken = await _replay(axis, wish, acks, shown)
            complete = await _wait(axis, acks, taken, before, shown)
    account = Account(promised=dict(taken.statuses), promised_dossiers=taken.dossiers)
    await add_up(axis, account, started_at)
    account.close()
    return make_report(
        account,
        taken,
        acks,
        complete=complete,
        seed=wish.seed,
        profile=profile,
        started_at=started_at,
        citizens=CITIZENS,
        seconds=time.monotonic() - began,
    )


def _planned_statuses(wish: Wish) -> int:
    return sum(each.expected for each in plan(wish.dossiers, wish.seed))


async def _require_stand_in(axis: Axis) -> str:
    """The profile sync speaks. Raises RunnerError if it speaks to another portal than the stand-in here."""
    status = await _get(axis, "sync", "/v1/status")
    if status["portal"].rstrip("/") != axis.url("portal"):
        raise RunnerError(
            f"Sync sends to {status['portal']}, not to the stand-in portal at {axis.url('portal')}. "
            "A rehearsal must not fill a portal that others use: start the axis without TRUC_SYNC_PORTAL_URL."
        )
    return str(status["profile"])


async def _load_citizens(axis: Axis, shown: progress.Shown) -> None:
    mark, text = axis.layout.root / LOADED, f"{CITIZENS} citizens, seed {SEED}\n"
    if mark.exists() and mark.read_text(encoding="utf-8") == text:
        shown.set(progress.CITIZENS, CITIZENS)
        return
    deadline = time.monotonic() + INSIST_S
    while not await _loaded(axis, shown, last_try=time.monotonic() > deadline):
        await asyncio.sleep(PAUSE_S)
    write_whole(mark, text)


async def _loaded(axis: Axis, shown: progress.Shown, *, last_try: bool) -> bool:
    """Load them; False if population was not there for it. What went in before does no harm: each batch has its
    Idempotency-Key."""
    shown.set(progress.CITIZENS, 0)
    try:
        async with axis.client("population") as http:
            made = households(SEED, CITIZENS)
            await load_households(http, made, on_progress=partial(shown.add, progress.CITIZENS))
    except ExceptionGroup as group:
        first = group.exceptions[0]
        if isinstance(first, LoadRefusedError):
            raise RunnerError(
                f"The population service refused the generated citizens ({first}). "
                "If it holds other data, give the rehearsal a data folder of its own with --data-dir."
            ) from first
        if last_try:
            raise RunnerError(
                f"The population service did not take the citizens for {INSIST_S:.0f} s "
                f"({str(first) or type(first).__name__}). `truc status` says what is not ready."
            ) from first
        return False
    return True


async def _replay(axis: Axis, wish: Wish, acks: Acks, shown: progress.Shown) -> Taken:
    token, run = Token(axis), new_id()
    dossiers = plan(wish.dossiers, wish.seed, vn_date(datetime.now(UTC)))
    replay = Replay(dossiers, lambda: Hands(axis, token, run), acks, seed=wish.seed)
    task = asyncio.create_task(replay.run())
    try:
        while not task.done():
            await asyncio.wait([task], timeout=LOOK_EVERY_S)
            _show(shown, replay.taken, acks)
        return await task
    finally:
        task.cancel()


def _show(shown: progress.Shown, taken: Taken, acks: Acks) -> None:
    shown.set(progress.DOSSIERS, taken.dossiers)
    shown.set(progress.STATUSES, taken.all_statuses)
    shown.set(progress.PORTAL, acks.statuses)


async def _wait(axis: Axis, acks: Acks, taken: Taken, before: int, shown: progress.Shown) -> bool:
    """Until the portal holds every status and all is known of them. False once nothing has come for a minute."""
    held, last_news = -1, time.monotonic()
    while True:
        asked = time.monotonic()
        now_held = await _portal_statuses(axis) - before + acks.statuses + acks.verified.total()
        took = time.monotonic() - asked
        if now_held != held:
            held, last_news = now_held, time.monotonic()
        _show(shown, taken, acks)
        in_step = held - acks.statuses - acks.verified.total() >= taken.all_statuses
        if in_step and acks.statuses >= taken.all_statuses and acks.verified.total() >= taken.dossiers:
            return True
        if time.monotonic() - last_news > PATIENCE_S:
            return in_step
        await asyncio.sleep(max(LOOK_EVERY_S, 4 * took))


async def _portal_statuses(axis: Axis) -> int:
    return int((await _get(axis, "portal", "/v1/summary"))["statuses"])


async def _get(axis: Axis, name: str, path: str) -> Any:
    """Ask until it is answered, for a minute at most."""
    deadline = time.monotonic() + INSIST_S
    async with axis.client(name) as http:
        while True:
            try:
                answer = await http.get(path)
                if answer.is_success:
                    return answer.json()
                why, passing = f"HTTP {answer.status_code}", answer.status_code in BUSY
            except httpx.HTTPError as error:
                why, passing = type(error).__name__, True
            if not passing or time.monotonic() > deadline:
                raise RunnerError(f"{name} did not answer GET {path} ({why}). `truc status` says how it is.")
            await asyncio.sleep(PAUSE_S)
