"""The sealed file: all secret values in one AES-256-GCM box whose key lies in the keyring or behind a passphrase."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.errors import (
    PassphraseChanged,
    Refused,
    SecretMissing,
    SecretStoreLocked,
    StoreReadOnly,
)
from backend.core.present.text import _
from backend.core.secrets.box import (
    LEFT,
    Box,
    damaged,
    is_untidy,
    locked,
    read_box,
    sealed_box,
    with_heir,
    with_left,
    without_left,
    without_old_heir,
    write_box,
)
from backend.core.secrets.keys import KeyringHolder, PassphraseHolder, StoreKey, check_new_passphrase
from backend.core.secrets.values import Secret, SecretRef

if TYPE_CHECKING:
    from backend.core.secrets.keys import KeyHolder

log = logging.getLogger(__name__)


class SealedFile:
    """A :class:`SecretStore` in one file; safe for several processes and threads.

    The key stays in memory once it was obtained: ``told`` hears of each that proved to be one behind a passphrase,
    which need not be kept then. Every change is read, merged and replaced under a file lock, so that a console and a
    command line beside it never lose each other's values. ``can_use_keyring`` asks the desktop.
    """

    def __init__(
        self,
        path: Path,
        holder: KeyHolder,
        *,
        told: Callable[[StoreKey], None] = lambda _key: None,
        can_use_keyring: Callable[[], bool] = lambda: False,
    ) -> None:
        self._path = path
        self._holder, self._told = holder, told
        self.can_use_keyring = can_use_keyring
        self._key: bytes | None = None
        self._salt = ""  # of the passphrase by which it was open last
        self._mutex = threading.RLock()

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept here."""
        return self._path.exists()

    @property
    def key_place(self) -> str:
        """``keyring`` or ``passphrase``: where the key of this file lies or will lie."""
        box = self._load()
        return str(box.record["place"]) if box else self._holder.place

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

    def keep_all(self, values: Mapping[SecretRef, Secret]) -> None:
        with self._change() as kept:
            for ref, value in values.items():
                with value.lent() as plain:
                    kept[ref.path] = plain

    def read(self, ref: SecretRef) -> Secret:
        values = self._values()
        if ref.path not in values:
            raise SecretMissing(
                _("A stored secret is missing."),
                remedy=_("Enter a token again in Settings > Accounts; mailyard doctor names what else is missing."),
                detail=ref.path,
            )
        return Secret(values[ref.path])

    def forget(self, ref: SecretRef) -> None:
        self.forget_all((ref,))

    def forget_all(self, refs: Iterable[SecretRef]) -> None:
        with self._change() as values:
            for ref in refs:
                values.pop(ref.path, None)

    def references(self) -> list[SecretRef]:
        """All references with a value behind them, sorted."""
        return [SecretRef(path) for path in sorted(self._values())]

    def change_passphrase(self, old: Secret, new: Secret) -> None:
        """Seal everything anew under another key; a kill at any moment leaves the file of before or the new one.

        Processes that hold the key of before go on: for a day the header holds the new key, sealed with theirs.

        :raises Refused: nothing is kept yet, the key lies in a keyring, or ``new`` is too short or no other.
        :raises SecretStoreLocked: ``old`` does not open it.
        """
        check_new_passphrase(new)
        if new == old:
            raise Refused(_("That is the current passphrase."), remedy=_("Choose another one."))
        with self._alone():
            self._reseal(*self._proven(old), PassphraseHolder(lambda: new))
        log.info("The passphrase of the secret store was changed")

    def move_to_keyring(self, passphrase: Secret) -> None:
        """Seal everything under a new key that lies in the desktop's keyring; as safe as a change of passphrase.

        :raises Refused: nothing is kept yet, the key lies there already, or no trusted keyring answers.
        :raises SecretStoreLocked: ``passphrase`` is not its own, or the keyring keeps nothing.
        """
        self.check_can_move(KeyringHolder.place)
        with self._alone():
            self._reseal(*self._proven(passphrase), KeyringHolder())
        log.info("The key of the secret store was moved to the keyring")

    def move_to_passphrase(self, new: Secret) -> None:
        """Seal everything behind a passphrase, then remove the key of before from the keyring.

        :raises Refused: nothing is kept yet, it lies behind one already, or ``new`` is too short.
        :raises SecretStoreLocked: the keyring does not give the key of before.
        """
        check_new_passphrase(new)
        with self._alone():
            self.check_can_move(PassphraseHolder.place)
            self._reseal(*self._opened(self._box()), PassphraseHolder(lambda: new))
        self._values()
        log.info("The secret store was moved behind a passphrase")

    def check_can_move(self, place: str) -> None:
        """:raises Refused: nothing is kept yet, its key lies at this place already, or no trusted keyring answers."""
        if self._box().record["place"] == place:
            raise Refused(
                _("The key of the secret store is in the keyring already.")
                if place == KeyringHolder.place
                else _("The secret store lies behind a passphrase already.")
            )
        if place == KeyringHolder.place and not self.can_use_keyring():
            raise Refused(
                _("No trusted keyring is available."),
                remedy=_("Install and unlock one, such as GNOME Keyring or KWallet, then retry."),
            )

    def check_has_passphrase(self) -> None:
        """:raises Refused: nothing is kept yet, or the key lies in a keyring."""
        self._with_passphrase()

    def prove(self, passphrase: Secret) -> None:
        """
        :raises Refused: nothing is kept yet, or the key lies in a keyring.
        :raises SecretStoreLocked: it does not open the store.
        """
        self._proven(passphrase)

    def _box(self) -> Box:
        box = self._load()
        if box is None:
            raise Refused(_("There is no secret store yet."), remedy=_("It is created with the first account."))
        return box

    def _with_passphrase(self) -> Box:
        box = self._box()
        if box.record["place"] != PassphraseHolder.place:
            raise Refused(
                _("The key of the secret store is in the keyring: there is no passphrase to change."),
                remedy=_("Change the password of the keyring, in the desktop's own settings."),
            )
        return box

    def _proven(self, passphrase: Secret) -> tuple[bytes, dict[str, str]]:
        """The key it stands for, and what it opens."""
        box = self._with_passphrase()
        try:
            key = PassphraseHolder(lambda: passphrase).obtain(box.record)
        except (ValueError, LookupError, TypeError) as error:
            raise damaged(self._path) from error
        values = box.values(key)
        if values is None:
            raise SecretStoreLocked(
                _("That is not the passphrase of the secret store."),
                remedy=_("Check it, then retry. Nothing was changed."),
            )
        return key, values

    def _reseal(self, before: bytes, values: dict[str, str], holder: KeyHolder) -> None:
        """Write all under a new key. A kill leaves the file of before or the new one, and each opens with its own key:
        that of before is removed by the next who reads (see :meth:`_values`).
        """
        key, record = holder.create()
        try:
            self._write(values, key, with_left(with_heir(record, before, key, time.time()), self._box().record))
        except BaseException:
            self._discard_unused(holder, record)
            raise

    def _discard_unused(self, holder: KeyHolder, record: Mapping[str, Any]) -> None:
        """A write may fail after its rename: then the file already needs this key."""
        box = self._load()
        if box is None or box.record.get("name") != record.get("name"):
            holder.discard(dict(record))

    def _values(self) -> dict[str, str]:
        """What is kept. A key of before that still leads to the one of now, though its day is over, does so no more;
        one that lies in the keyring, though the file needs it no more, is removed there.
        """
        with self._mutex:
            box = self._load()
            if box is None:
                return {}
            _key, values = self._opened(box)
            if is_untidy(box.record, time.time()):
                self._tidy()
        return values

    def _tidy(self) -> None:
        """Where the file cannot be written now, the next who reads it tries again."""
        try:
            with self._change():
                pass
        except StoreReadOnly as error:
            log.warning("The key of before is still in the secret store: %s", error.detail)

    @contextmanager
    def _change(self) -> Iterator[dict[str, str]]:
        """One read-merge-replace."""
        with self._alone():
            box = self._load()
            values: dict[str, str] = {}
            if box is None:
                key, record = self._holder.create()
            else:
                (key, values), record = self._opened(box), self._without_left(box.record)
            is_written = False
            try:
                yield values
                self._write(values, key, record)
                is_written = True
            finally:
                if box is None and not is_written:
                    self._discard_unused(self._holder, record)

    def _without_left(self, record: dict[str, Any]) -> dict[str, Any]:
        if LEFT in record:
            KeyringHolder().discard({"name": record[LEFT]})
        return without_left(record)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Under the file lock, and no other thread of ours."""
        with self._mutex, locked(self._path):
            yield

    def _load(self) -> Box | None:
        return read_box(self._path)

    def _opened(self, box: Box) -> tuple[bytes, dict[str, str]]:
        """By the key of before, by the one that replaced it, else by one that is asked for; what it opens.

        :raises SecretStoreLocked: none of them does.
        """
        heir = box.heir_of(self._key, time.time()) if self._key is not None else None
        for key in (self._key, heir):
            values = box.values(key) if key is not None else None
            if key is not None and values is not None:
                self._hold(key, box.record)
                return key, values
        self._key = None
        key = self._asked(box)
        values = box.values(key)
        if values is None:
            raise self._locked(box)
        self._hold(key, box.record)
        return key, values

    def _asked(self, box: Box) -> bytes:
        try:
            return self._holder.obtain(box.record)
        except (ValueError, LookupError, TypeError) as error:
            raise damaged(self._path) from error
        except SecretStoreLocked as error:
            if self._is_another(box):
                raise self._locked(box) from error
            raise

    def _hold(self, key: bytes, record: dict[str, Any]) -> None:
        salt = str(record.get("salt", ""))
        is_new, self._key, self._salt = key != self._key or salt != self._salt, key, salt
        if is_new and salt:
            self._told(StoreKey(salt, key))

    def _is_another(self, box: Box) -> bool:
        """Whether it lies behind another passphrase than the one by which it was open last."""
        return bool(self._salt) and self._salt != box.record.get("salt")

    def _locked(self, box: Box) -> SecretStoreLocked:
        if self._is_another(box):
            return PassphraseChanged(
                _("The passphrase of the secret store was changed."),
                remedy=_("Enter the new one in Settings > Secrets; start an engine without a window again with it."),
            )
        return SecretStoreLocked(
            _("The key does not unlock the secret store."),
            remedy=_(
                "Check the passphrase, or unlock the keyring the store was created with. If that is lost for good: "
                "mailyard secrets begin-anew."
            ),
        )

    def _write(self, values: dict[str, str], key: bytes, record: dict[str, Any]) -> None:
        box = sealed_box(values, key, without_old_heir(record, time.time()))
        write_box(self._path, box)
        self._hold(key, record)
