"""What the one-stop shop asks of a procedure beyond its name and time limit. All of it is configuration.

`result_required`: a result paper has to be attached before it is returned. `fee_due`: when the fee has to be
paid, `upfront` (before an online dossier is received) or `before_result`. `notes_optional`: no step of it needs
a reason. A procedure that is not in the file requires no result, its fee before the result, and reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple, cast

from contracts.catalogue.files import read_rows

FeeDue = Literal["upfront", "before_result"]


class ProcedureRules(NamedTuple):
    """The rules of one procedure."""

    result_required: bool = False
    fee_due: FeeDue = "before_result"
    notes_optional: bool = False


@cache
def _by_code() -> Mapping[str, ProcedureRules]:
    columns = ("code", "result_required", "fee_due", "notes_optional")
    return {
        code: ProcedureRules(result == "yes", cast("FeeDue", fee_due or "before_result"), notes == "yes")
        for code, result, fee_due, notes in read_rows("procedure-rules.csv", *columns)
    }


def rules_of(procedure_code: str) -> ProcedureRules:
    """The rules of this procedure; the defaults if the file does not name it."""
    return _by_code().get(procedure_code, ProcedureRules())
