"""A sealed file as tests make and open it."""

from __future__ import annotations

from pathlib import Path

from backend.core.secrets.keys import PassphraseHolder
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret, SecretRef

PASSPHRASE = "correct horse battery staple"
CANARY = "canary-4f1d9e0c77"
REF = SecretRef("api_keys/a/1")


def opened(path: Path, passphrase: str | None = PASSPHRASE) -> SealedFile:
    """The file as a fresh process finds it."""
    return SealedFile(path, PassphraseHolder(lambda: Secret(passphrase) if passphrase is not None else None))


def kept(path: Path, value: str = CANARY) -> SealedFile:
    """A file with one value."""
    store = opened(path)
    store.keep(REF, Secret(value))
    return store
