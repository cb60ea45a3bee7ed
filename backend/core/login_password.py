"""Whether a password is the one that this person logs in to the computer with: asked of PAM, as a lock screen does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from backend.core.errors import LoginNotProved, Refused
from backend.core.present.text import _

if TYPE_CHECKING:
    from backend.core.secrets.values import Secret

FOLDERS = (Path("/etc/pam.d"), Path("/usr/lib/pam.d"))
#: Made for asking a person who is logged in; the first that the system has.
SERVICES = ("polkit-1", "sudo", "login")


class LoginPassword(Protocol):
    """Checks the password of who runs this program. Thread-safe; may take seconds."""

    @property
    def is_there(self) -> bool:
        """Whether this computer has a way to tell; it asks for no password."""
        ...

    def check(self, password: Secret) -> None:
        """
        :raises LoginNotProved: it is another one.
        :raises Refused: this computer has no way to tell.
        """
        ...


@dataclass(frozen=True)
class PamLogin:
    """By the first of :data:`SERVICES`, or by ``service`` of a ``folder``."""

    service: str = ""
    folder: Path | None = None

    @property
    def is_there(self) -> bool:
        if not (self.service or _service()):
            return False
        from backend.core.pam import can_ask

        return can_ask()

    def check(self, password: Secret) -> None:
        service = self.service or _service()
        if not service:
            raise _no_way("no service of PAM")
        from backend.core.pam import authenticate

        try:
            with password.lent() as words:
                is_right = bool(words) and authenticate(service, words, self.folder)
        except OSError as error:
            raise _no_way(str(error)) from error
        if not is_right:
            raise LoginNotProved(_("That is not the password of your login."), remedy=_("Check it, then retry."))


def _service() -> str:
    return next((name for name in SERVICES if any((folder / name).is_file() for folder in FOLDERS)), "")


def _no_way(detail: str) -> Refused:
    return Refused(
        _("The password of your login cannot be checked on this computer."),
        remedy=_("Let the secret store lie behind a passphrase, in Settings > Secrets."),
        detail=detail,
    )
