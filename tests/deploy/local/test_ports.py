"""A port that is taken is found, and its holder is named."""

from __future__ import annotations

import os
import socket

import pytest

from deploy.local.errors import RunnerError
from deploy.local.ports import require_free, taken_ports


def test_a_taken_port_is_named_with_its_holder(base_port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", base_port)),
        pytest.raises(RunnerError, match="--base-port") as caught,
    ):
        require_free({base_port: "hub", base_port + 1: "portal"})
    [detail] = caught.value.details
    assert detail.startswith(f"port {base_port} (for hub) is held by pid {os.getpid()} (")


def test_free_ports_are_free_again_after_the_look(base_port: int) -> None:
    require_free({base_port: "hub"})
    assert taken_ports([base_port]) == []
    socket.create_server(("127.0.0.1", base_port)).close()
