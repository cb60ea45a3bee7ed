"""The sealed file as it lies on disk: a clear header, authenticated, and the values in one AES-256-GCM box."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from backend.core.errors import StoreDamaged, StoreReadOnly, StoreTooNew
from backend.core.present.text import _
from backend.core.private import FILE_MODE, replace_file

VERSION = 1
LOCK_S = 10.0
PLACES = ("keyring", "passphrase")
NONCE_BYTES, TAG_BYTES = 12, 16
#: So long the key of before leads to the one that replaced it: an engine reads a token within minutes.
HEIR_S = 86_400
HEIR = "heir"
#: The entry of the keyring that the file needs no more, as long as it may still be there.
LEFT = "left"


@dataclass(frozen=True)
class Box:
    """The record in the header, ``key``, says how its key is had again."""

    header: dict[str, Any]
    nonce: bytes
    sealed: bytes

    @property
    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = self.header["key"]
        return record

    def values(self, key: bytes) -> dict[str, str] | None:
        """What is in it; None: another key, or a part was changed."""
        clear = _opened(key, self.nonce, self.sealed, _associated(self.header))
        values: dict[str, str] | None = json.loads(clear) if clear is not None else None
        return values

    def heir_of(self, key: bytes, now: float) -> bytes | None:
        """The key that replaced ``key``; None where it was not the one before, or where its time has passed."""
        try:
            heir = self.record[HEIR]
            if now > heir["until"]:
                return None
            return _opened(key, base64.b64decode(heir["nonce"]), base64.b64decode(heir["sealed"]), b"")
        except (ValueError, LookupError, TypeError):
            return None

    def content(self) -> bytes:
        """The file."""
        return json.dumps({"header": self.header, "nonce": _b64(self.nonce), "sealed": _b64(self.sealed)}).encode()


def sealed_box(values: dict[str, str], key: bytes, record: dict[str, Any]) -> Box:
    """The values under a key; the same ones are never sealed the same way."""
    header = {"version": VERSION, "key": record}
    nonce, sealed = _sealed(key, json.dumps(values).encode(), _associated(header))
    return Box(header, nonce, sealed)


def unpacked(content: bytes) -> Box:
    """:raises StoreTooNew: written by a later version; any ValueError, LookupError or TypeError: not one of ours."""
    raw = json.loads(content)
    header = raw["header"]
    if int(header["version"]) > VERSION:
        raise StoreTooNew(
            _("The secret store was written by a newer Mailyard."), remedy=_("Start that version, or a later one.")
        )
    if header["key"]["place"] not in PLACES:
        raise ValueError("no such place for a key")
    box = Box(header, base64.b64decode(raw["nonce"], validate=True), base64.b64decode(raw["sealed"], validate=True))
    if len(box.nonce) != NONCE_BYTES or len(box.sealed) < TAG_BYTES:
        raise ValueError("cut short")
    return box


def read_box(path: Path) -> Box | None:
    """The file; None: there is none yet.

    :raises StoreReadOnly: it cannot be read.
    :raises StoreDamaged: it is not one of ours.
    """
    try:
        return unpacked(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreReadOnly(
            _("The secret store cannot be read."),
            remedy=_("Give your user read access to {file}.").format(file=path.name),
            detail=str(error),
        ) from error
    except (ValueError, LookupError, TypeError) as error:
        raise damaged(path) from error


def damaged(path: Path) -> StoreDamaged:
    return StoreDamaged(
        _("The secret store is damaged."),
        remedy=_("Restore the file {file} from a backup, or begin a new store: mailyard secrets begin-anew.").format(
            file=path.name
        ),
    )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """No other process reads, merges and replaces meanwhile.

    :raises StoreReadOnly: the lock cannot be written.
    """
    from filelock import FileLock

    lock = FileLock(f"{path}.lock", timeout=LOCK_S, mode=FILE_MODE)
    try:
        lock.acquire()
    except OSError as error:
        raise _read_only(error) from error
    try:
        yield
    finally:
        lock.release()


def write_box(path: Path, box: Box) -> None:
    """Write beside, sync, rename: the old file stays whole until the new one is.

    :raises StoreReadOnly: it cannot be written.
    """
    try:
        replace_file(path, box.content(), is_synced=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise _read_only(error) from error


def put_aside(path: Path, at: datetime) -> Path:
    """Give a file that nobody can open a name with a date, under which it stays as it is; the new path.

    :raises StoreReadOnly: it cannot be renamed.
    """
    name = f"{path.name}.unopened-{at:%Y%m%dT%H%M%SZ}"
    places = (path.with_name(name if number == 1 else f"{name}-{number}") for number in count(1))
    target = next(each for each in places if not each.exists())
    try:
        path.rename(target)
        _sync_folder(path.parent)
    except OSError as error:
        raise _read_only(error) from error
    return target


def with_heir(record: dict[str, Any], before: bytes, key: bytes, now: float) -> dict[str, Any]:
    """A record by which whoever holds the key of before finds ``key``; ``now`` in seconds since the epoch."""
    nonce, sealed = _sealed(before, key, b"")
    return {**record, HEIR: {"nonce": _b64(nonce), "sealed": _b64(sealed), "until": int(now) + HEIR_S}}


def with_left(record: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A record that knows which entry of the keyring the one of before had, or still knew of, where there is one."""
    left = before.get("name", before.get(LEFT))
    return {**record, LEFT: left} if left else record


def without_left(record: dict[str, Any]) -> dict[str, Any]:
    """The same record once that entry is gone."""
    return {name: value for name, value in record.items() if name != LEFT}


def is_untidy(record: dict[str, Any], now: float) -> bool:
    """Whether it names what nobody needs any more: an heir after its time, an entry of the keyring."""
    return has_old_heir(record, now) or LEFT in record


def without_old_heir(record: dict[str, Any], now: float) -> dict[str, Any]:
    """The same record once nobody needs the key of before any more."""
    if not has_old_heir(record, now):
        return record
    return {name: value for name, value in record.items() if name != HEIR}


def has_old_heir(record: dict[str, Any], now: float) -> bool:
    """Whether it still leads from the key of before to this one, after its time."""
    return HEIR in record and now > record[HEIR]["until"]


def _read_only(error: OSError) -> StoreReadOnly:
    return StoreReadOnly(
        _("The secret store cannot be written; the secret was not saved."),
        remedy=_("Free some disk space or give your user write access to the data folder."),
        detail=str(error),
    )


def _sync_folder(folder: Path) -> None:
    """A rename is durable with its folder; Windows has no such order, and needs none."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _associated(header: dict[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True).encode()


def _sealed(key: bytes, clear: bytes, associated: bytes) -> tuple[bytes, bytes]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce, AESGCM(key).encrypt(nonce, clear, associated)


def _opened(key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(nonce, sealed, associated)
    except InvalidTag:
        return None


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
