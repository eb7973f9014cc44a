"""Settings of the dossier service, from TRUC_DOSSIER_*."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from services.dossier.media_types import MEDIA_TYPES
from services.dossier.results.settings import ResultSettings


class DossierSettings(ResultSettings):
    model_config = SettingsConfigDict(env_prefix="TRUC_DOSSIER_", extra="ignore", populate_by_name=True)

    port: int = 8020
    population_url: str = "http://127.0.0.1:8010"
    handling: Literal["officer", "systems"] = "officer"
    """Who carries out a dossier that does not say: an officer step by step, or systems where there is a plan."""
    overdue_every_s: float = Field(5.0, gt=0)
    """How often tasks are looked through for those nobody answered in time."""
    verification_batch: int = 200
    """Identity checks sent to the population service in one call."""
    verification_retry_s: float = 2.0
    """Pause between tries while the population service is away."""
    supplement_working_days: int = 7
    """How long a citizen has to complete the papers when the officer names no other time."""
    max_upload_bytes: int = 52_428_800
    """Size limit of one attachment or result."""
    upload_media_types: frozenset[str] = frozenset(MEDIA_TYPES)
    """What is accepted, of the types in `media_types.py`; a JSON list in the environment."""
    upload_expires_hours: float = Field(24.0, gt=0)
    """How long an unfinished upload can be taken up again."""
    upload_idle_s: float = Field(30.0, gt=0)
    """A sender silent for that long loses its connection, so that it, or another, can take up the upload."""
    max_papers: int = 200
    """Attachments, and results, that one dossier can hold: its events carry the lists whole."""

    @field_validator("upload_media_types")
    @classmethod
    def _known(cls, value: frozenset[str]) -> frozenset[str]:
        if unknown := sorted(value - MEDIA_TYPES.keys()):
            raise ValueError(f"no way to tell the content of {', '.join(unknown)}")
        return value

    @property
    def upload_folder(self) -> Path:
        """Where the bytes lie."""
        return self.data_dir / "dossier" / "uploads"
