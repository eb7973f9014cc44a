"""Settings every service shares, read from the environment: one prefix a service, and a few common names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Subclass it with `model_config = SettingsConfigDict(env_prefix="TRUC_<SERVICE>_")`."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path(".truc")
    database_url: str = ""
    """Empty: SQLite in the data folder."""
    nats_nkey_seed_file: Path | None = None
    client_id: str = ""
    client_secret: str = ""
    trusted_proxies: str = ""
    """Addresses or networks, with commas, whose X-Forwarded-For and -Proto are believed. Empty: nobody's."""
    max_body_bytes: int = 1_048_576
    drain_seconds: float = 5.0

    nats_url: str = Field("nats://127.0.0.1:8222", validation_alias="TRUC_NATS_URL")
    hub_url: str = Field("http://127.0.0.1:8000", validation_alias="TRUC_HUB_URL")
    token_issuer: str | None = Field(None, validation_alias="TRUC_TOKEN_ISSUER")
    """What the hub's tokens name as their issuer, where that is not `hub_url`."""
    jwks_file: Path | None = Field(None, validation_alias="TRUC_JWKS_FILE")
    log_level: str = Field("INFO", validation_alias="TRUC_LOG_LEVEL")
    otlp_endpoint: str = Field("", validation_alias="TRUC_OTLP_ENDPOINT")
    """Base address of an OTLP collector (HTTP), to which spans are sent. Empty: none are made."""
    traces_share: Annotated[float, Field(ge=0, le=1)] = Field(1.0, validation_alias="TRUC_TRACES_SHARE")
    """Of so many traces spans are made. Which ones follows from the trace id: all processes agree."""

    def database(self, name: str) -> str:
        """The database URL: the one configured, else SQLite under the data folder."""
        return self.database_url or f"sqlite:///{(self.data_dir / f'{name}.db').resolve()}"
