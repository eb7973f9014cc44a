"""Operators and their actions as JSON. A password made by the hub is in the answer that made it, and in no
other."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from services.bus.hub.operators.passwords import LONGEST, SHORTEST
from services.bus.hub.operators.roles import Role
from services.bus.hub.schemas import Name
from services.bus.kit.api import Body

USERNAME_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]$"

Username = Annotated[str, Field(pattern=USERNAME_PATTERN)]
Password = Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST)]
OperatorStatus = Literal["active", "disabled"]


class NewOperator(Body):
    """An account to make. Without a password the hub makes one."""

    username: Username
    name: Name
    role: Role
    password: Password | None = None


class OperatorChange(Body):
    """What to change; a field left out stays as it is."""

    name: Name | None = None
    role: Role | None = None


class NewPassword(Body):
    """Without a password the hub makes one."""

    password: Password | None = None


class OperatorView(BaseModel):
    """An account, without its password."""

    username: str
    version: int
    name: str
    role: Role
    status: OperatorStatus
    created_at: datetime
    changed_at: datetime
    password_changed_at: datetime
    logged_in_at: datetime | None


class OperatorWithPassword(OperatorView):
    """An account with the password just made; null if it was chosen, or when this answer is a repetition."""

    made_password: str | None = None


class ActionView(BaseModel):
    """What somebody did: `what` to `target`, why, and how it ended."""

    id: str
    at: datetime
    who: str
    name: str
    role: str
    what: str
    target: str
    reason: str | None
    outcome: Literal["started", "done", "refused", "failed"]
    said: str | None
    ended_at: datetime | None
