"""How one value looks on the portal's wire: strings for nearly everything, times in Vietnam as 14 digits.

Real senders are loose (numbers for strings, "" for null, true for "1"), so these types accept that and always
give the portal's own form back. They never guess: what cannot be read is refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from contracts.status import DossierStatus
from contracts.times import VN, to_vn

# domain 2.1: the legal form, the newer forms, and a daily number that outgrew four digits
DOSSIER_CODE_PATTERN = r"^(?:\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(?:\.[0-9A-Z]+)*)-(?:\d{6}|\d{8})-\d{4,7}$"
# domain 2.3: national codes and their provincial variants
PROCEDURE_CODE_PATTERN = r"^\d\.\d{6}(?:\.\d{3}\.\d{2}\.\d{2})?(?:\.[A-Z]\d{2})?$"


def format_portal_time(at: datetime) -> str:
    """An aware datetime as the portal writes it, in Vietnam's time, whole seconds (the rest is cut off).
    ValueError without a zone."""
    local = to_vn(at)
    return f"{local.year:04d}{local:%m%d%H%M%S}"


@lru_cache(maxsize=8_192)
def parse_portal_time(text: str) -> datetime:
    """The aware UTC datetime of a portal time (yyyyMMddHHmmss in Vietnam). ValueError if it is none."""
    if len(text) != 14 or not (text.isascii() and text.isdigit()):
        raise ValueError("a time is 14 digits, yyyyMMddHHmmss")
    local = datetime(
        int(text[:4]), int(text[4:6]), int(text[6:8]), int(text[8:10]), int(text[10:12]), int(text[12:]),
        tzinfo=VN,
    )  # fmt: skip
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time is out of range") from error


def _blank_is_none(value: Any) -> Any:
    return None if value == "" else value


def _flag(value: Any) -> Any:
    if isinstance(value, bool):
        return "1" if value else "0"
    return None if value == "" else value


def _check_time(text: str) -> str:
    try:
        parse_portal_time(text)
    except ValueError:
        # the one text of this format that is not in contracts.rules: it is only ever said on this wire
        raise PydanticCustomError("portal_time", "Thời điểm phải có dạng yyyyMMddHHmmss.") from None
    return text


PortalTime = Annotated[str, AfterValidator(_check_time)]
OptionalTime = Annotated[PortalTime | None, BeforeValidator(_blank_is_none)]
DossierCodeText = Annotated[str, Field(pattern=DOSSIER_CODE_PATTERN, max_length=60)]
ProcedureCodeText = Annotated[str, Field(pattern=PROCEDURE_CODE_PATTERN)]
StatusText = Annotated[str, Field(pattern=r"^(?:[1-9]|10)$")]
Flag = Annotated[Annotated[str, Field(pattern=r"^[01]$")] | None, BeforeValidator(_flag)]
ZeroToTwo = Annotated[Annotated[str, Field(pattern=r"^[0-2]$")] | None, BeforeValidator(_blank_is_none)]
ZeroToThree = Annotated[Annotated[str, Field(pattern=r"^[0-3]$")] | None, BeforeValidator(_blank_is_none)]
ZeroToFour = Annotated[Annotated[str, Field(pattern=r"^[0-4]$")] | None, BeforeValidator(_blank_is_none)]
OneOrTwo = Annotated[Annotated[str, Field(pattern=r"^[12]$")] | None, BeforeValidator(_blank_is_none)]
OneToThree = Annotated[Annotated[str, Field(pattern=r"^[1-3]$")] | None, BeforeValidator(_blank_is_none)]
Short = Annotated[str | None, Field(max_length=500)]
Long = Annotated[str | None, Field(max_length=4000)]


class Wire(BaseModel):
    """Base of everything on the portal's wire: unknown fields ignored, numbers taken as strings."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    def wire(self) -> dict[str, Any]:
        """The JSON object to send: absent stays absent, every scalar a string."""
        return self.model_dump(exclude_none=True)


def status_of(text: str) -> DossierStatus:
    """TrangThaiHoSo or TrangThai as the status it means; only for text that StatusText has accepted."""
    return DossierStatus(int(text))
