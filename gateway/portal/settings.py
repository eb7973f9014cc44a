"""Settings of the stand-in portal, from the environment: TRUC_PORTAL_*.

Codes and limits that differ between real deployments are settings, so that a province can be rehearsed
against each. The account of the province's sync worker comes from here too: without a password nobody can log
in.
"""

from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from contracts.portal import ErrorCode, PortalProfile
from services.bus.kit.settings import ServiceSettings


class Account(BaseModel):
    """Who may call, and in the name of which unit (madonvi)."""

    username: str
    password: SecretStr
    unit: str


class PortalSettings(ServiceSettings):
    """Port 8001. `call_bytes` limits a call of the wire, `max_body_bytes` everything else. Rates of the
    citizen's side are per address and minute; 0 switches a limit off."""

    model_config = SettingsConfigDict(env_prefix="TRUC_PORTAL_")

    port: int = 8001
    max_body_bytes: int = 262_144
    call_bytes: int = Field(8 * 1_048_576, ge=1024)

    sync_username: str = "sync"
    sync_password: SecretStr = SecretStr("")
    sync_unit: str = "H08"
    accounts: tuple[Account, ...] = ()
    session_seconds: float = Field(1_800, gt=0)
    dstcode: str = ""
    """The destination code a call must name; empty: any, as long as there is one."""

    success_code: str = ErrorCode.OK.value
    success_as_number: bool = False
    existing_code: str = ErrorCode.EXISTS.value
    session_code: str = ErrorCode.SESSION.value
    max_dossiers_per_call: int = Field(200, ge=1)
    max_progress_per_call: int = Field(1_000, ge=1)

    submissions_per_minute: int = Field(600, ge=0)
    reads_per_minute: int = Field(6_000, ge=0)
    wrong_proofs_per_minute: int = Field(10, ge=0)

    @property
    def profile(self) -> PortalProfile:
        """How this portal speaks."""
        return PortalProfile(
            success_code=int(self.success_code) if self.success_as_number else self.success_code,
            existing_code=self.existing_code,
            session_code=self.session_code,
            max_dossiers_per_call=self.max_dossiers_per_call,
            max_progress_per_call=self.max_progress_per_call,
        )

    @property
    def all_accounts(self) -> list[Account]:
        """The accounts that can log in: those with a password."""
        own = Account(username=self.sync_username, password=self.sync_password, unit=self.sync_unit)
        return [each for each in (own, *self.accounts) if each.password.get_secret_value()]
