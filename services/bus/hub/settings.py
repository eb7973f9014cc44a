"""Settings of the hub, from the environment: TRUC_HUB_*.

Every value has a default that runs. Members' secrets come from the members file, never from a variable.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.bus.hub.operators.roles import Role
from services.bus.kit.settings import ServiceSettings


class HubSettings(ServiceSettings):
    """Port 8000. `public_url` is the issuer in every token; empty means the hub URL everybody is given."""

    model_config = SettingsConfigDict(env_prefix="TRUC_HUB_")

    port: int = 8000
    public_url: str = ""
    members_file: Path | None = None
    """JSON: a list of {client_id, name, secret, scopes}, imported at start when it has changed."""
    token_lifetime_s: int = Field(3600, ge=60, le=86_400)
    ledger: bool = True
    """Watch the axis: keep the latency ledger and the facts of the indicators. Without it the hub is members and
    tokens; the indicators stay as they are."""
    niceness: int = Field(0, ge=0, le=19)
    """How far the hub gives way to other processes of its machine (`nice`): watching must not take the time of
    those who are watched."""
    sync_url: str = ""
    population_url: str = ""
    dossier_url: str = ""
    civil_url: str = ""
    land_url: str = ""
    ministries_url: str = ""
    """Whose receipts are collected; one without an address is not asked."""
    further_urls: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it
    """Further processes to ask, by name."""

    console: bool = True
    """Serve the operators' console at /console."""
    session_idle_s: int = Field(3600, ge=60, le=7 * 86_400)
    """A session of the console ends when nobody has done anything in it for so long,"""
    session_lifetime_s: int = Field(12 * 3600, ge=300, le=30 * 86_400)
    """and so long after the login in any case."""
    oidc_issuer: str = ""
    """Who says who an operator is (OpenID Connect). Empty: the hub itself, from its own accounts."""
    oidc_client_id: str = "console"
    oidc_client_secret: SecretStr = SecretStr("")
    """Empty: a public client."""
    oidc_scopes: str = "openid profile"
    oidc_role_claim: str = "roles"
    """The claim that holds the roles; with dots, one inside another (realm_access.roles)."""
    oidc_roles: dict[str, Role] = {}  # noqa: RUF012 - pydantic copies it
    """What that claim may say, and the role it stands for; of several the highest counts."""

    @property
    def issuer(self) -> str:
        return (self.public_url or self.hub_url).rstrip("/")

    @property
    def observed(self) -> dict[str, str]:
        """The processes whose receipts are collected, with their addresses."""
        ours = ("sync", "population", "dossier", "civil", "land", "ministries")
        named = {name: getattr(self, f"{name}_url") for name in ours} | self.further_urls
        return {name: url.rstrip("/") for name, url in named.items() if url}

    @property
    def token_lifetime(self) -> timedelta:
        return timedelta(seconds=self.token_lifetime_s)

    @property
    def own_accounts(self) -> bool:
        """Whether the hub itself says who an operator is."""
        return not self.oidc_issuer

    @property
    def login_issuer(self) -> str:
        return self.oidc_issuer.rstrip("/") or self.issuer

    @property
    def session_idle(self) -> timedelta:
        return timedelta(seconds=self.session_idle_s)

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(seconds=self.session_lifetime_s)

    @property
    def administrator_file(self) -> Path:
        """Name and first password of the administrator, until it is changed."""
        return self.data_dir / "administrator.json"

    @property
    def keys_folder(self) -> Path:
        """Private signing keys, one file a key."""
        return self.data_dir / "hub-keys"

    @property
    def published_keys_file(self) -> Path:
        """The public keys as a file, for services that start before the hub (`TRUC_JWKS_FILE`)."""
        return self.data_dir / "jwks.json"
