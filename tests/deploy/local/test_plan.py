"""Environments and addresses: what each process is told, and what it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.plan import Plan, make_plan
from deploy.local.secrets import Account, Member
from deploy.local.topology import PROCESSES, Process

ACCOUNT = Account("binhdinh", "portal-password")


def plan(
    layout: Layout,
    given: Mapping[str, str] | None = None,
    *,
    base_port: int = 9000,
    processes: Sequence[Process] = PROCESSES,
) -> Plan:
    return make_plan(
        layout,
        processes,
        base_port=base_port,
        given=given or {},
        broker_argv=("nats-server",),
        members=[Member(process.name, "", f"secret-of-{process.name}", []) for process in processes],
        account=ACCOUNT,
    )


def environment(layout: Layout, name: str, given: Mapping[str, str] | None = None) -> Mapping[str, str]:
    [launch] = [launch for launch in plan(layout, given).services if launch.name == name]
    return launch.env


def test_a_service_is_told_where_it_listens_where_its_data_lie_and_who_it_is(layout: Layout) -> None:
    told = environment(layout, "dossier")
    assert told["TRUC_DOSSIER_HOST"] == "127.0.0.1"
    assert told["TRUC_DOSSIER_PORT"] == "9020"
    assert told["TRUC_DOSSIER_DATA_DIR"] == str(layout.root / "dossier")
    assert told["TRUC_DOSSIER_DATABASE_URL"] == f"sqlite:///{layout.root}/dossier/dossier.db"
    assert told["TRUC_DOSSIER_NATS_NKEY_SEED_FILE"] == str(layout.seed("dossier"))
    assert told["TRUC_DOSSIER_CLIENT_ID"] == "dossier"
    assert told["TRUC_DOSSIER_CLIENT_SECRET"] == "secret-of-dossier"
    assert told["TRUC_DOSSIER_POPULATION_URL"] == "http://127.0.0.1:9010"
    assert told["TRUC_NATS_URL"] == "nats://127.0.0.1:9222"
    assert told["TRUC_HUB_URL"] == "http://127.0.0.1:9000"
    assert told["TRUC_JWKS_FILE"] == str(layout.jwks)


def test_sync_and_the_portal_share_an_account(layout: Layout) -> None:
    sync, portal = environment(layout, "sync"), environment(layout, "portal")
    assert sync["TRUC_SYNC_PORTAL_URL"] == "http://127.0.0.1:9001"
    assert sync["TRUC_SYNC_USERNAME"] == portal["TRUC_PORTAL_SYNC_USERNAME"] == ACCOUNT.username
    assert sync["TRUC_SYNC_PASSWORD"] == portal["TRUC_PORTAL_SYNC_PASSWORD"] == ACCOUNT.password
    assert sync["TRUC_SYNC_UNIT"] == portal["TRUC_PORTAL_SYNC_UNIT"] == "H08"


def test_nobody_is_told_the_secrets_of_another(layout: Layout) -> None:
    given = {"TRUC_DOSSIER_DATABASE_URL": "postgresql://u:secret@h/d", "TRUC_LOG_LEVEL": "DEBUG"}
    told = environment(layout, "population", given)
    assert not [key for key in told if key.startswith(("TRUC_DOSSIER_", "TRUC_SYNC_"))]
    assert told["TRUC_LOG_LEVEL"] == "DEBUG"


def test_the_stand_in_portal_has_no_key_to_the_axis(layout: Layout) -> None:
    assert "TRUC_PORTAL_NATS_NKEY_SEED_FILE" not in environment(layout, "portal")


def test_a_given_value_wins_over_the_default(layout: Layout) -> None:
    told = environment(
        layout, "sync", {"TRUC_SYNC_PORTAL_URL": "https://portal.example", "TRUC_SYNC_PROFILE": "batch"}
    )
    assert told["TRUC_SYNC_PORTAL_URL"] == "https://portal.example"
    assert told["TRUC_SYNC_PROFILE"] == "batch"


def test_a_given_port_moves_the_process_and_whoever_calls_it(layout: Layout) -> None:
    made = plan(layout, {"TRUC_POPULATION_PORT": "9777", "TRUC_POPULATION_HOST": "0.0.0.0"})
    by_name = {launch.name: launch for launch in made.services}
    assert by_name["population"].ready_url == "http://127.0.0.1:9777/readyz"
    assert by_name["dossier"].env["TRUC_DOSSIER_POPULATION_URL"] == "http://127.0.0.1:9777"
    assert made.ports[9777] == "population"


def test_two_processes_on_one_port_are_refused(layout: Layout) -> None:
    with pytest.raises(RunnerError, match="population and portal cannot both listen on port 9001"):
        _ = plan(layout, {"TRUC_POPULATION_PORT": "9001"}).ports


@pytest.mark.parametrize("port", ["x", "0", "70000", "-1", "8.5", ""])
def test_a_port_that_is_none_is_refused(layout: Layout, port: str) -> None:
    with pytest.raises(RunnerError, match=f"TRUC_HUB_PORT={port} is not a port"):
        plan(layout, {"TRUC_HUB_PORT": port})


@pytest.mark.parametrize("base_port", [0, 80, 65_400, 99_999])
def test_a_base_port_without_room_is_refused(layout: Layout, base_port: int) -> None:
    with pytest.raises(RunnerError, match=f"{base_port} cannot be the base port"):
        plan(layout, base_port=base_port)


def test_every_port_is_known_before_the_start(layout: Layout) -> None:
    wanted = plan(layout).ports
    assert wanted[9222] == "nats"
    assert wanted[9223] == "nats monitor"
    assert {9000 + process.offset for process in PROCESSES} < set(wanted)
