"""Settings of the stand-in ministries, from the environment: TRUC_MINISTRIES_*.

`on` says which systems are played here, by name with commas: `TRUC_MINISTRIES_ON=tax,welfare`. One that is left
out is not listened to at all, so that a real system can be the member that answers its tasks.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from contracts.tasks import System
from services.bus.kit.settings import ServiceSettings

PLAYED: Final = (
    System.TAX,
    System.SOCIAL_INSURANCE,
    System.WELFARE,
    System.JUDICIAL_RECORDS,
    System.BUSINESS_REGISTER,
    System.HEALTH,
)
"""The systems that can be played."""


class MinistriesSettings(ServiceSettings):
    """Port 8050. `seed` makes companies, payment lists and every drawn number; a persona has one of its own."""

    model_config = SettingsConfigDict(env_prefix="TRUC_MINISTRIES_")

    port: int = 8050
    on: Annotated[tuple[System, ...], NoDecode] = PLAYED
    seed: int = 2023
    tick_seconds: float = Field(1.0, gt=0, le=60)
    """How often the due answers are looked at when nothing is known to fall due earlier."""
    lookup_seconds_at_most: float = Field(20.0, ge=0, le=120)
    """A persona holds an HTTP lookup no longer than this."""

    @field_validator("on", mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("on")
    @classmethod
    def _can_be_played(cls, value: tuple[System, ...]) -> tuple[System, ...]:
        for system in value:
            if system not in PLAYED:
                raise ValueError(f"{system.value} has a service of its own and no stand-in here")
        return tuple(dict.fromkeys(value))
