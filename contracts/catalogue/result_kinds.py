"""Kinds of electronic results (loại kết quả): what is on each, in which order, and where it comes from.

`from` of a field lists places to look, first come first taken: `form.child.full_name` in the e-form,
`results.number` in what the kind's own `system` answered, `applicant.full_name` of the dossier. The owner is
found the same way, and is the applicant if nobody is; `holders` are further people it belongs to, such as both
spouses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from contracts.catalogue.plans import When
from contracts.identifiers.agencies import ResultCode
from contracts.problems.text import Text
from contracts.rules import refuse
from contracts.tasks.systems import System

_FILE: Final = Path(__file__).parent / "result-kinds.json"

Format = Literal["text", "date", "datetime", "integer", "money", "area", "sex", "choice", "list", "record"]
Source = Annotated[str, Field(pattern=r"^(form|results|applicant)(\.[a-z0-9_]+)+$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(_Part):
    """A text in both languages."""

    vi: str
    en: str

    @property
    def text(self) -> Text:
        return Text(self.vi, self.en)


class ResultField(_Part):
    """One line on the result. A `required` one has to be known for the result to be issued; `values` names
    what a `choice` can be."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: Label
    format: Format = "text"
    required: bool = False
    values: Mapping[str, Label] = Field(default_factory=dict)
    sources: tuple[Source, ...] = Field((), alias="from")


class OwnerSources(_Part):
    """Where the owner's id and name are found; `when` narrows it to forms of a certain content."""

    when: When | None = None
    id: tuple[Source, ...]
    name: tuple[Source, ...]


class Replaces(_Part):
    """What a new result puts an end to: those of these `kinds` that are about the same `subject`."""

    kinds: tuple[str, ...]
    subject: tuple[Source, ...]


class ResultKind(_Part):
    """One kind. `number` names the field that holds the number in the register; `valid_months` is how long a
    result is good for by law (`source`), unless the system says until when itself (`valid_until`); `subject`
    is what it is about (a parcel, a mortgage), where only one result at a time can be."""

    name: Annotated[str, Field(alias="kind", pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    code: ResultCode
    title: Label
    system: System
    number: str | None = None
    valid_months: int | None = None
    valid_until: tuple[Source, ...] = ()
    source: str | None = None
    owner: tuple[OwnerSources, ...] = ()
    subject: tuple[Source, ...] = ()
    replaces: Replaces | None = None
    holders: tuple[Source, ...] = ()
    fields: tuple[ResultField, ...] = Field(min_length=1)


@cache
def _by_name() -> Mapping[str, ResultKind]:
    kinds = TypeAdapter(tuple[ResultKind, ...]).validate_python(json.loads(_FILE.read_text("utf-8")))
    return {kind.name: kind for kind in kinds}


def result_kinds() -> tuple[ResultKind, ...]:
    """Every kind, in the order of the file."""
    return tuple(_by_name().values())


def result_kind(name: str) -> ResultKind:
    """The kind with this name. Raises result_kind.unknown."""
    found = _by_name().get(name)
    if found is None:
        raise refuse("result_kind.unknown", kind=name[:60])
    return found
