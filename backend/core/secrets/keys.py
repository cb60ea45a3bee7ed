"""Where the key of the sealed file comes from: the OS keyring, or a passphrase through scrypt."""

from __future__ import annotations

import base64
import configparser
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from backend.core.errors import Refused, SecretStoreLocked
from backend.core.present.text import _
from backend.core.secrets.values import Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

KEY_BYTES = 32
SERVICE = "mailyard"
MOST_N, MOST_P = 2**20, 4
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**16, 8, 1  # 64 MiB, about 0.2 s: RFC 7914 section 2, OWASP's figure of 2025
TRUSTED_BACKENDS = frozenset(
    {
        "keyring.backends.SecretService",
        "keyring.backends.kwallet",
        "keyring.backends.Windows",
        "keyring.backends.macOS",
    }
)

SHORTEST_PASSPHRASE = 12
#: What a setting meant for another program can make of the library: a back end that is not installed or is none, a
#: file that is no INI.
FOREIGN_SETTING = (
    *(RuntimeError, OSError, ImportError, AttributeError, LookupError, ValueError, TypeError, configparser.Error),
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StoreKey:
    """The key behind a passphrase, and the salt of the file it opens: that tells which passphrase it stands for."""

    salt: str
    key: bytes = field(repr=False)

    @classmethod
    def read(cls, text: str) -> StoreKey | None:
        """What :meth:`text` wrote; None: nothing of that kind."""
        salt, _colon, key = text.partition(":")
        try:
            return cls(salt, base64.b64decode(key, validate=True)) if salt and key else None
        except ValueError:
            return None

    def text(self) -> str:
        """For another process of ours. Whoever has it opens the file."""
        return f"{self.salt}:{base64.b64encode(self.key).decode()}"


class KeyHolder(Protocol):
    """Gives the 32-byte key of a sealed file, and writes down (without the key) how to get it again."""

    @property
    def place(self) -> str:
        """``keyring`` or ``passphrase``."""
        ...

    def create(self) -> tuple[bytes, dict[str, Any]]:
        """A new key and the record for the file's header."""
        ...

    def obtain(self, record: dict[str, Any]) -> bytes:
        """The key for a file with this record.

        :raises SecretStoreLocked: the person must do something first.
        :raises ValueError: no holder can have written this record.
        """
        ...

    def discard(self, record: dict[str, Any]) -> None:
        """The file this was created for was never written: leave nothing of it behind. Raises nothing it expects."""
        ...


class KeyringHolder:
    """The key lies in the desktop's keyring under an id of its own for each file."""

    place = "keyring"

    def create(self) -> tuple[bytes, dict[str, Any]]:
        key, name = os.urandom(KEY_BYTES), os.urandom(8).hex()
        record = {"place": self.place, "name": name}
        with _keyring_trouble():
            _needed_keyring().set_password(SERVICE, name, base64.b64encode(key).decode())
        if self.obtain(record) != key:
            raise SecretStoreLocked(
                _("The keyring did not keep the key of the secret store."), remedy=_("Check the keyring, then retry.")
            )
        return key, record

    def obtain(self, record: dict[str, Any]) -> bytes:
        with _keyring_trouble():
            stored = _needed_keyring().get_password(SERVICE, str(record["name"]))
        if stored is None:
            raise SecretStoreLocked(
                _("The key of the secret store is not in the keyring."),
                remedy=_(
                    "Unlock the keyring this data folder was created with, or restore it from a backup. If it is lost "
                    "for good: mailyard secrets begin-anew."
                ),
            )
        return base64.b64decode(stored)

    def discard(self, record: dict[str, Any]) -> None:
        try:
            with _keyring_trouble():
                _needed_keyring().delete_password(SERVICE, record["name"])
        except SecretStoreLocked as error:
            log.warning("A key that no file uses stayed in the keyring: %s", error.detail)


class PassphraseHolder:
    """The key comes from a passphrase, asked for once through ``ask``; None means nobody can be asked.

    ``handed`` answers the key that another process of ours derived already.
    """

    place = "passphrase"

    def __init__(
        self,
        ask: Callable[[], Secret | None],
        *,
        handed: Callable[[], StoreKey | None] = lambda: None,
        shortest: int = SHORTEST_PASSPHRASE,
    ) -> None:
        self._ask, self._handed = ask, handed
        self._shortest = shortest

    def create(self) -> tuple[bytes, dict[str, Any]]:
        """:raises Refused: it is too short."""
        passphrase = self._ask()
        if passphrase is not None:
            check_new_passphrase(passphrase, self._shortest)
        salt = os.urandom(16)
        record = {"place": self.place, "salt": salt.hex(), "n": SCRYPT_N, "r": SCRYPT_R, "p": SCRYPT_P}
        return self.obtain(record), record

    def obtain(self, record: dict[str, Any]) -> bytes:
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        handed = self._handed()
        if handed is not None and handed.salt == record["salt"]:
            return handed.key
        passphrase = self._ask()
        if passphrase is None:
            raise SecretStoreLocked(
                _("The secret store is locked."),
                remedy=_("Enter its passphrase in Settings > Secrets, or start with --passphrase-fd."),
            )
        n, r, p = (int(record[name]) for name in ("n", "r", "p"))
        if n > MOST_N or r > SCRYPT_R or p > MOST_P:
            raise ValueError("scrypt would take more memory than any file of ours asks for")
        scrypt = Scrypt(salt=bytes.fromhex(record["salt"]), length=KEY_BYTES, n=n, r=r, p=p)
        with passphrase.lent() as words:
            return scrypt.derive(words.encode())

    def discard(self, record: dict[str, Any]) -> None:
        """A passphrase leaves nothing behind."""


class ChosenHolder:
    """Follows the file's own record; a new file goes to the keyring where a trusted one answers."""

    def __init__(
        self,
        ask: Callable[[], Secret | None],
        *,
        handed: Callable[[], StoreKey | None] = lambda: None,
        use_keyring: Callable[[], bool] | None = None,
        shortest: int = SHORTEST_PASSPHRASE,
    ) -> None:
        self._keyring = KeyringHolder()
        self._passphrase = PassphraseHolder(ask, handed=handed, shortest=shortest)
        self._use_keyring = use_keyring or keyring_is_usable

    @property
    def place(self) -> str:
        return self._for_new().place

    def can_use_keyring(self) -> bool:
        """Whether a trusted keyring answers now."""
        return self._use_keyring()

    def create(self) -> tuple[bytes, dict[str, Any]]:
        return self._for_new().create()

    def obtain(self, record: dict[str, Any]) -> bytes:
        return self._of(record).obtain(record)

    def discard(self, record: dict[str, Any]) -> None:
        self._of(record).discard(record)

    def _of(self, record: dict[str, Any]) -> KeyringHolder | PassphraseHolder:
        return self._keyring if record["place"] == self._keyring.place else self._passphrase

    def _for_new(self) -> KeyringHolder | PassphraseHolder:
        return self._keyring if self._use_keyring() else self._passphrase


def keyring_is_usable() -> bool:
    """Whether the desktop offers a keyring we trust (never a plain-text one)."""
    return trusted_keyring() is not None


def trusted_keyring() -> KeyringBackend | None:
    """The back end our keys go to: the person's choice, or the first of several, if it is one we trust.

    Of several only the first counts: it is the one that would be written to.
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        chosen = keyring.get_keyring()
        first = next(iter(getattr(chosen, "backends", [])), chosen)
    except (KeyringError, *FOREIGN_SETTING) as error:
        log.info("The keyring could not be asked: %s", type(error).__name__)
        return None
    return first if type(first).__module__ in TRUSTED_BACKENDS else None


def keyring_setting() -> str:
    """The variable or the file by which this person, or another program, chose a keyring; empty where nobody did."""
    if os.environ.get("PYTHON_KEYRING_BACKEND"):
        return "the variable PYTHON_KEYRING_BACKEND"
    try:
        from keyring.util import platform_
    except ImportError:
        return ""
    try:
        file = Path(platform_.config_root()) / "keyringrc.cfg"
    except RuntimeError:  # no home, so no file in it
        return ""
    return f"the file {file}" if file.exists() else ""


def check_new_passphrase(passphrase: Secret, shortest: int = SHORTEST_PASSPHRASE) -> None:
    """:raises Refused: it is too short to guard anything."""
    with passphrase.lent() as words:
        is_short = len(words) < shortest
    if is_short:
        raise Refused(_("The passphrase is too short."), remedy=_("Choose at least {n} characters.").format(n=shortest))


def _needed_keyring() -> KeyringBackend:
    from keyring.errors import NoKeyringError

    backend = trusted_keyring()
    if backend is None:
        raise NoKeyringError("no trusted back end")
    return backend


class _keyring_trouble:  # noqa: N801 - reads as a statement where it is used
    """Converts what keyring back ends raise into one error with a remedy."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from keyring.errors import KeyringError

        if isinstance(error, (KeyringError, RuntimeError)):
            raise SecretStoreLocked(
                _("The keyring did not respond."),
                remedy=_("Unlock the desktop's keyring and retry."),
                detail=type(error).__name__,
            ) from error
