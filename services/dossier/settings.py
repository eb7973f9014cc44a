"""Settings of the dossier service, from TRUC_DOSSIER_*."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from services.bus.kit.settings import ServiceSettings


class DossierSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="TRUC_DOSSIER_", extra="ignore", populate_by_name=True)

    port: int = 8020
    population_url: str = "http://127.0.0.1:8010"
    verification_batch: int = 200
    """Identity checks sent to the population service in one call."""
    verification_retry_s: float = 2.0
    """Pause between tries while the population service is away."""
    supplement_working_days: int = 7
    """How long a citizen has to complete the papers when the officer names no other time."""
    max_upload_bytes: int = 52_428_800
    """Size limit of one attachment."""
