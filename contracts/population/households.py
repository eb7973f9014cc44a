"""Households (hộ gia đình): a head, members and what each is to the head, at one address."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from contracts.identifiers import PersonalId, UnitCode
from contracts.population.residences import AfterReform, Detail
from contracts.population.values import Day, Input, Line, Relation


class HouseholdMember(Input):
    """A member and what they are to the head; exactly one member is the head."""

    personal_id: PersonalId
    relation: Relation


class NewHousehold(Input):
    """A household formed on `valid_from`. `number` is that of the old paper book [SoSoHoKhau], if there was
    one; nobody may be asked for it (NĐ 104/2022)."""

    number: Annotated[Line, Field(min_length=1, max_length=20)] | None = None
    unit_code: UnitCode
    detail: Detail = ""
    valid_from: Day
    members: Annotated[list[HouseholdMember], Field(min_length=1, max_length=50)]


class JoiningMember(Input):
    """A citizen who joins a household on `valid_from`, leaving the one they were in."""

    personal_id: PersonalId
    relation: Relation
    valid_from: Day


class SplitHousehold(Input):
    """Members who leave a household on `valid_from` to form one of their own (tách hộ); exactly one of them is
    its head. Without `unit_code` it is at the address of the household they leave."""

    members: Annotated[list[HouseholdMember], Field(min_length=1, max_length=50)]
    valid_from: Day
    unit_code: UnitCode | None = None
    detail: Detail = ""


class NewHead(Input):
    """A member becomes the head (thay đổi chủ hộ) on `valid_from`."""

    personal_id: PersonalId
    valid_from: Day


class RecordedHousehold(BaseModel):
    """The answer to a household formed or changed."""

    household_id: str
    version: int


class HouseholdMemberView(BaseModel):
    personal_id: str
    full_name: str
    relation: Relation
    valid_from: date


class Household(BaseModel):
    """A household with its present members, the head first. It has no head where the head died and no member
    is of age."""

    household_id: str
    version: int
    number: str | None
    head_personal_id: str | None
    unit_code: str
    unit_name: str
    after_reform: AfterReform | None
    detail: str
    valid_from: date
    members: list[HouseholdMemberView]
