"""The one kind of failure the runner reports: a sentence for a person, never a traceback.

Raise it where the cause is known; the command line prints it as it stands and leaves with its exit code.
"""

from __future__ import annotations

from collections.abc import Sequence


class RunnerError(Exception):
    """What was wrong and what to do about it, in one or two sentences.

    `details` are quoted below, line by line.
    """

    def __init__(self, message: str, *, details: Sequence[str] = (), exit_code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)
        self.exit_code = exit_code
