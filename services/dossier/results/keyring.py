"""The key that signs results: its private half in a file only its owner may read, its public half in the table.

    first start ──► a key is made, durable on disk, then in the table; from then on it signs
    rotation ──► a new one signs; the old private half is deleted, the old public half stays for ever

A process signs with the newest key of the table whose private half lies in its own folder, so replicas with
folders of their own have keys of their own. Methods that touch the disk are to be called off the event loop.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.dossier.results.verify import REGISTRY, TYPE


class Signer(Protocol):
    """What signs results."""

    @property
    def key_id(self) -> str: ...

    def sign(self, payload: bytes) -> str:
        """A detached JWS over `payload`."""
        ...


class KeyRing:
    """Holds the key that signs. Nothing can be signed before `use` was called."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._active: OKPKey | None = None

    @property
    def key_id(self) -> str:
        return str(self._key.kid)

    @property
    def _key(self) -> OKPKey:
        if self._active is None:
            raise RuntimeError("no key signs results yet: the service has not begun")
        return self._active

    def sign(self, payload: bytes) -> str:
        """No I/O: less than a fifth of a millisecond."""
        header = {"alg": "EdDSA", "kid": self.key_id, "typ": TYPE}
        whole = jws.serialize_compact(header, payload, self._key, registry=REGISTRY)
        protected, _, signature = whole.split(".")
        return f"{protected}..{signature}"

    def use(self, key: OKPKey) -> None:
        """Sign with this one from now on."""
        self._active = key

    # -- on disk -------------------------------------------------------------------------------------------
    def make(self) -> OKPKey:
        """A new Ed25519 key, its private half already safe on disk. Its kid is its thumbprint (RFC 7638)."""
        key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "EdDSA"}, auto_kid=True)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(self._file(str(key.kid)), key.as_dict(private=True))
        return key

    def newest(self, kids: Iterable[str]) -> OKPKey | None:
        """The first of these keys whose private half is here."""
        for kid in kids:
            file = self._file(kid)
            try:
                file.chmod(0o600)
                key = OKPKey.import_key(json.loads(file.read_bytes()))
            except (OSError, ValueError, JoseError):
                continue
            if key.is_private and key.kid == kid:
                return key
        return None

    def delete_private(self, kid: str) -> None:
        self._file(kid).unlink(missing_ok=True)

    def _file(self, kid: str) -> Path:
        return self._folder / f"{kid}.json"


def _write(file: Path, document: dict[str, Any]) -> None:
    """The file whole or not at all, readable by its owner only, durable on return."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "w") as out:
            json.dump(document, out)
            out.flush()
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
