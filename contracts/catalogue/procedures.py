"""Administrative procedures (thủ tục hành chính, TTHC) the one-stop shop can take.

Codes and names are public facts; level, fee, duration and who handles them are working defaults and may be
changed in the data file without touching code.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple, cast

from contracts.catalogue.files import read_rows
from contracts.rules import refuse


class Procedure(NamedTuple):
    """One procedure. `fee_vnd` in đồng; `duration` as `services.bus.kit.deadlines` reads it, such as
    `same-day` or `3-working-days`; `handled_by` the parties that work on it, the first one leading."""

    code: str
    name: str
    field: str
    level: Literal["province", "district", "commune"]
    fee_vnd: int
    duration: str
    handled_by: tuple[str, ...]


@cache
def _by_code() -> Mapping[str, Procedure]:
    columns = ("code", "name", "field", "level", "fee_vnd", "duration", "handled_by")
    return {
        code: Procedure(
            code,
            name,
            field,
            cast(Literal["province", "district", "commune"], level),
            int(fee),
            duration,
            tuple(handlers.split("+")),
        )
        for code, name, field, level, fee, duration, handlers in read_rows("procedures.csv", *columns)
    }


def procedures() -> tuple[Procedure, ...]:
    """Every procedure, in the order of the file."""
    return tuple(_by_code().values())


def procedure(code: str) -> Procedure:
    """The procedure with this national code, such as 1.001193. Raises procedure.unknown."""
    found = _by_code().get(code)
    if found is None:
        raise refuse("procedure.unknown", code=code)
    return found
