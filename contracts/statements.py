"""Signed statements that province and portal agree (bản xác nhận): what is stated, and how it is written to be
signed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.extents import Extent

STATEMENT_TYPE = "truc-statement+jws"
"""The `typ` of a statement's signature."""


class Agreement(BaseModel):
    """What the sides hold of one dossier (`code`), or of all dossiers numbered on one day (`day`), and whether
    it is the same. Province and axis are compared by statuses, axis (`axis_wire`) and portal by the wire;
    `portal` is null where the portal cannot tell, and the axis's record of what it acknowledged stands for it.
    `waiting`: steps still on their way."""

    model_config = ConfigDict(extra="forbid")

    code: str | None
    day: date | None
    at: datetime
    agree: bool
    province: Extent
    axis: Extent
    axis_wire: Extent
    portal: Extent | None
    waiting: int


class Statement(Agreement):
    """An agreement as the hub states it. `says` is the sentence it comes to, in both languages."""

    version: Literal[1] = 1
    issuer: str
    says_vi: str
    says_en: str


class SignedStatement(BaseModel):
    """A statement and the detached JWS (RFC 7515, appendix F) over its canonical JSON."""

    statement: Statement
    signature: str
