"""The kinds of tasks: what each takes and what it gives, as JSON Schemas, one file a kind.

`catalogue/tasks/<kind>.json` holds `kind`, `system`, `title` {vi, en}, `input` (of the e-form and the results
of earlier steps, as the task carries them) and `results`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from contracts.problems import Text
from contracts.rules import refuse
from contracts.tasks.systems import System

_FOLDER: Final = Path(__file__).parent.parent / "catalogue" / "tasks"


class TaskKind(NamedTuple):
    """One kind of task. `input` and `results` are JSON Schemas (draft 2020-12)."""

    kind: str
    system: System
    title: Text
    input: dict[str, Any]
    results: dict[str, Any]


@cache
def _by_kind() -> Mapping[str, TaskKind]:
    found = {}
    for file in sorted(_FOLDER.glob("*.json")):
        told = json.loads(file.read_text("utf-8"))
        if told["kind"] != file.stem:
            raise ValueError(f"{file.name} describes the kind {told['kind']}")
        found[file.stem] = TaskKind(
            told["kind"],
            System(told["system"]),
            Text(told["title"]["vi"], told["title"]["en"]),
            told["input"],
            told["results"],
        )
    return found


def task_kinds() -> tuple[TaskKind, ...]:
    """Every kind, by name."""
    return tuple(_by_kind().values())


def task_kind(kind: str) -> TaskKind:
    """The kind with this name, such as `civil.register-birth`. Raises task.kind_unknown."""
    found = _by_kind().get(kind)
    if found is None:
        raise refuse("task.kind_unknown", kind=kind[:60])
    return found
