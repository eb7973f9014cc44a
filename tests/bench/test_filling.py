"""Multiplying one dossier: every table that knows it, no other, and keys that stay unique."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bench.filling import SERVICES, code_of, fill, name_of
from contracts.identifiers import parse_dossier_code

REAL = "H08-261122-0001"


def make(data: Path) -> None:
    for service in SERVICES:
        (data / service).mkdir(parents=True)
        with closing(sqlite3.connect(data / service / f"{service}.db")) as database, database:
            database.executescript(
                f"""
                CREATE TABLE dossiers (code TEXT PRIMARY KEY, full_name TEXT, hoso BLOB);
                CREATE TABLE axis_answers (id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;
                CREATE TABLE sequences (id TEXT PRIMARY KEY, last INTEGER);
                INSERT INTO dossiers VALUES ('{REAL}', 'Nguyễn Văn An', CAST('<{REAL}>' AS BLOB));
                INSERT INTO axis_answers VALUES ('digest', CAST('{{"code":"{REAL}"}}' AS BLOB));
                INSERT INTO sequences VALUES ('H08-261122', 1);
                """
            )


def test_every_row_of_the_dossier_is_multiplied_and_no_other(tmp_path: Path) -> None:
    make(tmp_path)
    fill(tmp_path, REAL, 7_000)
    for service in SERVICES:
        with closing(sqlite3.connect(tmp_path / service / f"{service}.db")) as database:
            counts = [
                database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("dossiers", "axis_answers", "sequences")
            ]
            assert counts == [7_001, 7_001, 1]
            row = database.execute("SELECT * FROM dossiers WHERE code = ?", (code_of(6_999),)).fetchone()
            assert row == (code_of(6_999), name_of(6_999), f"<{code_of(6_999)}>".encode())


def test_codes_are_valid_and_differ() -> None:
    numbers = [*range(0, 1_000_000, 997), 599, 600, 999_999]
    assert len({code_of(number) for number in numbers}) == len(set(numbers))
    for number in numbers:
        parse_dossier_code(code_of(number))
