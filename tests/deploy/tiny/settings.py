"""Settings of the tiny services, read as a real service reads its own."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TinySettings(BaseSettings):
    """`mode` is how it behaves: see `__main__`."""

    model_config = SettingsConfigDict(env_prefix="TRUC_TINY_", populate_by_name=True)

    host: str = "127.0.0.1"
    port: int = 0
    data_dir: Path = Path()
    mode: Literal["good", "dies", "stubborn", "unready"] = "good"
    tags: list[str] = []
    greeting: str = Field("", validation_alias=AliasChoices("TRUC_TINY_GREETING", "TRUC_TINY_HELLO"))
    nats_nkey_seed_file: Path | None = None
    nats_url: str = Field("", validation_alias="TRUC_NATS_URL")
    log_level: str = Field("INFO", validation_alias="TRUC_LOG_LEVEL")
