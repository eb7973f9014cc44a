"""Whether the command that runs now has touched anything: what decides if its failure spoils the batch.

One flag a thread: commands run in the writer's thread or, brief ones, on the event loop, never in both at once.
"""

from __future__ import annotations

import threading

_running = threading.local()
_STATE = "_sa_instance_state"


class Touching:
    """Mixed into every model: setting an attribute touches. Loading from the database sets none of them but
    SQLAlchemy's own, so reading stays free."""

    def __setattr__(self, name: str, value: object) -> None:
        if name != _STATE:
            _running.touched = True
        object.__setattr__(self, name, value)


def touch() -> None:
    """The running command has changed something."""
    _running.touched = True


def untouched() -> None:
    """A command begins."""
    _running.touched = False


def has_touched() -> bool:
    """Whether the running command has changed anything since it began."""
    return bool(_running.touched)
