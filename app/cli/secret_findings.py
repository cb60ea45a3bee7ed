"""What ``mailyard doctor`` says of the secret store: whether it opens, what is missing in it, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.cli.finding import Finding
from backend.core.errors import MailyardError
from backend.core.present.text import ngettext

if TYPE_CHECKING:
    from app.cli.session import CommandSession
    from backend.core.paths import DataFolder


def secrets_alone(folder: DataFolder) -> Iterator[Finding]:
    """The secret store as far as it can be told without opening an installation."""
    from backend.core.secrets.keys import keyring_is_usable

    if not folder.sealed_secrets.exists():
        yield _place("keyring" if keyring_is_usable() else "passphrase", exists=False)


def secrets_of(session: CommandSession) -> Finding:
    secrets = session.installation.secrets
    try:
        if not secrets.exists or (secrets.key_place == "passphrase" and not session.options.passphrase.is_given):
            return _place(secrets.key_place, exists=secrets.exists)
        count = len(secrets.references())
    except MailyardError as error:
        return Finding("secret store", "critical", error.title, error.remedy)
    values = ngettext("{n} value", "{n} values", count).format(n=count)
    return Finding("secret store", "ok", f"opens; the key is in the {secrets.key_place}; {values}")


def _place(place: str, *, exists: bool) -> Finding:
    from backend.core.secrets.keys import keyring_setting

    if place == "keyring":
        return Finding("secret store", "ok", "the desktop's keyring holds its key")
    words = f"no keyring answers: the store {'is' if exists else 'will be'} protected by a passphrase"
    if setting := keyring_setting():
        words += f" ({setting} decides which keyring is asked)"
    remedy = (
        "You are asked for it once after each start; a headless engine takes it with --passphrase-fd. Where it is "
        "forgotten: mailyard secrets begin-anew."
        if exists
        else "Install and unlock gnome-keyring or KWallet first, or continue with a passphrase."
    )
    return Finding("secret store", "warning", words, remedy)


def missing(session: CommandSession) -> Iterator[Finding]:
    """Each secret that work needs and the store does not have; nothing where that cannot be told without a person."""
    from backend.missing_secrets import MissingSecrets

    installation = session.installation
    try:
        if _asks_a_person(session):
            return
        found = session.ask(MissingSecrets(installation.features, installation.secrets))
    except MailyardError:
        return  # said of the store itself
    for each in found:
        yield Finding(f"{each.title}, {each.about}", "critical", "missing", each.way_back.format(name=each.about))


def _asks_a_person(session: CommandSession) -> bool:
    secrets = session.installation.secrets
    return secrets.exists and secrets.key_place == "passphrase" and not session.options.passphrase.is_given
