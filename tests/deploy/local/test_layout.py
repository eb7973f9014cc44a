"""The data folder belongs to its owner, and files in it appear whole."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from deploy.local.errors import RunnerError
from deploy.local.layout import Layout, write_whole


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_may_look_into_the_data_folder(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "new" / "data")
    layout.create()
    assert mode(layout.root) == mode(layout.secrets) == mode(layout.logs) == 0o700
    assert (layout.root / ".gitignore").read_text() == "*\n"
    layout.create()


def test_a_folder_that_cannot_be_made_is_answered_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunnerError, match=r"cannot be written .* Choose another one with --data-dir"):
        Layout(tmp_path / "file" / "data").create()


def test_the_folder_is_the_one_given_else_the_environments_else_dot_truc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRUC_DATA_DIR", raising=False)
    assert Layout.at(None).root == tmp_path / ".truc"
    monkeypatch.setenv("TRUC_DATA_DIR", "elsewhere")
    assert Layout.at(None).root == tmp_path / "elsewhere"
    assert Layout.at(Path("given")).root == tmp_path / "given"


def test_a_file_is_replaced_whole_and_private_from_its_first_moment(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_whole(path, "one", mode=0o600)
    write_whole(path, "two", mode=0o600)
    assert path.read_text() == "two"
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        write_whole(tmp_path / "folder", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
