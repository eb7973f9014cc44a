"""How much goes into one call, and how many calls go at once (domain 1.4: batching).

    strict   one dossier a DongBoHoSoMC, up to ten rows a CapNhatTienDoHoSoMC: what every real client stays
             within
    batch    many dossiers and rows a call, for a portal that takes them

Order never depends on it: a dossier is in one send at a time under either.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.portal import STRICT
from gateway.sync.settings import SyncSettings

STRICT_CALLS_AT_ONCE = 16
BATCH_CALLS_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class SendingProfile:
    """`dossiers` and `rows` are the most one call carries; `calls_at_once` how many sends run in parallel;
    `shares_rows`: rows of dossiers that are sent alone may still go in one call."""

    name: str
    dossiers: int
    rows: int
    calls_at_once: int
    shares_rows: bool

    @classmethod
    def of(cls, settings: SyncSettings) -> SendingProfile:
        """The profile the settings name."""
        if settings.profile == "strict":
            dossiers, rows = STRICT.max_dossiers_per_call, STRICT.max_progress_per_call
            at_once = settings.concurrency or STRICT_CALLS_AT_ONCE
            return cls("strict", dossiers, rows, at_once, settings.share_rows)
        return cls(
            "batch",
            settings.batch_dossiers,
            settings.batch_rows,
            settings.concurrency or BATCH_CALLS_AT_ONCE,
            settings.share_rows,
        )
