"""A sheet for tests, read by a real second process: words, one of which is the end of whoever reads it."""

from __future__ import annotations

import os
import signal
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from services.bus.kit.importing.sheet import BadRowError, Circumstances, Written


class WordSheet:
    known: Collection[str] = ("word", "note")
    required: Collection[str] = ("word",)
    tables: Mapping[str, Sequence[str]] = {"words": ("id", "word"), "letters": ("letter", "of")}

    def take(self, values: dict[str, Any], line: int, at: Circumstances, written: Written) -> None:
        word = str(values.get("word", ""))
        if word == "poison":
            os.kill(os.getpid(), signal.SIGKILL)
        if word.startswith("once:") and not (mark := Path(word[5:])).exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "bug":
            raise ZeroDivisionError
        if word == "loud":
            print("what is printed is no answer", flush=True)
        if not word:
            raise BadRowError([("word", "missing", {})])
        written.take(line, (word,))
        written.add("words", (line, word))
        for letter in word[:2]:
            written.add("letters", (letter, line))


SHEETS = {"word": WordSheet()}
