"""One line of a file: what it says, or the one reason why it cannot be read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from contracts.problems import Problem
from services.bus.kit.importing.lines import CSV, JSON_LINES, LONGEST_LINE, csv_values, json_values, read_header
from services.bus.kit.importing.pieces import Pieces
from services.bus.kit.importing.sheet import Piece, read_piece, truncated
from tests.services.bus.kit.importing.sheets import WordSheet

COLUMNS = ["a", "b"]


def refusal(read: Any, *args: Any) -> tuple[str, dict[str, Any]]:
    with pytest.raises(PydanticCustomError) as refused:
        read(*args)
    return refused.value.type, dict(refused.value.context or {})


def test_csv() -> None:
    assert csv_values(b"1,2", COLUMNS) == {"a": "1", "b": "2"}
    assert csv_values(b"1,\r", COLUMNS) == {"a": "1"}
    assert csv_values('"Xã ""Nhơn"", Lý",x'.encode(), COLUMNS) == {"a": 'Xã "Nhơn", Lý', "b": "x"}
    assert refusal(csv_values, b"1,2,3", COLUMNS) == ("import.fields", {"expected": 2, "found": 3})
    assert refusal(csv_values, b'1,"2', COLUMNS)[0] == "import.quotes"
    assert refusal(csv_values, b'1,"2"x', COLUMNS)[0] == "import.quotes"
    assert refusal(csv_values, "Nguyễn,".encode("utf-16"), COLUMNS) == ("import.encoding", {"byte": 1})
    assert refusal(csv_values, b"x" * (LONGEST_LINE + 1), COLUMNS)[0] == "import.line_too_long"


def test_json() -> None:
    assert json_values(b'\xef\xbb\xbf{"a": 1, "b": null, "c": "", "d": true}') == {"a": 1, "d": "True"}
    for line in (b"[1]", b"1", b"nothing", b'{"a": ', b'{"a": NaN}', b"[" * 5_000):
        assert refusal(json_values, line)[0] == "import.json"
    assert refusal(json_values, b'{"a": "\xff"}')[0] == "import.encoding"
    assert refusal(json_values, b" " * (LONGEST_LINE + 1))[0] == "import.line_too_long"


def test_the_header_names_known_columns_each_once() -> None:
    assert read_header(b"\xef\xbb\xbfb, a\r\n", ("a", "b"), ("a",)) == ["b", "a"]
    for line, unknown, missing in (
        (b"b\n", "–", "a"),
        (b"a,c\n", "c", "–"),
        (b"a,a\n", "a", "–"),
        (b"", "–", "a"),
        (b'"a\n', "–", "a"),
        ("ã\n".encode("utf-16"), "–", "a"),
    ):
        with pytest.raises(Problem) as refused:
            read_header(line, ("a", "b"), ("a",))
        assert refused.value.type.slug == "bad-import-header"
        assert refused.value.params["unknown"] == unknown, line
        assert refused.value.params["missing"] == missing, line


def read(data: bytes, form: str = CSV, dialect: str = "sqlite") -> Piece:
    now = datetime(2026, 1, 2, 3, tzinfo=UTC)
    return read_piece(
        WordSheet(),
        data,
        form,
        ["word", "note"],
        import_id="i",
        first_line=10,
        today=date(2026, 1, 2),
        now=now,
        dialect=dialect,
    )


def test_a_piece_tells_good_rows_from_bad_lines() -> None:
    piece = read(b"one,\n\n \r\n,x\ntwo,\r\nthree\n")
    assert (piece.size, piece.lines, piece.claims) == (6, [10, 14], [("one",), ("two",)])
    assert piece.tables["words"] == ([(10, "one"), (14, "two")], [0, 1])
    assert piece.tables["letters"] == ([("o", 10), ("n", 10), ("t", 14), ("w", 14)], [0, 0, 1, 1])
    assert piece.bad == [
        (13, [("word", "missing", {})]),
        (15, [("", "import.fields", {"expected": 2, "found": 1})]),
    ]
    assert read(b'{"word": "one"}\n', JSON_LINES).claims == [("one",)]
    assert truncated(7).bad == [(7, [("", "import.line_truncated", {})])]


async def stream(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@pytest.mark.anyio
@given(
    lines=st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=30),
    end=st.binary(max_size=5).map(lambda line: line.replace(b"\n", b"")),
    chunk=st.integers(1, 50),
    size=st.integers(1, 100),
)
async def test_pieces_are_whole_lines_however_they_come(
    lines: list[bytes], end: bytes, chunk: int, size: int
) -> None:
    data = b"".join(line + b"\n" for line in lines) + end
    pieces = Pieces(stream(data, chunk), size)
    found = [piece async for piece in pieces]
    assert b"".join(found) + pieces.rest == data
    assert bytes(pieces.rest) == end
    assert all(piece.endswith(b"\n") and len(piece) <= max(size, 41) for piece in found)


@pytest.mark.anyio
async def test_a_long_line_passes_and_an_endless_one_is_refused() -> None:
    data = b"a\n" + b"x" * LONGEST_LINE + b"y\nb\n"
    assert b"".join([piece async for piece in Pieces(stream(data, 700), 1_000)]) == data
    with pytest.raises(Problem) as refused:
        async for _ in Pieces(stream(b"a\n" + b"x" * 200_000, 700), 1_000):
            pass
    assert refused.value.type.slug == "malformed-body"


@pytest.mark.anyio
async def test_the_header_comes_first_and_whole() -> None:
    pieces = Pieces(stream(b"a,b\r\n1,2\n3", 2), 1_000)
    assert await pieces.header() == b"a,b\r\n"
    assert [piece async for piece in pieces] == [b"1,2\n"]
    assert await Pieces(stream(b"a,b", 2), 1_000).header() == b""
    assert await Pieces(stream(b"x" * 300_000, 1_000), 1_000).header() == b""
