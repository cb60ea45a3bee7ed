"""The sealed file: all secret values in one AES-256-GCM box whose key lies in the keyring or behind a passphrase."""

from __future__ import annotations

import base64
import json
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.errors import SecretMissing, SecretStoreLocked, StoreDamaged, StoreReadOnly, StoreTooNew
from backend.core.present.text import _
from backend.core.secrets.values import Secret, SecretRef

if TYPE_CHECKING:
    from backend.core.secrets.keys import KeyHolder

VERSION = 1
PLACES = ("keyring", "passphrase")
NONCE_BYTES, TAG_BYTES = 12, 16
LOCK_S = 10.0


@dataclass(frozen=True)
class _Box:
    """The file as it lies on disk: a clear header (authenticated) and the sealed values."""

    header: dict[str, Any]
    nonce: bytes
    sealed: bytes

    @property
    def associated(self) -> bytes:
        return json.dumps(self.header, sort_keys=True).encode()


class SealedFile:
    """A :class:`SecretStore` in one file; safe for several processes and threads.

    The key stays in memory once it was obtained. Every change is read, merged and replaced under a file lock, so
    that a console and a command line beside it never lose each other's values.
    """

    def __init__(self, path: Path, holder: KeyHolder) -> None:
        self._path = path
        self._holder = holder
        self._key: bytes | None = None
        self._guard = threading.RLock()

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept here."""
        return self._path.exists()

    @property
    def key_place(self) -> str:
        """``keyring`` or ``passphrase``: where the key of this file lies or will lie."""
        box = self._load()
        return str(box.header["key"]["place"]) if box else self._holder.place

    @property
    def is_locked(self) -> bool:
        """Whether a person must do something before a value can be read; a file that is not there yet is open."""
        try:
            self.references()
        except SecretStoreLocked:
            return True
        return False

    def keep(self, ref: SecretRef, value: Secret) -> None:
        with self._change() as values:
            values[ref.path] = value.reveal()

    def read(self, ref: SecretRef) -> Secret:
        with self._guard:
            values = self._open(self._load())
        if ref.path not in values:
            raise SecretMissing(
                _("A stored secret is missing."),
                remedy=_("Enter it again in Settings > Accounts."),
                detail=ref.path,
            )
        return Secret(values[ref.path])

    def forget(self, ref: SecretRef) -> None:
        with self._change() as values:
            values.pop(ref.path, None)

    def references(self) -> list[SecretRef]:
        """All references with a value behind them, sorted."""
        with self._guard:
            return [SecretRef(path) for path in sorted(self._open(self._load()))]

    def _change(self) -> _Change:
        return _Change(self)

    def _load(self) -> _Box | None:
        try:
            return _unpacked(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreReadOnly(
                _("The secret store cannot be read."),
                remedy=_("Give your user the right to read {file}.").format(file=self._path.name),
                detail=str(error),
            ) from error
        except (ValueError, LookupError, TypeError) as error:
            raise self._damaged() from error

    def _damaged(self) -> StoreDamaged:
        return StoreDamaged(
            _("The secret store is damaged."),
            remedy=_("Restore the file {file} from a backup.").format(file=self._path.name),
        )

    def _obtain_key(self, box: _Box) -> bytes:
        if self._key is None:
            try:
                self._key = self._holder.obtain(box.header["key"])
            except (ValueError, LookupError, TypeError) as error:
                raise self._damaged() from error
        return self._key

    def _open(self, box: _Box | None) -> dict[str, str]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if box is None:
            return {}
        key = self._obtain_key(box)
        try:
            clear = AESGCM(key).decrypt(box.nonce, box.sealed, box.associated)
        except InvalidTag as error:
            self._key = None
            raise SecretStoreLocked(
                _("The key does not open the secret store."),
                remedy=_("Check the passphrase, or unlock the keyring the store was made with."),
            ) from error
        values: dict[str, str] = json.loads(clear)
        return values

    def _write(self, values: dict[str, str], key: bytes, record: dict[str, Any]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        header = {"version": VERSION, "key": record}
        box = _Box(header, os.urandom(NONCE_BYTES), b"")
        sealed = AESGCM(key).encrypt(box.nonce, json.dumps(values).encode(), box.associated)
        text = {"header": header, "nonce": _b64(box.nonce), "sealed": _b64(sealed)}
        _replace(self._path, json.dumps(text).encode())
        self._key = key


class _Change:
    """One read-merge-replace under the file lock."""

    def __init__(self, store: SealedFile) -> None:
        from filelock import FileLock

        self._store = store
        self._lock = FileLock(str(store._path) + ".lock", timeout=LOCK_S)
        self._values: dict[str, str] = {}
        self._is_new = False

    def __enter__(self) -> dict[str, str]:
        self._store._guard.acquire()
        try:
            self._lock.acquire()
            box = self._store._load()
            self._values = self._store._open(box)
            self._is_new = box is None
            if box is None:
                self._key, self._record = self._store._holder.create()
            else:
                self._key, self._record = self._store._obtain_key(box), box.header["key"]
        except OSError as error:
            self._release()
            raise _read_only(error) from error
        except BaseException:
            self._release()
            raise
        return self._values

    def __exit__(self, kind: object, _error: object, _trace: object) -> None:
        is_written = False
        try:
            if kind is None:
                self._store._write(self._values, self._key, self._record)
                is_written = True
        finally:
            if self._is_new and not is_written:
                self._store._holder.discard(self._record)
            self._release()

    def _release(self) -> None:
        self._lock.release()
        self._store._guard.release()


def _unpacked(content: bytes) -> _Box:
    """:raises StoreTooNew: written by a later version; any ValueError, LookupError or TypeError: not one of ours."""
    raw = json.loads(content)
    header = raw["header"]
    if int(header["version"]) > VERSION:
        raise StoreTooNew(
            _("The secret store was written by a newer Mailyard."), remedy=_("Start that version, or a later one.")
        )
    if header["key"]["place"] not in PLACES:
        raise ValueError("no such place for a key")
    box = _Box(header, base64.b64decode(raw["nonce"], validate=True), base64.b64decode(raw["sealed"], validate=True))
    if len(box.nonce) != NONCE_BYTES or len(box.sealed) < TAG_BYTES:
        raise ValueError("cut short")
    return box


def _replace(path: Path, content: bytes) -> None:
    """Write beside, sync, rename: the old file stays whole until the new one is."""
    fresh = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise _read_only(error) from error


def _sync_folder(folder: Path) -> None:
    """A rename is durable with its folder; Windows has no such order, and needs none."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read_only(error: OSError) -> StoreReadOnly:
    return StoreReadOnly(
        _("The secret store cannot be written; the secret was not kept."),
        remedy=_("Free some disk space or give your user the right to write to the data folder."),
        detail=str(error),
    )


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
