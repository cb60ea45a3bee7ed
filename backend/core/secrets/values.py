"""A secret value that never prints itself, and the reference that stands for it everywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn, Protocol
from uuid import UUID, uuid4

from backend.core.secrets.redactor import MASK, redactor


class Secret:
    """A value that prints, formats and logs as a mask, and refuses to be pickled or serialised."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Call it at the wire only, never to store or show it."""
        redactor.watch(self._value)
        return self._value

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The value for the block alone, masked meanwhile. For what is needed once and then by nobody here."""
        with redactor.watching(self._value):
            yield self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, _spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never serialised")


@dataclass(frozen=True)
class SecretRef:
    """Where a secret lies in the store, e.g. ``api_keys/<workspace>/<id>``; safe to keep anywhere."""

    path: str

    def __str__(self) -> str:
        return self.path


def new_ref(kind: str, workspace: UUID) -> SecretRef:
    """A fresh reference in the layout ``<kind>/<workspace>/<id>``."""
    return SecretRef(f"{kind}/{workspace}/{uuid4().hex}")


class SecretStore(Protocol):
    """What keeps secret values. Values never leave it except through :meth:`read`, which only adapters call."""

    def keep(self, ref: SecretRef, value: Secret) -> None:
        """Store or replace the value; durable when this returns.

        :raises SecretStoreLocked: the store needs its key first.
        """
        ...

    def keep_all(self, values: Mapping[SecretRef, Secret]) -> None:
        """The same of many, in one change of the store."""
        ...

    def read(self, ref: SecretRef) -> Secret:
        """
        :raises SecretStoreLocked: the store needs its key first.
        :raises SecretMissing: nothing lies behind the reference.
        """
        ...

    def forget(self, ref: SecretRef) -> None:
        """Remove the value; no error when it is gone already."""
        ...

    def forget_all(self, refs: Iterable[SecretRef]) -> None:
        """The same of many, in one change of the store."""
        ...

    def change_passphrase(self, old: Secret, new: Secret) -> None:
        """Put everything behind another passphrase; durable when this returns.

        :raises Refused: there is none to change, or ``new`` will not do.
        :raises SecretStoreLocked: ``old`` is not the one of now.
        """
        ...

    def move_to_keyring(self, passphrase: Secret) -> None:
        """Let the key lie in the desktop's keyring from now on; durable when this returns.

        :raises Refused: it lies there already, or there is no keyring that we trust.
        :raises SecretStoreLocked: ``passphrase`` is not the one of now.
        """
        ...

    def move_to_passphrase(self, new: Secret) -> None:
        """The other way.

        :raises Refused: it lies behind a passphrase already, or ``new`` will not do.
        """
        ...
