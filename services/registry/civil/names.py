"""Names as they are looked up: without diacritics for the index, with them to tell the hits apart.

A search for "nguyen van an" finds every spelling; one for "Nguyễn Văn Ân" finds that spelling only.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from contracts.catalogue.search import fold as fold_text


def with_marks(name: str) -> str:
    """Composed, small letters, single spaces: what two spellings of one name share."""
    return " ".join(map(_with_marks, name.split()))


def fold(name: str) -> str:
    """Small letters without diacritics, single spaces, as the catalogue folds names of places."""
    return " ".join(map(_fold, name.split()))


@lru_cache(maxsize=50_000)
def _with_marks(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold()


@lru_cache(maxsize=50_000)
def _fold(word: str) -> str:
    """Names are made of few words: remembering them is most of the speed of an import."""
    return fold_text(word)


def has_marks(text: str) -> bool:
    """Whether the text says more than its folded form."""
    return with_marks(text) != fold(text)


def orders(folded: str) -> list[str]:
    """The name and the orders it is also written in: rotated (Văn An Nguyễn, An Nguyễn Văn) and reversed."""
    words = folded.split(" ")
    turned = [" ".join(words[start:] + words[:start]) for start in range(len(words))]
    return list(dict.fromkeys([*turned, " ".join(reversed(words))]))
