"""The supervisor's side of the nursery: asks for a service to be born, and hears of its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Protocol

CHILD_PROGRAM = Path(__file__).with_name("child.py")
MOST_BYTES_A_LINE = 1 << 20


class Running(Protocol):
    """A process as the supervisor sees it: asyncio's own, or one raised by the nursery."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int: ...


class Raised:
    """A process that was forked by the nursery."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._gone = asyncio.Event()

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        await self._gone.wait()
        assert self.returncode is not None
        return self.returncode

    def ended(self, code: int) -> None:
        """It has ended."""
        self.returncode = code
        self._gone.set()


class Nursery:
    """The process that services are forked from, started when the first one is asked for, and anew if it dies: all
    it raised die with it."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self._env = dict(env)
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._asked: dict[int, asyncio.Future[Raised]] = {}
        self._raised: dict[int, Raised] = {}
        self._ids = count(1)
        self._starting = asyncio.Lock()

    async def bear(self, module: str, env: Mapping[str, str], log: Path) -> Raised:
        """Start `python -m module` with this environment, writing to this log. Raises OSError if that fails."""
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self._start()
        assert self._process is not None and self._process.stdin is not None
        number = next(self._ids)
        born: asyncio.Future[Raised] = asyncio.get_running_loop().create_future()
        self._asked[number] = born
        wanted = {"id": number, "module": module, "env": dict(env), "log": str(log)}
        try:
            self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
            await self._process.stdin.drain()
            return await born
        finally:
            self._asked.pop(number, None)

    async def close(self) -> None:
        """End it; what it raised has to be stopped before."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        if self._listening is not None:
            await self._listening

    async def _start(self) -> None:
        if self._listening is not None:
            await self._listening
        tied = (sys.executable, "-I", "-S", str(CHILD_PROGRAM), str(os.getpid()))
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(*tied, sys.executable, "-P", "-m", "deploy.local.nursery"),
                env=self._env,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                process_group=0,
                limit=MOST_BYTES_A_LINE,
            )
        self._listening = asyncio.create_task(self._listen(self._process), name="nursery")

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            event = json.loads(line)
            if "code" in event:
                raised = self._raised.pop(event["pid"], None)
                if raised is not None:
                    raised.ended(event["code"])
                continue
            raised = self._raised[event["pid"]] = Raised(event["pid"])
            asked = self._asked.get(event["id"])
            if asked is not None and not asked.done():
                asked.set_result(raised)
        await process.wait()
        for raised in self._raised.values():  # the kernel has killed them with it
            raised.ended(-signal.SIGKILL)
        self._raised.clear()
        for asked in self._asked.values():
            if not asked.done():
                asked.set_exception(OSError(f"the nursery ended; its log: {self._log}"))
