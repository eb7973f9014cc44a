"""Signing keys in use: the private one from its file, the public ones ready to publish.

Which keys there are is decided by the table; this is its image in memory and on disk. A private key is a file
only its owner may read, it never leaves this process otherwise, and its file goes when the key is retired.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.bus.hub.models import SigningKey


@dataclass(frozen=True, slots=True)
class PublishedKey:
    jwk: dict[str, Any]
    until: datetime | None


class KeyRing:
    """Holds the key that signs. Methods touch the disk: call them off the event loop, one at a time."""

    def __init__(self, folder: Path, published_file: Path) -> None:
        self._folder = folder
        self._published_file = published_file
        self._active: OKPKey | None = None
        self._published: tuple[PublishedKey, ...] = ()

    @property
    def active(self) -> OKPKey:
        """The private key tokens are signed with now."""
        if self._active is None:
            raise RuntimeError("the key ring is not loaded")
        return self._active

    def jwks(self, now: datetime) -> dict[str, list[dict[str, Any]]]:
        """The JWK set (RFC 7517) of every key that a token still in life may be signed with."""
        return {"keys": [key.jwk for key in self._published if key.until is None or key.until > now]}

    def public(self, kid: str, now: datetime) -> OKPKey | None:
        """The public key of this id, if it still counts."""
        for key in self._published:
            if key.jwk["kid"] == kid and (key.until is None or key.until > now):
                return OKPKey.import_key(key.jwk)
        return None

    def make_key(self) -> OKPKey:
        """A new Ed25519 key, its private half already safe on disk. Its kid is its thumbprint (RFC 7638)."""
        key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "EdDSA"}, auto_kid=True)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self._file_of(str(key.kid)), key.as_dict(private=True))
        return key

    def has_private(self, kid: str) -> bool:
        return self._read_private(kid) is not None

    def load(self, rows: Sequence[SigningKey], now: datetime) -> None:
        """Takes over what the table says: signs with the key not retired, publishes what may still be needed,
        deletes the private halves of the rest."""
        (active,) = (row for row in rows if row.retired_at is None)
        private = self._read_private(active.kid)
        if private is None:
            raise RuntimeError(f"the private half of signing key {active.kid} is missing")
        self._active = private
        self._published = tuple(PublishedKey(row.public_jwk, row.published_until) for row in rows)
        write_private(self._published_file, self.jwks(now), mode=0o644)
        for file in self._folder.glob("*.json"):
            if file != self._file_of(active.kid):
                file.unlink()

    def _file_of(self, kid: str) -> Path:
        return self._folder / f"{kid}.json"

    def _read_private(self, kid: str) -> OKPKey | None:
        file = self._file_of(kid)
        try:
            file.chmod(0o600)
            key = OKPKey.import_key(json.loads(file.read_bytes()))
        except (OSError, ValueError, JoseError):
            return None
        return key if key.is_private and key.kid == kid else None


def write_private(file: Path, document: dict[str, Any], *, mode: int = 0o600) -> None:
    """Writes a file whole or not at all, durable on return, never readable by more than `mode` allows."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w") as out:
            json.dump(document, out)
            out.flush()
            os.fchmod(out.fileno(), mode)
            os.fsync(out.fileno())
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
