"""The catalogue of messages: both languages whole, with the same parameters, and nothing of it without use."""

from __future__ import annotations

import importlib
import pkgutil
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.problems import Text
from services.bus.hub import words

HUB = Path(words.__file__).parents[1]


def _texts() -> Iterator[tuple[str, str, Text]]:
    for info in pkgutil.iter_modules(words.__path__):
        module = importlib.import_module(f"services.bus.hub.words.{info.name}")
        for name, value in vars(module).items():
            if isinstance(value, Text):
                yield info.name, name, value
            elif isinstance(value, dict):
                yield from (
                    (info.name, f"{name}[{key}]", text) for key, text in value.items() if isinstance(text, Text)
                )


ALL = list(_texts())


def _parameters(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize(("file", "name", "text"), ALL, ids=[f"{file}.{name}" for file, name, _ in ALL])
def test_a_message_is_there_in_both_languages(file: str, name: str, text: Text) -> None:
    assert text.vi.strip() and text.en.strip()
    assert _parameters(text.vi) == _parameters(text.en)


def test_every_message_is_used() -> None:
    code = "\n".join(file.read_text() for file in HUB.rglob("*.py"))
    unused = [
        f"{file}.{name}" for file, name, _ in ALL if "[" not in name and len(re.findall(rf"\b{name}\b", code)) < 2
    ]
    assert unused == []
