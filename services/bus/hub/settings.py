"""Settings of the hub, from the environment: TRUC_HUB_*.

Every value has a default that runs. Members' secrets come from the members file, never from a variable.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.bus.kit.settings import ServiceSettings


class HubSettings(ServiceSettings):
    """Port 8000. `public_url` is the issuer in every token; empty means the hub URL everybody is given."""

    model_config = SettingsConfigDict(env_prefix="TRUC_HUB_")

    port: int = 8000
    public_url: str = ""
    members_file: Path | None = None
    """JSON: a list of {client_id, name, secret, scopes}, imported at start when it has changed."""
    token_lifetime_s: int = Field(3600, ge=60, le=86_400)

    @property
    def issuer(self) -> str:
        return (self.public_url or self.hub_url).rstrip("/")

    @property
    def token_lifetime(self) -> timedelta:
        return timedelta(seconds=self.token_lifetime_s)

    @property
    def keys_folder(self) -> Path:
        """Private signing keys, one file a key."""
        return self.data_dir / "hub-keys"

    @property
    def published_keys_file(self) -> Path:
        """The public keys as a file, for services that start before the hub (`TRUC_JWKS_FILE`)."""
        return self.data_dir / "jwks.json"
