"""A birth, a death or a marriage is registered again (đăng ký lại): its book is lost. NĐ 123/2015, Đ.24."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Select, bindparam, select

from contracts.catalogue.agencies import agency
from contracts.civil import (
    EarlierEntry,
    Entered,
    NewBirth,
    NewDeath,
    NewMarriage,
    NewReRegistration,
)
from services.bus.kit.tx import Tx
from services.registry.civil.books import book_id
from services.registry.civil.commands.births import register_birth
from services.registry.civil.commands.deaths import register_death
from services.registry.civil.commands.entry import Act, settle
from services.registry.civil.commands.marriages import register_marriage
from services.registry.civil.models import Record
from services.registry.civil.rules import Finding, found, judged

_AT: Select[Any] = select(Record.id).where(
    Record.book_id == bindparam("book_id"), Record.number == bindparam("number")
)
_NUMBER: Final = re.compile(r"0*([1-9][0-9]{0,5})(?:/[0-9]{4})?")
_FILING: Final = ("agency", "officer", "dossier_code", "received_at")


def register_again(tx: Tx, new: NewReRegistration, act: Act) -> Entered:
    """Register what `kind` names once more. Raises what registering it raises, and CIVIL_RULES_BROKEN."""
    settle(tx)
    judged(_findings(tx, new))
    again = replace(act, again=True, reason=new.ground)
    filing = {name: getattr(new, name) for name in _FILING}
    if new.birth is not None:
        return register_birth(tx, NewBirth(**_fields(new.birth), **filing), again)
    if new.death is not None:
        return register_death(tx, NewDeath(**_fields(new.death), **filing), again)
    assert new.marriage is not None
    return register_marriage(tx, NewMarriage(**_fields(new.marriage), **filing), again)


def _fields(content: Any) -> dict[str, Any]:
    return {name: getattr(content, name) for name in type(content).model_fields}


def _findings(tx: Tx, new: NewReRegistration) -> Iterator[Finding]:
    given = [name for name in ("birth", "death", "marriage") if getattr(new, name) is not None]
    if given != [new.kind]:
        yield found("again.kind", new.kind)
        return
    if new.birth is not None and new.birth.child.personal_id is None:
        yield found("again.personal-id", "birth.child.personal_id")
    content: Any = getattr(new, new.kind)
    if content.earlier is not None and _is_held(tx, new, content.earlier):
        yield found("again.not-lost", f"{new.kind}.earlier.number")


def _is_held(tx: Tx, new: NewReRegistration, earlier: EarlierEntry) -> bool:
    """Whether the earlier entry is in the registry still; an agency or a number of no known form is not."""
    number = _NUMBER.fullmatch(earlier.number)
    try:
        code = agency(earlier.agency or new.agency).code
    except ValueError:
        return False
    if number is None:
        return False
    key = book_id(code, new.kind, earlier.registered_on.year)
    return bool(tx.fetch(_AT, book_id=key, number=int(number[1])))
