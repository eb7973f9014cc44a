"""What an exception says of itself may quote what somebody typed; a log tells its type and place."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import BaseModel
from sqlalchemy import create_engine, text

from contracts.problems import NOT_FOUND, Problem
from services.bus.kit import logs
from services.bus.kit.engines import writer_engine
from services.bus.kit.trace import tracing

NAME, NUMBER = "Nguyễn Văn An", "052090000123"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("INFO", "test")
    try:
        yield stream
    finally:
        structlog.configure(**before)
        structlog.contextvars.clear_contextvars()
        root.handlers[:] = handlers
        root.setLevel(level)


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class Person(BaseModel):
    age: int


def of_pydantic() -> None:
    Person.model_validate({"age": NAME})


def of_a_key() -> None:
    {"x": 1}[NUMBER]


def of_a_number() -> None:
    int(NAME)


def of_a_problem() -> None:
    raise Problem(NOT_FOUND, what="dossier", id=NUMBER)


def of_the_database() -> None:
    with create_engine("sqlite://").connect() as connection:
        connection.execute(text("SELECT * FROM nothing WHERE name = :name"), {"name": NAME})


def one_after_another() -> None:
    try:
        of_a_number()
    except ValueError as error:
        raise RuntimeError("a step failed") from error


def several() -> None:
    raise ExceptionGroup("some", [ValueError(NAME), KeyError(NUMBER)])


@pytest.mark.parametrize(
    "fails", [of_pydantic, of_a_key, of_a_number, of_a_problem, of_the_database, one_after_another, several]
)
def test_an_exception_is_told_by_type_and_place(said: io.StringIO, fails: Any) -> None:
    log = structlog.get_logger("test")
    try:
        fails()
    except Exception as error:
        log.error("it.failed", exc_info=error)
        logging.getLogger("library").exception("a library's own words")
    first, second = entries(said)
    for entry in (first, second):
        assert NAME not in json.dumps(entry, ensure_ascii=False) and NUMBER not in json.dumps(entry)
        assert fails.__name__ in entry["exception"]
    assert "exc_info" not in first


def test_the_program_s_own_words_are_told(said: io.StringIO) -> None:
    try:
        one_after_another()
    except RuntimeError as error:
        structlog.get_logger("test").error("it.failed", exc_info=error)
    [entry] = entries(said)
    assert "RuntimeError: a step failed" in entry["exception"]
    assert "builtins.ValueError\n" in entry["exception"]


def test_a_line_has_its_trace(said: io.StringIO) -> None:
    with tracing(TRACEPARENT):
        structlog.get_logger("test").warning("something")
    [entry] = entries(said)
    assert entry["trace"] == TRACEPARENT[3:35] and entry["service"] == "test" and entry["level"] == "warning"


def test_errors_of_our_databases_hide_what_was_to_be_written(database_url: str) -> None:
    engine = writer_engine(database_url)
    with pytest.raises(Exception) as raised, engine.connect() as connection:
        connection.execute(text("INSERT INTO nothing VALUES (:name)"), {"name": NAME})
    assert NAME not in str(raised.value)
    engine.dispose()
