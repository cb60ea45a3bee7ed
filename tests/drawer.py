"""A keyring in the place of the desktop's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
from keyring.backends import SecretService
from keyring.errors import KeyringLocked, PasswordDeleteError

FILE = "MAILYARD_TEST_KEYRING"


class Drawer(SecretService.Keyring):
    """Trusted by its module; kept in memory, and in a file where other processes use it, too: one of ours is told by
    ``PYTHON_KEYRING_BACKEND=tests.drawer.Drawer`` and the file's name in :data:`FILE`.
    """

    priority = 5

    def __init__(self, file: Path | None = None) -> None:
        file = self._file = file or (Path(os.environ[FILE]) if FILE in os.environ else None)
        self.kept: dict[tuple[str, str], str] = {}
        if file is not None and file.exists():
            self.kept = {(service, name): value for service, name, value in json.loads(file.read_text())}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[(service, username)] = password
        self._save()

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("no such password")
        self._save()

    def _check(self) -> None:
        if self.is_locked:
            raise KeyringLocked("the collection is locked")

    def _save(self) -> None:
        if self._file is not None:
            self._file.write_text(json.dumps([[*place, value] for place, value in self.kept.items()]))


Drawer.__module__ = SecretService.__name__


@contextmanager
def in_place(made: Drawer | None) -> Iterator[None]:
    """The keyring of this process: it is chosen once."""
    before = keyring.core._keyring_backend
    if made is not None:
        keyring.set_keyring(made)
    try:
        yield
    finally:
        keyring.core._keyring_backend = before
