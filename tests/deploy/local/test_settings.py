"""What `--set` accepts: settings that exist, with values that fit."""

from __future__ import annotations

import pytest

from deploy.local.errors import RunnerError
from deploy.local.settings import given_values
from deploy.local.topology import Process

TINY = [Process("tiny", "tests.deploy.tiny", 10, "")]


def given(*assignments: str, **environment: str) -> tuple[dict[str, str], list[str]]:
    return given_values(assignments, environment, TINY)


def test_nothing_given_is_nothing_said() -> None:
    assert given(PATH="/bin", TRUC_DATA_DIR="/data") == ({}, [])


def test_set_wins_over_the_environment() -> None:
    values, remarks = given("TRUC_TINY_PORT=1", TRUC_TINY_PORT="2", TRUC_TINY_HOST="h")
    assert values == {"TRUC_TINY_PORT": "1", "TRUC_TINY_HOST": "h"}
    assert remarks == []


def test_a_value_may_contain_an_equals_sign_and_be_empty() -> None:
    values, _ = given("TRUC_TINY_GREETING=a=b", "TRUC_TINY_HOST=")
    assert values == {"TRUC_TINY_GREETING": "a=b", "TRUC_TINY_HOST": ""}


def test_every_name_of_a_setting_is_known() -> None:
    assert given("TRUC_TINY_HELLO=hi")[0] == {"TRUC_TINY_HELLO": "hi"}


def test_shared_settings_are_known() -> None:
    assert given("TRUC_LOG_LEVEL=DEBUG")[0] == {"TRUC_LOG_LEVEL": "DEBUG"}


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("TRUC_TINY_MOOD=good", "There is no setting TRUC_TINY_MOOD. Did you mean TRUC_TINY_MODE"),
        ("truc_tiny_mode=good", "There is no setting truc_tiny_mode. Did you mean TRUC_TINY_MODE"),
        ("NOTHING_LIKE_IT=1", "There are: TRUC_LOG_LEVEL"),
        ("TRUC_TINY_MODE", "TRUC_TINY_MODE is not KEY=VALUE"),
        ("=x", "=x is not KEY=VALUE"),
        ("TRUC_TINY_PORT=high", "TRUC_TINY_PORT=high does not fit: input should be a valid integer"),
        ("TRUC_TINY_MODE=bad", "TRUC_TINY_MODE=bad does not fit: input should be 'good'"),
        ("TRUC_TINY_TAGS=a", "TRUC_TINY_TAGS=a does not fit"),
        ("TRUC_TINY_TAGS=[1]", "TRUC_TINY_TAGS=\\[1\\] does not fit"),
        ("TRUC_NATS_URL=nats://elsewhere", "TRUC_NATS_URL cannot be set"),
        ("TRUC_TINY_NATS_NKEY_SEED_FILE=/x", "TRUC_TINY_NATS_NKEY_SEED_FILE cannot be set"),
    ],
)
def test_a_mistake_is_refused_with_advice(assignment: str, message: str) -> None:
    with pytest.raises(RunnerError, match=message):
        given(assignment)


def test_lists_are_written_as_json() -> None:
    assert given('TRUC_TINY_TAGS=["a", "b"]')[0] == {"TRUC_TINY_TAGS": '["a", "b"]'}


def test_a_mistake_in_the_environment_is_a_remark() -> None:
    values, remarks = given(TRUC_TINY_MOOD="x")
    assert values == {"TRUC_TINY_MOOD": "x"}
    assert len(remarks) == 1 and "Did you mean TRUC_TINY_MODE" in remarks[0]


def test_the_broker_of_another_run_is_not_taken_from_the_environment() -> None:
    assert given(TRUC_NATS_URL="nats://elsewhere", TRUC_TINY_NATS_NKEY_SEED_FILE="/x") == ({}, [])
