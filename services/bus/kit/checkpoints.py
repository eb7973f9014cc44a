"""SQLite: moving the write-ahead log into the database, beside the commits instead of within one.

By itself SQLite does it in whatever commit finds the log long enough, which then takes many times as long as the
others. A thread with a connection of its own does it all the time, without locking anybody out; what is left for
a commit is the little that came since, and the log begins anew.
"""

from __future__ import annotations

import sqlite3
import threading
from typing import Final, cast

import structlog
from sqlalchemy import Engine

log = structlog.get_logger(__name__)

EVERY_S: Final = 0.5


class Checkpoints:
    """`commits` is counted up by the writer; nothing is done while it stands still."""

    def __init__(self, engine: Engine) -> None:
        self.commits = 0
        self._engine = engine
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        done = 0
        with self._engine.connect() as connection:
            driver = cast("sqlite3.Connection", connection.connection.driver_connection)
            while not self._stop.wait(EVERY_S):
                if self.commits == done:
                    continue
                seen = self.commits
                try:
                    ((_, pages, moved),) = driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                except sqlite3.Error as error:
                    log.warning("checkpoint.failed", error=str(error))
                else:
                    done = seen if moved == pages else done  # a reader may have kept some
