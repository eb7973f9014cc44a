"""Which ports are taken, and by whom, before anything is started.

A look only: the port is opened for an instant with the flags a server uses, and closed again.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from deploy.local.errors import RunnerError

LOCAL = "127.0.0.1"


def require_free(wanted: Mapping[int, str]) -> None:
    """Raises RunnerError naming each port that is taken, its holder if it can be seen, and what to do."""
    taken = taken_ports(wanted)
    if not taken:
        return
    holders = holders_of(taken)
    details = [f"port {port} (for {wanted[port]}) is held by {holders[port]}" for port in taken]
    some = "One port is" if len(taken) == 1 else f"{len(taken)} ports are"
    raise RunnerError(
        f"{some} in use already. Stop what holds them, or choose other ports with --base-port NUMBER.",
        details=details,
    )


def taken_ports(ports: Iterable[int]) -> list[int]:
    """Those that cannot be listened on at 127.0.0.1, in order."""
    return [port for port in sorted(ports) if not _is_free(port)]


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCAL, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def holders_of(ports: Iterable[int]) -> dict[int, str]:
    """Who listens on each port, as far as this user may see it."""
    found = dict.fromkeys(ports, "a process that this user cannot see")
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.Error:  # macOS lets only root look
        return found
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.pid:
            port = connection.laddr.port
            if port in found:
                found[port] = _describe(connection.pid)
    return found


def _describe(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        program, *arguments = process.cmdline() or [process.name()]
        command = " ".join([Path(program).name, *arguments])
    except psutil.Error:
        return f"pid {pid}"
    return f"pid {pid} ({command if len(command) <= 60 else command[:57] + '...'})"
