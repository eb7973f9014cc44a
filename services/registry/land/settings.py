"""Settings of the land registry, from the environment: TRUC_LAND_*."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.bus.kit.settings import ServiceSettings


class LandSettings(ServiceSettings):
    """Port 8040. With `vbdlis_url` the tasks of the desk are handed to a real VBDLIS, which answers them."""

    model_config = SettingsConfigDict(env_prefix="TRUC_LAND_")

    port: int = 8040
    pending_days: int = 60
    """A pending change is given up after so many days without a confirmation."""
    import_piece_bytes: Annotated[int, Field(ge=1, le=16 * 1_048_576)] = 128 * 1024
    """How much of an imported file is committed together: some hundred parcels. Others write in between."""

    vbdlis_url: str = ""
    """The VBDLIS that works on tasks, such as `https://vbdlis.example/api`. Empty: this service does."""
    vbdlis_code: str = ""
    """The SecurityCode both sides show each other in the body of a call. Empty: calls in are refused."""
    onestop_url: str = ""
    """The one-stop software that hands in dossiers over VBDLIS calls and is told how they go."""
    vbdlis_timeout_s: float = 60.0
    """How long a call out may take (the read timeout seen in the field)."""
    vbdlis_retry_s: float = 30.0
    """The pause before a call out that failed is made again; it doubles up to a hundredfold."""
    province_code: str = "52"
    """TinhId in calls to VBDLIS."""
