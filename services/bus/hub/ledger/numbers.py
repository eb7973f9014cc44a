"""The numbers links and series have in the tables, remembered once they are committed. For one hub process."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import bindparam, select

from services.bus.hub.ledger.models import Link, Series
from services.bus.hub.ledger.names import LinkName
from services.bus.kit.tx import Tx

K = TypeVar("K")

SeriesKey = tuple[int, str, str, str]
"""Link, hop, dimension, value."""

_LINKS: Final = Link.__table__
_SERIES: Final = Series.__table__
_LINK = select(_LINKS.c.id).where(_LINKS.c.slug == bindparam("slug"))
_ONE_SERIES = select(_SERIES.c.id).where(
    _SERIES.c.link_id == bindparam("link_id"),
    _SERIES.c.hop == bindparam("hop"),
    _SERIES.c.dimension == bindparam("dimension"),
    _SERIES.c.value == bindparam("value"),
)


class Numbers:
    """Finds a number, or gives one in this transaction."""

    def __init__(self) -> None:
        self._links: dict[LinkName, int] = {}
        self._series: dict[SeriesKey, int] = {}

    def link(self, tx: Tx, name: LinkName, now: datetime) -> int:
        known = self._links.get(name)
        return known if known is not None else self._new_link(tx, name, now)

    def series(self, tx: Tx, key: SeriesKey) -> int:
        known = self._series.get(key)
        return known if known is not None else self._new_series(tx, key)

    def _new_link(self, tx: Tx, name: LinkName, now: datetime) -> int:
        found = tx.fetch(_LINK, slug=name.slug)
        if found:
            return self._keep(tx, self._links, name, found[0][0])
        row = Link(
            slug=name.slug,
            source=name.source,
            type=name.type,
            consumer=name.consumer,
            verb=name.verb,
            first_seen_at=now,
        )
        return self._made(tx, self._links, name, row)

    def _new_series(self, tx: Tx, key: SeriesKey) -> int:
        link_id, hop, dimension, value = key
        found = tx.fetch(_ONE_SERIES, link_id=link_id, hop=hop, dimension=dimension, value=value)
        if found:
            return self._keep(tx, self._series, key, found[0][0])
        return self._made(
            tx, self._series, key, Series(link_id=link_id, hop=hop, dimension=dimension, value=value)
        )

    def _made(self, tx: Tx, known: dict[K, int], key: K, row: Any) -> int:
        super(Tx, tx).add(row)
        tx.flush()
        return self._keep(tx, known, key, row.id)

    @staticmethod
    def _keep(tx: Tx, known: dict[K, int], key: K, number: int) -> int:
        """Only what is committed may be remembered: the transaction may still be rolled back."""
        tx.after_commit(lambda: known.__setitem__(key, number))
        return number
