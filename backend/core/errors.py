"""Expected trouble: every error a person can meet has a title, a remedy, and says whether trying again can help."""

from __future__ import annotations

from datetime import datetime

from backend.core.present.text import both


class MailyardError(Exception):
    """Trouble we foresaw. ``title`` says what happened, ``remedy`` what to do; neither ever holds a secret."""

    retryable = False

    def __init__(self, title: str, *, remedy: str = "", detail: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.remedy = remedy
        self.detail = detail

    def sentence(self) -> str:
        """Title and remedy in one line, for a terminal or a log."""
        return both(self.title, self.remedy)


class Refused(MailyardError):
    """A request that must not be carried out: bad input, a stale preview, a missing approval."""


class LoginNotProved(Refused):
    """What was given is not the password that this person logs in to the computer with."""


class Cancelled(MailyardError):
    """A person cancelled the job; its step ended at a safe point."""


class NotYet(MailyardError):
    """Nothing can be done before ``again_at``: the step runs again then, which is no failed try of it."""

    def __init__(self, title: str, *, again_at: datetime) -> None:
        super().__init__(title)
        self.again_at = again_at


class ProviderError(MailyardError):
    """A cloud or DNS provider did not do what we asked."""


class Unauthorized(ProviderError):
    """The provider refused our credentials."""


class ClockWrong(ProviderError):
    """The provider does not accept the time of this computer, which says nothing about our credentials."""


class RateLimited(ProviderError):
    """The provider asks us to slow down. ``retry_after_s`` is its own figure where it gave one."""

    retryable = True

    def __init__(self, title: str, *, remedy: str = "", detail: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(title, remedy=remedy, detail=detail)
        self.retry_after_s = retry_after_s


class NotFound(ProviderError):
    """The provider no longer knows the thing we asked about."""


class LimitReached(ProviderError):
    """The account's quota is used up."""


class ProviderRefused(ProviderError):
    """The provider understood the request and said no."""


class AlreadyThere(ProviderRefused):
    """There is one of this name already: somebody else's, or what an earlier order of ours came to."""


class OutcomeUnknown(ProviderError):
    """The request left, no answer came: it may have been carried out. Look before trying again."""

    retryable = True


class ProviderUnavailable(ProviderError):
    """The provider answered with a failure of its own."""

    retryable = True


class BadResponse(ProviderError):
    """The provider's answer cannot be read (HTML, cut JSON, a missing field)."""

    retryable = True


class NoNetwork(MailyardError):
    """Our own side has no way to the other end: nothing was sent."""

    retryable = True


class SshError(MailyardError):
    """A server could not be worked with over SSH."""


class HostUnreachable(SshError):
    """Nothing answers on the SSH port (yet)."""

    retryable = True


class HostKeyChanged(SshError):
    """The machine shows another host key than the pinned one: possibly another machine."""


class CertificateChanged(SshError):
    """A service inside our SSH connection shows another certificate than the pinned one."""


class LoginRefused(SshError):
    """The machine refused our key."""


class CommandFailed(SshError):
    """A command on the server ended with an exit code other than 0."""

    def __init__(self, title: str, *, exit_code: int, remedy: str = "", detail: str = "") -> None:
        super().__init__(title, remedy=remedy, detail=detail)
        self.exit_code = exit_code


class CommandTimedOut(SshError):
    """A command on the server did not end in time."""

    retryable = True


class StoreError(MailyardError):
    """The database cannot be used."""


class StoreDamaged(StoreError):
    """The database file fails its integrity check."""


class StoreTooNew(StoreError):
    """The database was written by a newer Mailyard."""


class StoreReadOnly(StoreError):
    """The data folder cannot be written."""


class StoreNotPrivate(StoreError):
    """Other users of the computer could read or change the data folder."""


class NoHomeFolder(StoreError):
    """Nobody named a data folder, and the user has no home for the default one."""


class DiskFull(StoreError):
    """No space is left for the database."""

    retryable = True


class SecretStoreLocked(MailyardError):
    """The secret store needs its passphrase (or the keyring) first."""


class PassphraseChanged(SecretStoreLocked):
    """Another process put the secret store behind another passphrase, and this one holds the one of before."""


class SecretMissing(MailyardError):
    """The secret behind a reference is not in the store."""
