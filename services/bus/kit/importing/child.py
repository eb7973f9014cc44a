"""The second process: reads pieces of files for the service that started it, until that closes the pipe.

Run as `python -m services.bus.kit.importing.child <module>`, where the module's `SHEETS` are the sheets by kind.
Four bytes of length, then the message, both ways. Told to stop by nothing but the end of its input, so that it
never ends before the service that needs it, and never outlives it.
"""

from __future__ import annotations

import gc
import importlib
import marshal
import os
import signal
import sys
from datetime import date, datetime
from typing import Any

from services.bus.kit.importing.sheet import read_piece


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # sent to the whole group, and meant for the service
        signal.signal(number, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints here is no answer
    sheets = importlib.import_module(sys.argv[1]).SHEETS
    gc.disable()  # what is made here has no cycles: counting references is enough
    while len(head := sys.stdin.buffer.read(4)) == 4:
        message = sys.stdin.buffer.read(int.from_bytes(head, "big"))
        done = marshal.dumps(_answer(sheets, message))
        answers.write(len(done).to_bytes(4, "big") + done)
        answers.flush()


def _answer(sheets: Any, message: bytes) -> Any:
    """A `Piece` as a plain tuple, or the name of the error that must not be."""
    kind, form, columns, import_id, first_line, today, now, dialect, data = marshal.loads(message)  # noqa: S302 - our own
    try:
        piece = read_piece(
            sheets[kind],
            data,
            form,
            columns,
            import_id=import_id,
            first_line=first_line,
            today=date.fromisoformat(today),
            now=datetime.fromisoformat(now),
            dialect=dialect,
        )
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return tuple(piece)


if __name__ == "__main__":
    main()
