"""Where everything lies inside one data folder, said once, and how private files get there whole.

Never put a path together by hand elsewhere: two runs on two data folders must share nothing.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import RunnerError

DATA_DIR_VARIABLE = "TRUC_DATA_DIR"
DEFAULT_DATA_DIR = Path(".truc")


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths below one data folder (`root` is absolute)."""

    root: Path

    @classmethod
    def at(cls, data_dir: Path | None) -> Layout:
        """The folder given, else `TRUC_DATA_DIR`, else `.truc` in the current folder."""
        chosen = data_dir or Path(os.environ.get(DATA_DIR_VARIABLE) or DEFAULT_DATA_DIR)
        return cls(chosen.expanduser().absolute())

    @property
    def lock(self) -> Path:
        return self.root / "truc.lock"

    @property
    def run_state(self) -> Path:
        return self.root / "run.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def members(self) -> Path:
        return self.secrets / "members.json"

    @property
    def portal_account(self) -> Path:
        return self.secrets / "portal-account.json"

    @property
    def jwks(self) -> Path:
        return self.root / "hub" / "jwks.json"

    @property
    def administrator(self) -> Path:
        """The console's first login; the hub writes it."""
        return self.service("hub") / "administrator.json"

    @property
    def broker(self) -> Path:
        return self.root / "nats"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def watching(self) -> Path:
        """What a Prometheus on this machine is told of this run."""
        return self.root / "prometheus"

    def seed(self, user: str) -> Path:
        """The nkey seed with which one process speaks to the broker."""
        return self.secrets / "nkeys" / f"{user}.seed"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def service(self, name: str) -> Path:
        """The folder that belongs to one service alone."""
        return self.root / name

    def create(self) -> None:
        """Make the folders, for their owner only: they hold secrets and people's data.

        Raises RunnerError when that is not possible.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            folders = (self.logs, self.watching, self.broker, self.jwks.parent, self.secrets)
            for folder in (*folders, self.secrets / "nkeys"):
                folder.mkdir(mode=0o700, exist_ok=True)
            ignore = self.root / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise RunnerError(
                f"The data folder {self.root} cannot be written ({error.strerror}). "
                "Choose another one with --data-dir."
            ) from error


def write_whole(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace the file in one step, so that a reader or a crash never sees half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
