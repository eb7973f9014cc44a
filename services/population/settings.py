"""Settings of the population service, from the environment: TRUC_POPULATION_*.

Every value has a default that runs; secrets come from the environment or a file, never from here.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.bus.kit.settings import ServiceSettings


class PopulationSettings(ServiceSettings):
    """Port 8010, and room for a batch of 1,000 citizens in one body."""

    model_config = SettingsConfigDict(env_prefix="TRUC_POPULATION_")

    port: int = 8010
    max_body_bytes: int = 8 * 1_048_576
    import_piece_bytes: Annotated[int, Field(ge=1, le=16 * 1_048_576)] = 128 * 1024
    """How much of an imported file is committed together: two hundred citizens or so. Others write in between."""
