"""Settings of electronic results, from TRUC_DOSSIER_*; the dossier service's settings build on them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.bus.kit.settings import ServiceSettings


class ResultSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="TRUC_DOSSIER_", extra="ignore", populate_by_name=True)

    verify_url: Annotated[str, Field(pattern=r"^https?://[!-~]{1,150}[^/]$")] = "http://127.0.0.1:8020/verify"
    """Where the public reaches the verification page: printed on every paper, with `/<code>` behind it."""
    verifications_per_minute: int = Field(60, ge=0)
    """Pages and papers one address may ask for by code; 0: no limit."""
    wrong_codes_per_minute: int = Field(10, ge=0)
    """Codes that do not exist one address may try; 0: no limit."""
    paper_timeout_s: float = Field(5.0, gt=0)
    """How long a paper may take to be typeset before the caller is told to come back."""
    paper_threads: int = Field(2, ge=1)
    papers_waiting: int = Field(64, ge=1)
    """Papers that may wait for a thread."""

    @property
    def result_keys_folder(self) -> Path:
        """Where the private halves of the signing keys lie."""
        return self.data_dir / "dossier" / "result-keys"
