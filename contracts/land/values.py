"""The small values of the land registry: areas, shares, parties, land uses, and the kinds of everything."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from contracts.catalogue.land_uses import land_uses
from contracts.catalogue.search import fold
from contracts.identifiers import PersonalId, TaxCode, parse_parcel_geohash
from contracts.land.geometry import inside_vietnam
from contracts.population.values import Day, Input, Line
from contracts.rules import refuse

_SHARE: Final = re.compile(r"([1-9][0-9]{0,8})(?:/([1-9][0-9]{0,8}))?")
_SERIAL: Final = re.compile(r"[A-Z]{2} ?(?:[0-9]{8}|[0-9]{6})")

Area = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)]
"""Square metres, exact to a hundredth."""


def hundredths(area: Decimal) -> int:
    """The area in hundredths of a square metre, which is how it is kept."""
    return int(area * 100)


def area_text(area: int) -> str:
    """Hundredths of a square metre as they are written: 25050 is `250.50`."""
    whole, rest = divmod(area, 100)
    return f"{whole}.{rest:02d}"


def parse_share(text: str) -> Fraction:
    """The fraction in `1/3` or `1`. Raises share.format, share.range (more than the whole)."""
    match = _SHARE.fullmatch(text)
    if match is None:
        raise refuse("share.format")
    share = Fraction(int(match[1]), int(match[2] or 1))
    if share > 1:
        raise refuse("share.range")
    return share


def share_text(share: Fraction) -> str:
    """A share in lowest terms: `1/3`, `1/1`."""
    return f"{share.numerator}/{share.denominator}"


def parse_certificate_serial(text: str) -> str:
    """The serial of a certificate (số phát hành): two letters and eight digits since 2024, six before.

    Written without the space. Raises certificate_serial.format.
    """
    if not _SERIAL.fullmatch(text):
        raise refuse("certificate_serial.format")
    return text.replace(" ", "")


def _land_use(code: str) -> str:
    if code not in land_uses():
        raise refuse("land_use.unknown", code=code[:20])
    return code


def _geohash(text: str) -> str:
    parse_parcel_geohash(text)
    if not inside_vietnam(text):
        raise refuse("parcel.outside_vietnam")
    return text


Share = Annotated[
    str,
    AfterValidator(lambda text: share_text(parse_share(text))),
    WithJsonSchema({"type": "string", "pattern": f"^({_SHARE.pattern})$", "examples": ["1/2"]}),
]
CertificateSerial = Annotated[
    str,
    AfterValidator(parse_certificate_serial),
    WithJsonSchema({"type": "string", "pattern": f"^({_SERIAL.pattern})$", "examples": ["AA01234567"]}),
]
LandUseCode = Annotated[
    str, AfterValidator(_land_use), WithJsonSchema({"type": "string", "maxLength": 10, "examples": ["ONT"]})
]
Geohash = Annotated[
    str,
    AfterValidator(_geohash),
    WithJsonSchema({"type": "string", "pattern": "^w[0-9b-hjkmnp-z]{11}$", "examples": ["w6u2mpv1x0ke"]}),
]
"""The national parcel identifier: a point inside Vietnam, to 12 characters."""

PartyName = Annotated[Line, Field(min_length=2, max_length=200)]
Vnd = Annotated[int, Field(strict=True, ge=0, le=10**15)]


class RightKind(StrEnum):
    """Quyền sử dụng đất, cho thuê, cho thuê lại."""

    USE = "use"
    LEASE = "lease"
    SUBLEASE = "sublease"


class RightSource(StrEnum):
    """How a right came about (nguồn gốc sử dụng)."""

    ALLOCATED = "allocated"
    RECOGNISED = "recognised"
    LEASED_FROM_STATE = "leased-from-state"
    TRANSFER = "transfer"
    GIFT = "gift"
    INHERITANCE = "inheritance"
    LEASE = "lease"
    SUBLEASE = "sublease"
    SPLIT = "split"
    MERGE = "merge"


class RestrictionKind(StrEnum):
    """Thế chấp, tranh chấp, kê biên, biện pháp khẩn cấp tạm thời, quyền đối với thửa liền kề."""

    MORTGAGE = "mortgage"
    DISPUTE = "dispute"
    DISTRAINT = "distraint"
    EMERGENCY_MEASURE = "emergency-measure"
    EASEMENT = "easement"


class BlockKind(StrEnum):
    """The restrictions an authority enters and lifts; a mortgage comes and goes by a change."""

    DISPUTE = "dispute"
    DISTRAINT = "distraint"
    EMERGENCY_MEASURE = "emergency-measure"
    EASEMENT = "easement"


BLOCKING: Final = frozenset(
    {RestrictionKind.DISPUTE, RestrictionKind.DISTRAINT, RestrictionKind.EMERGENCY_MEASURE}
)
"""While one of these is live the land changes hands in no way."""


class CertificateState(StrEnum):
    """What became of a certificate."""

    LIVE = "live"
    REPLACED = "replaced"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


class ChangeState(StrEnum):
    """pending ──► registered, or given up."""

    PENDING = "pending"
    REGISTERED = "registered"
    GIVEN_UP = "given-up"


class Party(Input):
    """Somebody who can hold a right: a person (personal id), or an organisation (tax code, or its name alone)."""

    name: PartyName
    personal_id: PersonalId | None = None
    tax_code: TaxCode | None = None

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if self.personal_id is not None and self.tax_code is not None:
            raise refuse("party.two_numbers")
        return self

    @property
    def key(self) -> str:
        """Who this is, whatever the spelling of the name."""
        return party_key(self.personal_id, self.tax_code, self.name)


def party_key(personal_id: str | None, tax_code: str | None, name: str) -> str:
    """Who a party is: by personal id, else by tax code, else by folded name."""
    if personal_id is not None:
        return f"p:{personal_id}"
    return f"t:{tax_code}" if tax_code is not None else f"n:{fold(name)[:200]}"


class Holder(Party):
    """A party and its share of the right."""

    share: Share = "1/1"


class LandUse(Input):
    """A land-use code (mục đích sử dụng) and how much of the parcel it is for."""

    code: LandUseCode
    area_m2: Area


class SourceDocument(Input):
    """The paper behind an entry (giấy tờ gốc): contract, decision, judgment, will."""

    kind: Annotated[Line, Field(min_length=1, max_length=60)]
    number: Annotated[Line, Field(max_length=60)] = ""
    issued_on: Day | None = None
    issued_by: Annotated[Line, Field(max_length=200)] = ""
