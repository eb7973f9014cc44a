"""The service's side of the second process: started by the first piece, ended when it has rested.

Reading a row takes as long as writing it; in a process of its own both go on at once. If it dies, what was asked
of it is asked of a new one, once.
"""

from __future__ import annotations

import asyncio
import marshal
import os
import sys
from collections import deque
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import structlog

from contracts.problems import UNAVAILABLE, Problem
from services.bus.kit.importing.sheet import Piece

log = structlog.get_logger(__name__)

REST_S: Final = 60.0
ENDED_WITHIN_S: Final = 10.0
_BUFFER: Final = 1 << 20


class SecondProcess:
    """Reads pieces with the sheets of a module. Close it at the end of the service."""

    def __init__(self, module: str, *, rest_s: float = REST_S) -> None:
        self._module = module
        self._rest_s = rest_s
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._asked: deque[asyncio.Future[bytes]] = deque()
        self._starting = asyncio.Lock()
        self._resting: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process is not None else None

    async def read(
        self,
        data: bytes,
        kind: str,
        form: str,
        columns: list[str],
        *,
        import_id: str,
        first_line: int,
        today: date,
        now: datetime,
        dialect: str,
    ) -> Piece:
        """What whole lines hold. Raises UNAVAILABLE if the process dies of it twice."""
        asked = (kind, form, columns, import_id, first_line, today.isoformat(), now.isoformat(), dialect, data)
        message = marshal.dumps(asked)
        for last in (False, True):
            try:
                answer = await self._ask(len(message).to_bytes(4, "big") + message)
            except ConnectionError:
                log.warning("importing.second-process-died", again=not last)
                continue
            found: Any = await asyncio.to_thread(marshal.loads, answer)
            if isinstance(found, str):
                raise RuntimeError(f"the second process: {found}")
            return Piece(*found)
        raise Problem(UNAVAILABLE, what="file reader", retry_after=1)

    async def aclose(self) -> None:
        """End it."""
        if self._resting is not None:
            self._resting.cancel()
        process, listening = self._process, self._listening
        if process is None or listening is None:
            return
        self._let_go()
        try:
            await asyncio.wait_for(asyncio.shield(listening), ENDED_WITHIN_S)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await listening

    async def _ask(self, message: bytes) -> bytes:
        async with self._starting:
            if self._process is None:
                await self._start()
            process = self._process
        assert process is not None and process.stdin is not None
        if self._resting is not None:
            self._resting.cancel()
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        process.stdin.write(message)
        with suppress(ConnectionError):  # the answer says so
            await process.stdin.drain()
        try:
            return await answer
        finally:
            if not self._asked:
                self._rest()

    async def _start(self) -> None:
        if self._listening is not None:
            await self._listening
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "services.bus.kit.importing.child", self._module),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_BUFFER,
        )
        self._listening = asyncio.create_task(self._listen(self._process), name="second-process")

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = int.from_bytes(await process.stdout.readexactly(4), "big")
                answer = await process.stdout.readexactly(size)
                asked = self._asked.popleft()
                if not asked.done():
                    asked.set_result(answer)
        if self._process is process:
            self._process = None
        while self._asked:
            asked = self._asked.popleft()
            if not asked.done():
                asked.set_exception(ConnectionResetError())
        await process.wait()

    def _rest(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        self._resting = asyncio.get_running_loop().call_later(self._rest_s, self._let_go)

    def _let_go(self) -> None:
        """Close its input: it ends when it has read what is there."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
