"""Who may see stored secrets, or take their key out of the keyring: a person who proves again to be the owner.

Each time a secret is shown, and each refused proof, is a row of the audit log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from backend.core.errors import MailyardError, Refused
from backend.core.present.text import _
from backend.core.secrets.values import Secret, SecretRef
from backend.store.audit import record
from backend.store.scope import AGENCY, Scope

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.core.login_password import LoginPassword
    from backend.core.secrets.sealed import SealedFile
    from backend.feature import Features, StoredSecret
    from backend.store.database import Store
    from backend.store.query import Source

REVEALED, REFUSED = "secrets.reveal", "secrets.reveal_refused"
MOVE_REFUSED = "secrets.to_passphrase_refused"

#: What is asked for again: the passphrase of the secret store, or the password of the login to the computer.
Proof = Literal["passphrase", "login"]


@dataclass(frozen=True)
class StoredSecrets:
    """Query: the secrets that may be shown, as features name them, by title and by what they are of."""

    features: Features
    topics: ClassVar[tuple[str, ...]] = ("accounts", "servers", "mail")

    def run(self, source: Source) -> tuple[StoredSecret, ...]:
        with source.store.read(Scope.of(AGENCY)) as session:
            found = self.features.stored_secrets(session)
        return tuple(sorted(found, key=lambda each: (each.about, each.title)))


class Reveals:
    """Shows stored secrets; holds none. Thread-safe, and slow on purpose: a proof takes a moment."""

    def __init__(
        self,
        store: Store,
        secrets: SealedFile,
        clock: Clock,
        features: Features,
        *,
        login: LoginPassword,
        author: str,
    ) -> None:
        self._store, self._secrets, self._clock = store, secrets, clock
        self._features, self._login, self._author = features, login, author

    @property
    def asks_for(self) -> Proof:
        """What :meth:`reveal` is to be given."""
        return "passphrase" if self._secrets.key_place == "passphrase" else "login"

    def known(self, path: str) -> StoredSecret:
        """:raises Refused: no feature shows what lies there."""
        with self._store.read(Scope.of(AGENCY)) as session:
            found = [each for each in self._features.stored_secrets(session) if each.ref == path]
        if not found:
            raise Refused(
                _("There is no secret of that name that can be revealed."),
                remedy=_("mailyard secrets list names those that can."),
            )
        return found[0]

    def reveal(self, path: str, proof: Secret) -> Secret:
        """The value behind a reference, once ``proof`` proved right and the audit log has it.

        :raises Refused: no feature shows it, or ``proof`` is no password of this person's login.
        :raises SecretStoreLocked: ``proof`` is not the passphrase.
        :raises SecretMissing: nothing lies there.
        :raises StoreError: the audit log cannot be written: then nothing is shown.
        """
        asked = self.known(path)
        try:
            self.prove(proof)
        except MailyardError:
            self._note(REFUSED, asked.ref, asked.about)
            raise
        value = self._secrets.read(SecretRef(path))
        self._note(REVEALED, asked.ref, asked.about)
        return value

    def prove(self, proof: Secret) -> None:
        """That it is the person this computer, or the secret store, belongs to.

        :raises Refused: ``proof`` is no password of this person's login.
        :raises SecretStoreLocked: ``proof`` is not the passphrase.
        """
        if self.asks_for == "passphrase":
            self._secrets.prove(proof)
        else:
            self._login.check(proof)

    @property
    def can_check_login(self) -> bool:
        """Whether :meth:`prove_for_move` asks for anything."""
        return self._login.is_there

    def prove_for_move(self, proof: Secret) -> None:
        """That the owner takes the key out of the keyring, which gives it to whoever sits at the desk: a passphrase of
        somebody else's would show them all, and lock the owner out. Where no login can be checked the way stays open,
        since there it is the only one to a store whose owner can be proved.

        :raises LoginNotProved: ``proof`` is no password of this person's login.
        :raises StoreError: the audit log cannot be written.
        """
        if not self.can_check_login:
            return
        try:
            self._login.check(proof)
        except MailyardError:
            self._note(MOVE_REFUSED, "secret store")
            raise

    def _note(self, action: str, subject: str, detail: str = "") -> None:
        with self._store.write(Scope.of(AGENCY)) as session:
            record(
                session,
                at=self._clock.now(),
                actor=self._author,
                action=action,
                subject=subject,
                detail=detail,
            )
