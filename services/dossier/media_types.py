"""What kinds of file a dossier takes, and how each is told: by name, declared type and first bytes.

A declared type is a claim; the first bytes decide. No library guesses here: the table is the whole rule, and
a file is never opened or parsed, so that a hostile one can do nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from contracts.problems import UPLOAD_REFUSED, Problem

HEAD_BYTES: Final = 4096
"""How much of a file `check_content` wants to see."""

MAX_NAME: Final = 255
GENERIC: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Declared types that say nothing: the name decides."""

_BOM: Final = b"\xef\xbb\xbf"
_LOCAL_FILE: Final = b"PK\x03\x04"
_OFFICE_PARTS: Final = ("[Content_Types].xml", "_rels/", "docProps/", "customXml/")


@dataclass(frozen=True, slots=True)
class Kind:
    """One media type: the extensions its files bear, and a look at their first bytes."""

    extensions: tuple[str, ...]
    begins: Callable[[bytes], bool]


def _with(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def _office(folder: str) -> Callable[[bytes], bool]:
    """A ZIP whose first entry is one that an office document can begin with (ECMA-376, part 2)."""

    def begins(head: bytes) -> bool:
        length = int.from_bytes(head[26:28], "little")
        first = head[30 : 30 + length].decode("utf-8", "replace")
        return head.startswith(_LOCAL_FILE) and first.startswith((*_OFFICE_PARTS, folder))

    return begins


def _text(head: bytes) -> bool:
    """UTF-8 without control characters but white space. The last character may be cut off."""
    if any(byte < 0x20 and byte not in b"\t\n\r\f" for byte in head):
        return False
    for cut in range(4 if len(head) >= HEAD_BYTES else 1):
        try:
            head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return True
    return False


def _text_with(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: _text(head) and head.removeprefix(_BOM).lstrip().startswith(signatures)


MEDIA_TYPES: Final[dict[str, Kind]] = {
    "application/pdf": Kind(("pdf",), _with(b"%PDF-")),
    "image/png": Kind(("png",), _with(b"\x89PNG\r\n\x1a\n")),
    "image/jpeg": Kind(("jpg", "jpeg"), _with(b"\xff\xd8\xff")),
    "image/tiff": Kind(("tif", "tiff"), _with(b"II*\x00", b"MM\x00*")),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Kind(("docx",), _office("word/")),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Kind(("xlsx",), _office("xl/")),
    "application/vnd.etsi.asic-e+zip": Kind(("asice", "sce"), _with(_LOCAL_FILE)),
    "application/vnd.etsi.asic-s+zip": Kind(("asics", "scs"), _with(_LOCAL_FILE)),
    "application/zip": Kind(("zip",), _with(_LOCAL_FILE)),
    "application/xml": Kind(("xml",), _text_with(b"<")),
    "application/json": Kind(("json",), _text_with(b"{", b"[")),
    "text/plain": Kind(("txt",), _text),
}
_ALIASES: Final = {"text/xml": "application/xml", "application/x-zip-compressed": "application/zip"}


def clean_name(given: str) -> str:
    """The file name to show: no folders, no control or invisible characters (a right-to-left override can
    disguise an extension), at most 255 characters with the extension kept. Never used as a path.

    Raises Problem UPLOAD_REFUSED if nothing is left.
    """
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(each for each in last if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    name = " ".join(unicodedata.normalize("NFC", visible).split()).strip(". ")
    if not name:
        raise Problem(
            UPLOAD_REFUSED,
            reason_vi="tệp phải có tên",
            reason_en="the file needs a name",
            extra={"rule": "name"},
        )
    if len(name) <= MAX_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = dot + extension if stem and len(extension) <= 10 else ""
    return name[: MAX_NAME - len(tail)].rstrip(". ") + tail


def check_announced(name: str, declared: str, allowed: Collection[str]) -> str:
    """The media type of a file by its name and what is declared of it; UPLOAD_REFUSED unless both agree on an
    allowed one."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    bare = declared.partition(";")[0].strip().lower()
    bare = _ALIASES.get(bare, bare)
    by_name = next((media for media, kind in MEDIA_TYPES.items() if extension in kind.extensions), None)
    if by_name is None or by_name not in allowed or bare not in (by_name, *GENERIC):
        accepted = ", ".join(f".{each}" for media in sorted(allowed) for each in MEDIA_TYPES[media].extensions)
        shown = (bare or "?")[:100]
        raise Problem(
            UPLOAD_REFUSED,
            reason_vi=f"tên tệp (.{extension[:20]}) và kiểu {shown} phải khớp nhau, thuộc loại {accepted}",
            reason_en=f"name (.{extension[:20]}) and type {shown} have to agree on one of {accepted}",
            extra={"rule": "media_type"},
        )
    return by_name


def check_content(head: bytes, media_type: str) -> None:
    """Raise UPLOAD_REFUSED unless the first bytes (up to HEAD_BYTES) are those of `media_type`."""
    if not MEDIA_TYPES[media_type].begins(head):
        raise Problem(
            UPLOAD_REFUSED,
            reason_vi=f"nội dung tệp không phải là {media_type}",
            reason_en=f"the content of the file is not {media_type}",
            extra={"rule": "content"},
        )
