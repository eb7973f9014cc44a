"""Turns the table of processes into programs: the address, command line and environment of each.

What wins, from weakest to strongest: the defaults computed here, `TRUC_*` variables of the caller's
environment, values given with `--set`. The broker's address and the keys to it are never negotiable: they
belong to this run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.secrets import Account, Member
from deploy.local.supervisor import Launch
from deploy.local.topology import BROKER, BROKER_MONITOR_OFFSET, BROKER_OFFSET, HUB, Process

LOCAL = "127.0.0.1"
LAST_PORT = 65535
ANY_HOST = {"0.0.0.0", "::", ""}  # noqa: S104 -- recognised, not listened on
SOURCE_ROOT = Path(__file__).resolve().parents[2]
BROKER_URL = "TRUC_NATS_URL"
SEED_FILE = "NATS_NKEY_SEED_FILE"


class Address(NamedTuple):
    """Where a process listens, and the URL under which it is reached from this machine."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{LOCAL if self.host in ANY_HOST else self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one `truc up` runs: the broker first, then the services together."""

    base_port: int
    monitor_port: int
    broker: Launch
    services: tuple[Launch, ...]

    @property
    def ports(self) -> dict[int, str]:
        """Every port that must be free, and for whom.

        Raises RunnerError when two processes want the same one.
        """
        wanted = {self.broker.port: BROKER, self.monitor_port: f"{BROKER} monitor"}
        for launch in self.services:
            other = wanted.setdefault(launch.port, launch.name)
            if other != launch.name:
                raise RunnerError(
                    f"{launch.name} and {other} cannot both listen on port {launch.port}. "
                    f"Give one of them another: --set TRUC_{launch.name.upper()}_PORT=NUMBER."
                )
        return wanted


def make_plan(
    layout: Layout,
    processes: Sequence[Process],
    *,
    base_port: int,
    given: Mapping[str, str],
    broker_argv: tuple[str, ...],
    members: Sequence[Member],
    account: Account,
) -> Plan:
    """The plan for one run.

    `given` holds the `TRUC_*` values that come from outside, strongest already chosen.
    """
    nats_port, monitor_port = broker_ports(base_port)
    addresses = {process.name: _address(process, base_port, given) for process in processes}
    outside = {key: value for key, value in os.environ.items() if not key.startswith("TRUC_")}
    shared = {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(SOURCE_ROOT), os.environ.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
        "TRUC_HUB_URL": addresses.get(HUB, Address(LOCAL, base_port)).url,
        "TRUC_JWKS_FILE": str(layout.jwks),
        "TRUC_LOG_LEVEL": "INFO",
    }
    broker_url = f"nats://{LOCAL}:{nats_port}"
    placeholders = {
        "data_dir": str(layout.root),
        "members_file": str(layout.members),
        "portal_username": account.username,
        "portal_password": account.password,
    }
    secrets = {member.client_id: member.secret for member in members}

    def launch(process: Process) -> Launch:
        address = addresses[process.name]
        own = _defaults(process, layout, addresses, secrets[process.name], placeholders)
        owned = {BROKER_URL: broker_url}
        if process.on_axis:
            owned[process.prefix + SEED_FILE] = str(layout.seed(process.name))
        return Launch(
            name=process.name,
            argv=(sys.executable, "-P", "-m", process.module),
            env=outside | shared | own | _meant_for(process, processes, given) | owned,
            port=address.port,
            url=address.url,
            ready_url=f"{address.url}/readyz",
            log=layout.log(process.name),
            role=process.role,
            module=process.module,
        )

    broker = Launch(
        name=BROKER,
        argv=broker_argv,
        env=outside,
        port=nats_port,
        url=broker_url,
        ready_url=f"http://{LOCAL}:{monitor_port}/healthz",
        log=layout.log(BROKER),
        role="the broker of the axis",
    )
    return Plan(base_port, monitor_port, broker, tuple(launch(process) for process in processes))


def is_owned(key: str) -> bool:
    """Whether this variable belongs to the run, and nobody may set it."""
    return key == BROKER_URL or (key.startswith("TRUC_") and key.endswith(f"_{SEED_FILE}"))


def broker_ports(base_port: int) -> tuple[int, int]:
    """Client and monitor port of the broker.

    Raises RunnerError when the base port leaves no room for them.
    """
    if not 1024 <= base_port <= LAST_PORT - BROKER_MONITOR_OFFSET:
        raise RunnerError(
            f"{base_port} cannot be the base port: give --base-port a number "
            f"from 1024 to {LAST_PORT - BROKER_MONITOR_OFFSET}."
        )
    return base_port + BROKER_OFFSET, base_port + BROKER_MONITOR_OFFSET


def _address(process: Process, base_port: int, given: Mapping[str, str]) -> Address:
    host = given.get(process.prefix + "HOST", LOCAL)
    port = given.get(process.prefix + "PORT", str(base_port + process.offset))
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= LAST_PORT:
        raise RunnerError(f"{process.prefix}PORT={port} is not a port: give a number from 1 to {LAST_PORT}.")
    return Address(host, int(port))


def _defaults(
    process: Process,
    layout: Layout,
    addresses: Mapping[str, Address],
    secret: str,
    placeholders: Mapping[str, str],
) -> dict[str, str]:
    address, folder = addresses[process.name], layout.service(process.name)
    settings = {
        "HOST": address.host,
        "PORT": str(address.port),
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / process.name}.db",
        "CLIENT_ID": process.name,
        "CLIENT_SECRET": secret,
    }
    settings |= {f"{other.upper()}_URL": addresses[other].url for other in process.needs}
    known = {**placeholders, "url": address.url}
    settings |= {key: value.format_map(known) for key, value in process.settings.items()}
    return {process.prefix + key: value for key, value in settings.items()}


def _meant_for(process: Process, processes: Sequence[Process], given: Mapping[str, str]) -> dict[str, str]:
    """What was given for this process or for all of them: nobody gets to see another's secrets."""
    foreign = tuple(other.prefix for other in processes if other.name != process.name)
    return {
        key: value
        for key, value in given.items()
        if key.startswith(process.prefix) or key == f"TRUC_{HUB.upper()}_URL" or not key.startswith(foreign)
    }
