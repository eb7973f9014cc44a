"""Starts services out of one process that has already loaded what all of them need.

Importing the libraries takes each service longer, and more memory, than its own code; a fork has both for nothing.
Run as `python -m deploy.local.nursery`. It reads one JSON line a service from stdin (`id`, `module`, `env`, `log`)
and writes one for each birth (`id`, `pid`) and each death (`pid`, `code`, as subprocess counts them). The kernel
ties it to the supervisor, and its children to it: whoever dies, nothing stays behind.

Nothing here may start a thread or draw a random number before a fork, or children would share it.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import sys
from contextlib import suppress
from typing import Any, Final

from deploy.local.child import PR_SET_PDEATHSIG

COMMON: Final = (
    "contracts.catalogue.agencies",
    "contracts.catalogue.plans",
    "contracts.catalogue.procedures",
    "contracts.catalogue.units",
    "contracts.civil",
    "contracts.events",
    "contracts.land",
    "contracts.population",
    "contracts.portal",
    "contracts.results",
    "contracts.tasks",
    "jsonschema",
    "pydantic_settings",
    "services.bus.kit.desk",
    "services.bus.kit.service",
    "services.bus.kit.serving",
    "services.bus.kit.shortcut",
    "sqlalchemy.dialects.sqlite",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
)
"""Loaded once, for all. Nothing of a single service: its metrics would show in every process."""

_SOFTWARE_ERROR: Final = 70


def main() -> None:
    for name in COMMON:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    Nursery().run()


class Nursery:
    """The loop: requests in, births and deaths out."""

    def __init__(self) -> None:
        self._wakes, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._unread = b""

    def run(self) -> None:
        """Serve until stdin closes."""
        with selectors.DefaultSelector() as selector:
            selector.register(0, selectors.EVENT_READ)
            selector.register(self._wakes, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                if self._wakes in ready:
                    os.read(self._wakes, 4_096)
                    self._bury()
                if 0 in ready and not self._listen():
                    return

    def _listen(self) -> bool:
        read = os.read(0, 1 << 20)
        *lines, self._unread = (self._unread + read).split(b"\n")
        for line in lines:
            wanted = json.loads(line)
            _tell({"id": wanted["id"], "pid": self._bear(wanted)})
        return bool(read)

    def _bear(self, wanted: dict[str, Any]) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            code = _SOFTWARE_ERROR
            try:
                _become(wanted, parent)
                code = _run(wanted["module"])
            finally:
                os._exit(code)  # never back into the nursery's own loop
        with suppress(OSError):  # here too: whoever hears of the birth may signal its group at once
            os.setpgid(pid, pid)
        return pid

    def _bury(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            _tell({"pid": pid, "code": os.waitstatus_to_exitcode(status)})


def _tell(event: dict[str, Any]) -> None:
    os.write(1, json.dumps(event).encode() + b"\n")


def _become(wanted: dict[str, Any], parent: int) -> None:
    """Be a process of one's own: group, signals, files, environment, and the kernel's word to die with it."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    os.setpgid(0, 0)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(wanted["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.closerange(3, 64)
    os.environ.clear()
    os.environ.update(wanted["env"])


def _run(module: str) -> int:
    """What `python -m module` does; its exit code."""
    sys.argv = [module]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        sys.stderr.write(f"{ended.code}\n")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    main()
