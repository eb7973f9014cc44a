"""The dossiers a batch of calls works on: looked up in one select, written with one statement at the commit.

This is the busiest path of the portal, so it goes past the ORM: a head is a small plain object that every
command of a batch sees as the ones before left it. A command decides first and changes afterwards: it must
not raise between changing a head and saving it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from gateway.portal.models import Dossier, DossierContent
from services.bus.kit.statements import Lookup
from services.bus.kit.tx import Tx

_TABLE = cast("Table", Dossier.__table__)
_NAMES = tuple(column.name for column in _TABLE.columns)
_LOOK_UP = Lookup(_TABLE, "code")
_INFO = "portal.heads"


@dataclass(slots=True)
class DossierHead:
    """A row of `dossiers`; the fields are its columns, in their order."""

    code: str
    unit: str
    reference: str | None
    status: int
    status_at: datetime
    seen: int
    steps: int = 0
    last_at: str = ""
    last_status: int | None = None
    at_last: int = 0
    changes: int = 1
    duplicates_ignored: int = 0
    older_ignored: int = 0


class Heads:
    """The heads of one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._known: dict[str, DossierHead | None] = {}
        self._upserts = _UPSERTS[tx.dialect]

    @classmethod
    def of(cls, tx: Tx) -> Heads:
        """The heads of this transaction: the same object for every command of a batch."""
        found = tx.info.get(_INFO)
        if found is None:
            found = tx.info[_INFO] = cls(tx)
        return cast("Heads", found)

    def look_up(self, codes: Iterable[str]) -> None:
        """Read these in as few selects as databases allow, so that `find` costs nothing afterwards."""
        wanted = {code for code in codes if code not in self._known}
        self._known.update(dict.fromkeys(wanted))
        for row in self._tx.look_up(_LOOK_UP, wanted):
            self._known[row[0]] = DossierHead(*row)

    def find(self, code: str) -> DossierHead | None:
        """The head of this dossier, with what earlier commands of the batch did to it."""
        if code not in self._known:
            self.look_up((code,))
        return self._known[code]

    def save(self, head: DossierHead) -> None:
        """Write this head, new or changed, at the commit."""
        self._known[head.code] = head
        self._tx.later(self._upserts[Dossier], {name: getattr(head, name) for name in _NAMES})

    def save_content(self, code: str, hoso: str, now: datetime) -> None:
        """Replace what the province tells about this dossier."""
        row = {"code": code, "received_at": now, "hoso": hoso}
        self._tx.later(self._upserts[DossierContent], row)


def _upsert(dialect: Any, table: Table) -> Any:
    statement = dialect.insert(table)
    changing = {each.name: statement.excluded[each.name] for each in table.columns if not each.primary_key}
    return statement.on_conflict_do_update(index_elements=["code"], set_=changing)


_UPSERTS: dict[str, dict[type, Any]] = {
    dialect.dialect.name: {
        model: _upsert(dialect, cast("Table", model.__table__)) for model in (Dossier, DossierContent)
    }
    for dialect in (sqlite, postgresql)
}
