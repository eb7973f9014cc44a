"""`truc operators` at a hub that answers, and what `truc up` says of the first login."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import operators
from deploy.cli.main import build, wanted
from deploy.cli.up import _how_to_log_in
from deploy.local.layout import Layout

ACCOUNT = {
    "username": "an.nguyen",
    "name": "Nguyễn Văn An",
    "role": "viewer",
    "status": "active",
    "logged_in_at": None,
    "made_password": "kq7mv-x2n4p-84dhe-w9rtc",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    calls: list[tuple[str, str, Any]] = []

    def ask(data_dir: Any, method: str, path: str, body: Any = None) -> dict[str, Any]:
        calls.append((method, path, body))
        return {"items": [ACCOUNT]} if method == "GET" else ACCOUNT

    monkeypatch.setattr(operators, "_ask", ask)
    return calls


def truc(*arguments: str) -> str:
    result = CliRunner().invoke(build(wanted(arguments)), arguments, prog_name="truc")
    assert result.exit_code == 0, result.output
    return result.stdout


def test_accounts_are_listed(asked: list[Any]) -> None:
    shown = truc("operators", "list")
    assert "an.nguyen" in shown and "viewer" in shown and "never" in shown
    assert json.loads(truc("operators", "list", "--json"))[0]["username"] == "an.nguyen"


def test_a_new_account_is_made_and_its_password_shown(asked: list[Any]) -> None:
    shown = truc("operators", "add", "an.nguyen", "--name", "Nguyễn Văn An", "--role", "operator")
    assert ACCOUNT["made_password"] in shown
    body = {"username": "an.nguyen", "name": "Nguyễn Văn An", "role": "operator"}
    assert asked == [("POST", "/v1/operators", body)]


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        (("role", "an.nguyen", "administrator"), ("PATCH", "/v1/operators/an.nguyen", {"role": "administrator"})),
        (("password", "an.nguyen"), ("POST", "/v1/operators/an.nguyen/password", {})),
        (("disable", "an.nguyen"), ("POST", "/v1/operators/an.nguyen/disable", None)),
        (("enable", "an.nguyen"), ("POST", "/v1/operators/an.nguyen/enable", None)),
    ],
)
def test_each_command_is_one_call(asked: list[Any], arguments: tuple[str, ...], call: Any) -> None:
    truc("operators", *arguments)
    assert asked == [call]


def test_the_first_password_is_not_printed_where_it_would_be_kept(layout: Layout) -> None:
    assert "truc operators password" in _how_to_log_in(layout, "")
    layout.service("hub").mkdir(exist_ok=True)
    layout.administrator.write_text(json.dumps({"username": "administrator", "password": "secret-one"}))
    said = _how_to_log_in(layout, "")
    assert "administrator" in said and "secret-one" not in said and str(layout.administrator) in said
