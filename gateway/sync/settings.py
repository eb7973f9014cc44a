"""Settings of the sync worker, from the environment: TRUC_SYNC_*.

Everything that differs between one national portal and another is a setting: addresses, account, codes, how
much it takes a call. None of them may change what is sent, only where, how fast and how much at once.
"""

from __future__ import annotations

from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from contracts.portal import BATCH, DATA_PATH, LOGIN_PATH, REQUESTS_PER_POLL, ErrorCode, PortalProfile
from services.bus.kit.settings import ServiceSettings


def _either(name: str) -> AliasChoices:
    """The account at the portal may be spelled with or without PORTAL: TRUC_SYNC_PORTAL_UNIT, TRUC_SYNC_UNIT."""
    return AliasChoices(f"TRUC_SYNC_PORTAL_{name.upper()}", f"TRUC_SYNC_{name.upper()}")


class SyncSettings(ServiceSettings):
    """Port 8002. Times in seconds. `unit` is the province's code (madonvi), `dstcode` the portal's code on
    the adapter. `concurrency` 0 takes the profile's own number of calls at once."""

    model_config = SettingsConfigDict(env_prefix="TRUC_SYNC_")

    port: int = 8002

    portal_url: str = "http://127.0.0.1:8001"
    login_path: str = LOGIN_PATH
    data_path: str = DATA_PATH
    username: str = Field("sync", validation_alias=_either("username"))
    password: SecretStr = Field(SecretStr(""), validation_alias=_either("password"))
    unit: str = Field("H08", validation_alias=_either("unit"))
    dstcode: str = Field("DVCQG", validation_alias=_either("dstcode"))
    session_code: str = ErrorCode.SESSION.value
    existing_code: str = ErrorCode.EXISTS.value

    profile: Literal["strict", "batch"] = "strict"
    batch_dossiers: int = Field(BATCH.max_dossiers_per_call, ge=1, le=1_000)
    batch_rows: int = Field(BATCH.max_progress_per_call, ge=1, le=10_000)
    concurrency: int = Field(0, ge=0, le=64)
    share_rows: bool = True
    """Rows of several dossiers may go in one CapNhatTienDoHoSoMC; false for a portal that refuses that."""

    connect_timeout_s: float = Field(2.0, gt=0)
    read_timeout_s: float = Field(60.0, gt=0)
    retry_longest_s: float = Field(2.0, gt=0)
    """The longest wait of one lane before its next try; an outage is the breaker's matter, not the lane's."""
    probe_longest_s: float = Field(1.0, gt=0)
    """The longest time between two probes of a portal that is away."""
    fault_limit: int = Field(20, ge=1)
    """After how many unreadable or faulty answers to one lane, given while the portal serves others, its step
    becomes a dead letter."""

    hot_lanes: int = Field(10_000, ge=1)
    """Lanes kept in memory; the rest waits in the database."""

    takeover_s: float = Field(20.0, ge=0)
    """How long a second worker on the same PostgreSQL database waits for the first to go."""

    poll_interval_s: float = Field(0.5, ge=0)
    """How often citizens' requests are polled; 0: never (a portal without these verbs)."""
    poll_batch: int = Field(REQUESTS_PER_POLL, ge=1, le=1_000)

    dossier_url: str = "http://127.0.0.1:8020"
    portal_export: bool = True
    """The portal lists what it holds at GET /v1/export (the stand-in does); else it is asked one by one."""
    lookups_per_s: float = Field(50.0, gt=0)
    settle_s: float = Field(10.0, ge=0)
    """How long a reconciliation waits for what is under way before it looks at differences again."""

    compare_every_s: float = Field(5.0, ge=0)
    """The pause between two slices (some 4,000 dossiers) of the continuous comparison; 0: only when told to."""
    still_s: float = Field(30.0, ge=0)
    """It looks at what happened so long ago or longer."""

    @property
    def portal_profile(self) -> PortalProfile:
        """How the portal speaks."""
        return PortalProfile(existing_code=self.existing_code, session_code=self.session_code)
