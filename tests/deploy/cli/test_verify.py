"""`truc verify`: a good document, a changed one, no document, no keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.deploy.cli.test_commands import truc
from tests.services.dossier.results.test_signing import GOOD, JWKS


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(JWKS))
    return file


def written(folder: Path, document: object) -> Path:
    file = folder / "result.json"
    file.write_text(json.dumps(document))
    return file


def test_a_good_result(tmp_path: Path, keys: Path) -> None:
    answer = truc("verify", str(written(tmp_path, GOOD)), "--keys", str(keys))
    assert answer.returncode == 0
    assert "The signature is good" in answer.stdout
    assert "H08-KQ000104" in answer.stdout


def test_as_json(tmp_path: Path, keys: Path) -> None:
    answer = truc("verify", str(written(tmp_path, GOOD)), "--keys", str(keys), "--json")
    assert json.loads(answer.stdout)["result"]["number"] == "12/2023"


def test_a_changed_result_is_refused_in_both_languages(tmp_path: Path, keys: Path) -> None:
    changed = {**GOOD, "result": {**GOOD["result"], "number": "13/2023"}}
    answer = truc("verify", str(written(tmp_path, changed)), "--keys", str(keys))
    assert answer.returncode == 1
    assert "The signature does not fit" in answer.stderr and "Chữ ký không khớp" in answer.stderr
    answer = truc("verify", str(written(tmp_path, changed)), "--keys", str(keys), "--json")
    assert (answer.returncode, json.loads(answer.stdout)) == (1, {"verified": False, "reason": "signature"})


@pytest.mark.parametrize("content", ["", "rubbish", "[]", "{}"])
def test_rubbish_is_no_result(tmp_path: Path, keys: Path, content: str) -> None:
    file = tmp_path / "result.json"
    file.write_text(content)
    answer = truc("verify", str(file), "--keys", str(keys))
    assert answer.returncode == 1
    assert "Not verified" in answer.stderr


def test_a_file_that_is_not_there(tmp_path: Path, keys: Path) -> None:
    answer = truc("verify", str(tmp_path / "nothing.json"), "--keys", str(keys))
    assert answer.returncode == 1
    assert "cannot be read" in answer.stderr
