"""What `--set KEY=VALUE` and the environment may say: which settings there are, and whether a value fits.

The services' own settings classes are the one source; they are only imported when somebody sets something,
so that an ordinary start does not pay for it. Nothing given is ever passed over in silence.
"""

from __future__ import annotations

import difflib
import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import AliasChoices, ValidationError
from pydantic_settings import BaseSettings

from deploy.local.errors import RunnerError
from deploy.local.layout import DATA_DIR_VARIABLE
from deploy.local.plan import is_owned
from deploy.local.topology import PROCESSES, Process

DEBUG_VARIABLE = "TRUC_DEBUG"
OF_THE_COMMAND = {DATA_DIR_VARIABLE, DEBUG_VARIABLE}


class Setting(NamedTuple):
    """A field of a service's settings class, known to the outside as an environment variable."""

    owner: type[BaseSettings]
    field: str


def given_values(
    assignments: Sequence[str], environment: Mapping[str, str], processes: Sequence[Process] = PROCESSES
) -> tuple[dict[str, str], list[str]]:
    """The `TRUC_*` values from outside, `--set` winning over the environment, and remarks for the user.

    A mistake in `--set` raises RunnerError; one in the environment, which may be meant for another program,
    is a remark and the variable is passed on as it is.
    """
    from_environment = {
        key: value
        for key, value in environment.items()
        if key.startswith("TRUC_") and key not in OF_THE_COMMAND and not is_owned(key)
    }
    chosen = dict(_split(assignment) for assignment in assignments)
    if not chosen and not from_environment:
        return {}, []
    known = known_settings(processes)
    for key, value in chosen.items():
        problem = _problem(key, value, known)
        if problem is not None:
            raise RunnerError(problem)
    problems = [_problem(key, value, known) for key, value in from_environment.items() if key not in chosen]
    remarks = [f"In the environment: {problem}" for problem in problems if problem is not None]
    return from_environment | chosen, remarks


def known_settings(processes: Sequence[Process]) -> dict[str, Setting]:
    """Every setting of every process, by environment variable."""
    return {
        name: Setting(owner, field)
        for process in processes
        for owner in _settings_classes(process)
        for field, name in _variables(owner)
    }


def _settings_classes(process: Process) -> Iterator[type[BaseSettings]]:
    module = importlib.import_module(f"{process.module}.settings")
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, BaseSettings)
            and value.model_config.get("env_prefix") == process.prefix
        ):
            yield value


def _variables(owner: type[BaseSettings]) -> Iterator[tuple[str, str]]:
    prefix = owner.model_config.get("env_prefix") or ""
    for field, info in owner.model_fields.items():
        alias = info.validation_alias
        names = alias.choices if isinstance(alias, AliasChoices) else [alias or f"{prefix}{field}".upper()]
        yield from ((field, name) for name in names if isinstance(name, str))


def _split(assignment: str) -> tuple[str, str]:
    key, equals, value = assignment.partition("=")
    if not equals or not key:
        raise RunnerError(f"--set {assignment} is not KEY=VALUE. Write for example --set TRUC_SYNC_PROFILE=batch.")
    return key.strip(), value


def _problem(key: str, value: str, known: Mapping[str, Setting]) -> str | None:
    if is_owned(key):
        return f"{key} cannot be set: this run brings its own broker and keys. Use --base-port to move it."
    if key not in known:
        close = difflib.get_close_matches(key.upper(), known, n=3, cutoff=0.6)
        advice = f"Did you mean {' or '.join(close)}?" if close else f"There are: {', '.join(sorted(known))}."
        return f"There is no setting {key}. {advice}"
    reason = _why_invalid(known[key], key, value)
    return f"{key}={value} does not fit: {reason}." if reason is not None else None


def _why_invalid(setting: Setting, key: str, value: str) -> str | None:
    """The settings class's own complaint about this value; lists and tables are written as JSON."""
    reason = _complaint(setting, key, value)
    if reason is None:
        return None
    try:
        decoded = json.loads(value)
    except ValueError:
        return reason
    return reason if isinstance(decoded, str) else _complaint(setting, key, decoded)


def _complaint(setting: Setting, key: str, value: Any) -> str | None:
    try:
        setting.owner(**{setting.field: value})
    except ValidationError as error:
        for detail in error.errors():
            if detail["loc"] and detail["loc"][0] in (setting.field, key):
                return detail["msg"][0].lower() + detail["msg"][1:]
    return None
