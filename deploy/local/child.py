"""Becomes the program named on its command line, after tying its life to the supervisor's.

Run as `python -I -S child.py SUPERVISOR_PID PROGRAM ARGUMENT...`. On Linux the kernel then kills this
process the moment the supervisor dies, however it dies (`PR_SET_PDEATHSIG`; the setting survives exec): a
`kill -9` of `truc up` leaves no orphan behind. The signal is SIGKILL because nothing may outlive its
supervisor, not even a process that hangs; every service must survive that signal anyway. A program of its
own, and not a function run between fork and exec, because the supervisor has threads. It imports nothing of
ours, so that it costs a few milliseconds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    supervisor, program, *rest = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != int(supervisor):  # it died before the kernel knew whom to watch
            sys.exit(1)
    os.execvp(program, [program, *rest])  # noqa: S606 -- becoming the given program is the point


if __name__ == "__main__":
    main(sys.argv[1:])
