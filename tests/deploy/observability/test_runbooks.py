"""Every alert has a page that tells what to do, and what the pages tell to do exists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
import typer.main

from deploy.cli.main import COMMANDS, build
from deploy.documents import FOLDER
from deploy.local.plan import SOURCE_ROOT
from deploy.observability.alerts import RUNBOOKS, Alert
from deploy.observability.rules import all_alerts

PAGES = sorted(path for path in (SOURCE_ROOT / RUNBOOKS).glob("*.md") if path.name != "README.md")
ALERTS = list({each.name: each for each in all_alerts()}.values())
OPENAPI = list((FOLDER / "openapi").glob("*.json"))
COMMAND = re.compile(r"\btruc ([a-z]+(?: [a-z]+)*(?![\w-]))(?: (--[a-z-]+))?")
CODE = re.compile(r"`([^`\n]+)`")


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_the_alert_has_its_page(alert: Alert) -> None:
    text = (SOURCE_ROOT / alert.runbook).read_text("utf-8")
    assert text.startswith("# ") and f"({alert.name})" in text.splitlines()[0]
    assert "\nVi: " in text
    for part in ("**It means.**", "**Look at**", "**Do**"):
        assert part in text


def test_no_page_is_about_nothing() -> None:
    assert {each.runbook for each in ALERTS} == {f"{RUNBOOKS}/{path.name}" for path in PAGES}
    overview = (SOURCE_ROOT / RUNBOOKS / "README.md").read_text("utf-8")
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", overview)) == {path.name for path in PAGES}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_what_it_names_exists(path: Path) -> None:
    """Commands of `truc` with their options, links to other pages, routes."""
    text = path.read_text("utf-8")
    program = typer.main.get_command(build())
    assert isinstance(program, click.Group) or hasattr(program, "commands")
    for code in CODE.findall(text):
        for words, option in COMMAND.findall(code):
            first, *rest = words.split()
            assert first in COMMANDS, code
            command = program.commands[first]  # type: ignore[union-attr]
            if hasattr(command, "commands"):
                command = command.commands[rest[0]]
            if option:
                assert option in {name for parameter in command.params for name in parameter.opts}, code
    for link in re.findall(r"\]\(([\w-]+\.md)\)", text):
        assert (path.parent / link).exists(), link
    routes = {route for document in OPENAPI for route in json.loads(document.read_text("utf-8"))["paths"]}
    for code in CODE.findall(text):
        for route in re.findall(r"/v1/[\w/{}-]+", code):
            assert route in routes, code
