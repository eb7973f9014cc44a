"""The small values of the civil registry: kinds of records and books, roles in them, and how entries are numbered.

A book (sổ hộ tịch) is kept by one agency for one kind and one year; its numbers begin at 1 each year. A volume
(quyển) is written 01/2024-KS, an entry 15/2024.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from contracts.problems.text import Text


class RecordKind(StrEnum):
    """What a record is about."""

    BIRTH = "birth"
    DEATH = "death"
    MARRIAGE = "marriage"
    RECOGNITION = "recognition"
    GUARDIANSHIP = "guardianship"
    MARITAL_STATUS = "marital-status"

    @property
    def text(self) -> Text:
        return _KINDS[self]


_KINDS: Final = {
    RecordKind.BIRTH: Text("khai sinh", "birth"),
    RecordKind.DEATH: Text("khai tử", "death"),
    RecordKind.MARRIAGE: Text("kết hôn", "marriage"),
    RecordKind.RECOGNITION: Text("nhận cha, mẹ, con", "recognition of a parent"),
    RecordKind.GUARDIANSHIP: Text("giám hộ", "guardianship"),
    RecordKind.MARITAL_STATUS: Text("xác nhận tình trạng hôn nhân", "marital-status certificate"),
}


class BookKind(StrEnum):
    """Books: one a kind of record, and those of corrections and of extracts."""

    BIRTH = "birth"
    DEATH = "death"
    MARRIAGE = "marriage"
    RECOGNITION = "recognition"
    GUARDIANSHIP = "guardianship"
    MARITAL_STATUS = "marital-status"
    CORRECTION = "correction"
    EXTRACT = "extract"


MARKS: Final = {
    BookKind.BIRTH: "KS",
    BookKind.DEATH: "KT",
    BookKind.MARRIAGE: "KH",
    BookKind.RECOGNITION: "CMC",
    BookKind.GUARDIANSHIP: "GH",
    BookKind.MARITAL_STATUS: "TTHN",
    BookKind.CORRECTION: "TĐCC",
    BookKind.EXTRACT: "TL",
}
"""What stands behind the year in the name of a volume."""


def volume_name(kind: BookKind, year: int, volume: int) -> str:
    """Quyển số: `01/2024-KS`."""
    return f"{volume:02d}/{year}-{MARKS[kind]}"


def entry_number(number: int, year: int) -> str:
    """Số: `15/2024`."""
    return f"{number}/{year}"


class Role(StrEnum):
    """What somebody is in a record."""

    CHILD = "child"
    MOTHER = "mother"
    FATHER = "father"
    DECEASED = "deceased"
    HUSBAND = "husband"
    WIFE = "wife"
    PARENT = "parent"
    WARD = "ward"
    GUARDIAN = "guardian"
    PERSON = "person"


class RegistrationKind(StrEnum):
    """How a record came to be (loại đăng ký)."""

    REGISTERED = "registered"
    AGAIN = "again"
    """Đăng ký lại: entered once more because the earlier book is lost."""
    DIGITISED = "digitised"
    """Số hóa: taken over from a paper book, with the number it has there."""


class ChangeKind(StrEnum):
    """Why a record has another version."""

    ENTRY = "entry"
    CORRECTION = "correction"
    """Cải chính: an error of the registrar or the applicant is put right."""
    CHANGE = "change"
    """Thay đổi: a lawful change, as of a name."""
    SUPPLEMENT = "supplement"
    """Bổ sung: what was missing is added."""
    NOTE = "note"
    """Ghi chú: what was decided elsewhere, as a divorce."""
    RECOGNITION = "recognition"
    """A father or mother was recognised."""
