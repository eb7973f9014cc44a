"""Settings of the civil registry, from the environment: TRUC_CIVIL_*."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.bus.kit.settings import ServiceSettings
from services.registry.civil.books import Layout


class CivilSettings(ServiceSettings):
    """Port 8030, and how the books are laid out."""

    model_config = SettingsConfigDict(env_prefix="TRUC_CIVIL_")

    port: int = 8030
    entries_a_page: Annotated[int, Field(ge=1, le=100)] = 1
    pages_a_volume: Annotated[int, Field(ge=1, le=1_000)] = 200
    import_piece_bytes: Annotated[int, Field(ge=1, le=16 * 1_048_576)] = 128 * 1024
    """How much of an imported file is committed together: a thousand rows or so. Others write in between."""

    def layout(self) -> Layout:
        """How entries fall on pages and volumes."""
        return Layout(self.entries_a_page, self.pages_a_volume)
