"""The table of processes: it must agree with itself and with the code of the services it names."""

from __future__ import annotations

import importlib.util

import pytest

from contracts import scopes
from deploy.local.topology import (
    BROKER_MONITOR_OFFSET,
    BROKER_OFFSET,
    HUB,
    PEOPLE,
    PROCESSES,
    Process,
    by_name,
)

ALL = pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)


def test_names_and_ports_are_their_own() -> None:
    assert len(by_name(PROCESSES)) == len(PROCESSES)
    offsets = [process.offset for process in PROCESSES] + [BROKER_OFFSET, BROKER_MONITOR_OFFSET]
    assert len(set(offsets)) == len(offsets)
    assert by_name(PROCESSES)[HUB].offset == 0


@ALL
def test_what_a_process_needs_is_there(process: Process) -> None:
    assert set(process.needs) <= set(by_name(PROCESSES)) - {process.name}


@ALL
def test_its_module_can_be_run(process: Process) -> None:
    assert importlib.util.find_spec(f"{process.module}.__main__") is not None


@ALL
def test_its_consumers_carry_its_name(process: Process) -> None:
    assert all(consumer.name.startswith(f"{process.name}-") for consumer in process.consumers)


@ALL
def test_it_asks_for_scopes_that_exist(process: Process) -> None:
    assert process.scopes <= scopes.ALL


def test_the_one_stop_shop_may_do_everything_but_manage_members_and_operators() -> None:
    [one_stop] = [person for person in PEOPLE if person.client_id == "one-stop"]
    assert scopes.ALL - one_stop.scopes == {scopes.HUB_MEMBERS, scopes.HUB_OPERATORS}
