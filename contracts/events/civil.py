"""What the civil registry (hộ tịch) announces. Key: the id of the record; all events of a record share one row of
versions, whatever their type.

Each event carries what its readers need, so that nobody has to ask the registry back.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.envelope import EventData
from contracts.population.values import BirthDate


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class CivilPerson(_Part):
    """Somebody as a record names them. `personal_id` is null where none is known, as of many foreigners."""

    full_name: str
    personal_id: str | None = None
    date_of_birth: BirthDate | None = None
    sex: str | None = None
    ethnicity: str | None = None
    nationality: str = "VN"


class CivilPlace(_Part):
    """A place as written in a record; `unit_code`, if there is one, is valid on `on`."""

    unit_code: str | None = None
    on: date
    detail: str = ""
    country: str = "VN"


class BirthRegistered(EventData):
    """A birth was registered (đăng ký khai sinh). Who keeps the population data creates the citizen and answers
    with `population.personal-id-assigned`; with a `personal_id` in `child` the citizen has a number already.

    `registered_unit_code` is the unit the registering agency serves, valid on `registered_unit_on`; its province
    is the place of birth registration of the personal id."""

    TYPE: ClassVar[str] = "civil.birth-registered"

    record_id: str
    child: CivilPerson
    born_on: BirthDate
    birth_place: CivilPlace
    hometown: CivilPlace | None = None
    mother: CivilPerson | None = None
    father: CivilPerson | None = None
    agency: str
    registered_unit_code: str
    registered_unit_on: date
    registered_on: date
    again: bool = False
    """An old birth entered once more because its book is lost (đăng ký lại)."""
    dossier_code: str | None = None
    at: datetime


class DeathRegistered(EventData):
    """A death was registered (đăng ký khai tử). `died_on` may be a bare year in a record entered again.
    `spouse_personal_id` is the spouse whom the death leaves widowed, as far as the registry knows;
    `birth_record_id` tells an infant whose personal id was not known yet."""

    TYPE: ClassVar[str] = "civil.death-registered"

    record_id: str
    personal_id: str | None = None
    deceased: CivilPerson
    died_on: BirthDate
    spouse_personal_id: str | None = None
    birth_record_id: str | None = None
    agency: str
    registered_on: date
    dossier_code: str | None = None
    at: datetime


class MarriageRegistered(EventData):
    """A marriage was registered (đăng ký kết hôn). One side may have no personal id."""

    TYPE: ClassVar[str] = "civil.marriage-registered"

    record_id: str
    husband: CivilPerson
    wife: CivilPerson
    married_on: date
    agency: str
    registered_on: date
    dossier_code: str | None = None
    at: datetime


class ParentageRecognised(EventData):
    """A father or mother was recognised (nhận cha, mẹ, con). `role` is `father` or `mother`; `birth_record_id` is
    the child's birth record, where the registry has it: that record is corrected by an event of its own."""

    TYPE: ClassVar[str] = "civil.parentage-recognised"

    record_id: str
    child: CivilPerson
    parent: CivilPerson
    role: str
    birth_record_id: str | None = None
    agency: str
    registered_on: date
    dossier_code: str | None = None
    at: datetime


class RecordCorrected(EventData):
    """A record has a new version (cải chính, thay đổi, bổ sung, ghi chú). `changed` names fields of `content` with
    dots, such as `child.full_name`; `content` is the whole record after the change, in the shape of its kind
    (`contracts.civil.CONTENTS`); `personal_id` the number of the person the record is about."""

    TYPE: ClassVar[str] = "civil.record-corrected"

    record_id: str
    kind: str
    record_version: int
    reason: str
    changed: tuple[str, ...]
    content: dict[str, Any]
    personal_id: str | None = None
    agency: str
    valid_on: date
    at: datetime
