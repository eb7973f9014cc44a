"""What problems say: whole sentences of one language, whatever they speak of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contracts.problems import ALREADY_EXISTS, CONFLICT, NOT_FOUND, THINGS, Problem, Text

SOURCES = [path for top in ("services", "gateway") for path in Path(top).rglob("*.py")]


def test_everything_problems_speak_of_has_a_name_in_both_languages() -> None:
    named = {name for path in SOURCES for name in re.findall(r'what="([^"]+)"', path.read_text())}
    assert named == set(THINGS)


def test_no_reason_is_in_one_language_only() -> None:
    plain = [str(path) for path in SOURCES if re.search(r'Problem\(\s*CONFLICT,[^)]*reason=f?"', path.read_text())]
    assert plain == []


@pytest.mark.parametrize(
    ("problem", "vi", "en"),
    [
        (Problem(NOT_FOUND, what="dossier", id="x"), "Không có hồ sơ nào là x.", "There is no dossier x."),
        (
            Problem(ALREADY_EXISTS, what="citizen", id="x"),
            "Công dân x đã tồn tại.",
            "Citizen x already exists.",
        ),
        (
            Problem(CONFLICT, reason=Text("Luồng {code} đang dừng", "Lane {code} is parked"), code="x"),
            "Luồng x đang dừng",
            "Lane x is parked",
        ),
        (Problem(NOT_FOUND, what="tail", id="x"), "Không có tail nào là x.", "There is no tail x."),
    ],
)
def test_a_detail_is_in_the_language_asked_for(problem: Problem, vi: str, en: str) -> None:
    assert (problem.document("vi")["detail"], problem.document("en")["detail"]) == (vi, en)
