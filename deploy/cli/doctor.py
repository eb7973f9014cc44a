"""`truc doctor`: whether this machine can run the axis, check by check; exit code 1 if it cannot."""

from __future__ import annotations

import os

import typer

from deploy.cli import output
from deploy.cli.options import DEFAULT_BASE_PORT, BasePort, DataDir
from deploy.local.checks import Outcome, examine
from deploy.local.layout import Layout

STYLES: dict[Outcome, str] = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def doctor(base_port: BasePort = DEFAULT_BASE_PORT, data_dir: DataDir = None) -> None:
    """Look for what would keep the axis from running."""
    outcomes: list[Outcome] = []
    for finding in examine(Layout.at(data_dir), base_port, os.environ):
        outcomes.append(finding.outcome)
        output.labelled(finding.outcome, STYLES[finding.outcome], f"{finding.name}: {finding.detail}")
        if finding.advice:
            output.say(f"      {finding.advice}")
    failed, warned = outcomes.count("fail"), outcomes.count("warn")
    if failed:
        output.say(f"{failed} of {len(outcomes)} checks failed.", style="bold red")
        raise typer.Exit(1)
    output.say(f"All is well, with {warned} remark(s)." if warned else "All is well.")
