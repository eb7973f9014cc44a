"""How entries fall on the pages and volumes of a book. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from contracts.civil import BookKind


class Layout(NamedTuple):
    """Entries a page, pages a volume (trang, quyển)."""

    entries_a_page: int = 1
    pages_a_volume: int = 200

    def place(self, number: int) -> tuple[int, int]:
        """Volume and page of the entry with this number; both begin at 1."""
        volume, page = divmod((number - 1) // self.entries_a_page, self.pages_a_volume)
        return volume + 1, page + 1


USUAL: Final = Layout()


def book_id(agency: str, kind: BookKind | str, year: int) -> str:
    """The key of a book: `H08.31.21/birth/2024`."""
    return f"{agency}/{kind}/{year}"
