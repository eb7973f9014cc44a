"""What an answer means: every variant seen in the wild, and every kind of rubbish."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.portal import PortalProfile
from gateway.sync.outcomes import (
    Delivered,
    Exists,
    Refused,
    Retry,
    SessionOver,
    Trouble,
    Unknown,
    classify,
)


def reply(code: Any, message: str | None = "Đồng bộ thành công", **rest: Any) -> bytes:
    return json.dumps({"error_code": code, "message": message, **rest}).encode()


@pytest.mark.parametrize("code", ["0", "00", 0, " 0 "])
@pytest.mark.parametrize("message", ["Đồng bộ thành công", "THÀNH CÔNG", "", None, "Success", "OK"])
def test_success_is_every_code_and_text_seen_in_the_wild(code: Any, message: str | None) -> None:
    assert isinstance(classify(200, reply(code, message)), Delivered)


def test_success_in_combining_marks_is_success() -> None:
    assert isinstance(classify(200, reply("0", unicodedata.normalize("NFD", "Thành công"))), Delivered)


def test_a_result_comes_along() -> None:
    assert classify(200, reply("0", result=[{"MaHoSo": "x"}])) == Delivered([{"MaHoSo": "x"}])


@pytest.mark.parametrize("code", ["3", "-3", 3, -3])
def test_an_existing_dossier_is_named(code: Any) -> None:
    outcome = classify(200, reply(code, "Hồ sơ đã tồn tại", result=[{"MaHoSo": "a"}, {"MaHoSo": "b"}, 7]))
    assert isinstance(outcome, Exists)
    assert outcome.codes == {"a", "b"}


def test_an_existing_dossier_is_known_by_its_words_too() -> None:
    assert isinstance(classify(200, reply("17", "Hồ sơ đã tồn tại trên hệ thống")), Exists)


def test_an_unknown_dossier_is_known_by_its_words() -> None:
    message = 'Không đồng bộ được hồ sơ: hồ sơ chưa tồn tại trên Cổng, hãy gửi với isUpdating "False"'
    outcome = classify(200, reply("-1", message, result=[{"MaHoSo": "a"}]))
    assert isinstance(outcome, Unknown)
    assert outcome.codes == {"a"}


def test_an_unknown_procedure_is_no_unknown_dossier() -> None:
    assert isinstance(classify(200, reply("-1", "Mã thủ tục không tồn tại")), Refused)


def test_a_session_is_over_by_code_or_by_words() -> None:
    by_code = classify(200, reply("-2", "Phiên làm việc không tồn tại hoặc đã hết hạn"))
    by_words = classify(200, reply("99", "Invalid SESSION"))
    assert isinstance(by_code, SessionOver) and by_code.certain
    assert isinstance(by_words, SessionOver) and not by_words.certain
    assert isinstance(classify(401, b""), SessionOver)


def test_codes_of_another_portal_are_settings() -> None:
    other = PortalProfile(success_code="OK", existing_code="409", session_code="-99")
    assert isinstance(classify(200, reply("OK"), other), Delivered)
    assert isinstance(classify(200, reply("409", "trùng"), other), Exists)
    assert isinstance(classify(200, reply("-99", "x"), other), SessionOver)
    assert isinstance(classify(200, reply("-99", "x")), Refused)


@pytest.mark.parametrize(("code", "status"), [("-1", 200), ("1", 200), ("7", 200), ("http-400", 400)])
def test_everything_else_the_portal_says_no_to_is_for_the_content(code: str, status: int) -> None:
    outcome = classify(status, reply(code, "Dữ liệu không hợp lệ"))
    assert isinstance(outcome, Refused)
    assert outcome.error_code == code


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<html><h1>502</h1></html>",
        b'{"error_code":"0","mess',
        b'["ok"]',
        b"null",
        b"0",
        b'{"status":"success"}',
        b'{"error_code":null,"message":"x"}',
        b'{"error_code":true}',
        b'{"error_code":[0]}',
        b"java.lang.NullPointerException",
        b"\xff\xfe",
        '{"error_code":"0","message":"Lỗi kết nối cơ sở dữ liệu"}'.encode(),
    ],
)
def test_rubbish_is_neither_success_nor_refusal(body: bytes) -> None:
    outcome = classify(200, body)
    assert isinstance(outcome, Retry)
    assert outcome.trouble is Trouble.RUBBISH
    assert outcome.blames


@pytest.mark.parametrize(
    ("status", "trouble", "blames"),
    [
        (500, Trouble.FAULTY, True),
        (502, Trouble.AWAY, False),
        (503, Trouble.AWAY, False),
        (504, Trouble.AWAY, False),
        (404, Trouble.AWAY, False),
        (302, Trouble.AWAY, False),
        (429, Trouble.OVERLOADED, False),
        (204, Trouble.RUBBISH, True),
    ],
)
def test_http_failures_are_tried_again(status: int, trouble: Trouble, blames: bool) -> None:
    outcome = classify(status, reply("0"))
    assert isinstance(outcome, Retry)
    assert (outcome.trouble, outcome.blames) == (trouble, blames)


@given(st.integers(100, 599), st.binary(max_size=200))
def test_nothing_a_portal_sends_raises_or_passes_for_success(status: int, body: bytes) -> None:
    outcome = classify(status, body)
    assert not isinstance(outcome, Delivered) or b"error_code" in body


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
        max_leaves=10,
    ),
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
)
def test_no_json_raises(result: Any, code: Any) -> None:
    outcome = classify(200, json.dumps({"error_code": code, "message": "m", "result": result}).encode())
    assert not isinstance(outcome, Delivered)
