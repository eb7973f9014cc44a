"""Names are cleaned whatever they hold; what a file is, is decided by name, declared type and first bytes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.problems import UPLOAD_REFUSED, Problem
from services.dossier.media_types import (
    HEAD_BYTES,
    MEDIA_TYPES,
    check_announced,
    check_content,
    clean_name,
)
from tests.services.dossier.files import DOCX_TYPE, PDF, PNG, zipped


@pytest.mark.parametrize(
    ("given_name", "cleaned"),
    [
        ("Đơn đề nghị.pdf", "Đơn đề nghị.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\an\\giấy khai sinh.png", "giấy khai sinh.png"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("hoa\u202efdp.exe", "hoafdp.exe"),
        ("  ..ẩn.pdf. ", "ẩn.pdf"),
        (unicodedata.normalize("NFD", "Đặng.pdf"), "Đặng.pdf"),
        ("x" * 400 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_a_name_is_cleaned(given_name: str, cleaned: str) -> None:
    assert clean_name(given_name) == cleaned


@pytest.mark.parametrize("nothing", ["", "../..", "a/", "\x00\u202e", " . . "])
def test_a_name_of_nothing_is_refused(nothing: str) -> None:
    with pytest.raises(Problem) as refused:
        clean_name(nothing)
    assert refused.value.type is UPLOAD_REFUSED


@given(st.text(max_size=600))
def test_whatever_the_name_nothing_dangerous_is_left(text: str) -> None:
    try:
        name = clean_name(text)
    except Problem:
        return
    assert 0 < len(name) <= 255
    assert not set(name) & set("/\\")
    assert name not in (".", "..")
    assert not any(unicodedata.category(each).startswith("C") for each in name)
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("name", "declared", "media_type"),
    [
        ("a.PDF", "application/pdf", "application/pdf"),
        ("a.txt", "text/plain; charset=utf-8", "text/plain"),
        ("a.xml", "text/xml", "application/xml"),
        ("a.docx", "", DOCX_TYPE),
        ("a.jpeg", "application/octet-stream", "image/jpeg"),
    ],
)
def test_name_and_declared_type_agree(name: str, declared: str, media_type: str) -> None:
    assert check_announced(name, declared, frozenset(MEDIA_TYPES)) == media_type


@pytest.mark.parametrize(
    ("name", "declared"),
    [("a.exe", ""), ("a", "application/pdf"), ("a.pdf", "image/png"), ("a.html", "text/html"), ("pdf", "")],
)
def test_other_names_and_types_are_refused(name: str, declared: str) -> None:
    with pytest.raises(Problem):
        check_announced(name, declared, frozenset(MEDIA_TYPES))
    with pytest.raises(Problem):
        check_announced("a.pdf", "application/pdf", {"image/png"})


TRUE = {
    "application/pdf": PDF,
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "image/tiff": b"II*\x00\x08",
    DOCX_TYPE: zipped("[Content_Types].xml"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": zipped("xl/workbook.xml"),
    "application/vnd.etsi.asic-e+zip": zipped("mimetype"),
    "application/vnd.etsi.asic-s+zip": zipped("mimetype"),
    "application/zip": zipped("anything"),
    "application/xml": b'\xef\xbb\xbf<?xml version="1.0"?><a/>',
    "application/json": b' {"a": 1}',
    "text/plain": "Kính gửi Ủy ban nhân dân".encode(),
}


@pytest.mark.parametrize("media_type", sorted(MEDIA_TYPES))
def test_first_bytes_tell_each_type(media_type: str) -> None:
    check_content(TRUE[media_type], media_type)
    with pytest.raises(Problem):
        check_content(b"MZ\x90\x00" + b"\x00" * 60, media_type)
    for other in ("image/png", "application/pdf"):
        if other != media_type:
            with pytest.raises(Problem):
                check_content(TRUE[media_type], other)


def test_an_office_document_is_not_any_zip() -> None:
    with pytest.raises(Problem):
        check_content(zipped("classes.dex"), DOCX_TYPE)


def test_text_may_be_cut_in_the_middle_of_a_letter_only_where_the_head_ends() -> None:
    text = ("x" * (HEAD_BYTES - 1) + "ữ").encode()
    check_content(text[:HEAD_BYTES], "text/plain")
    with pytest.raises(Problem):
        check_content(text[:-1][-10:], "text/plain")
