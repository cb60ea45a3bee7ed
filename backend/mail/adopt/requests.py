"""Requests about a mail server that somebody else installed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from backend.mail.requests import OnMail


@dataclass(frozen=True)
class LookAtMail(OnMail, kind="mail.look"):
    """Read how the Mailu of a server is set up, ours or not. Nothing is changed, there or here."""


@dataclass(frozen=True)
class AdoptMail(OnMail, kind="mail.adopt"):
    """Take over the Mailu that was found: ``stamp`` is that of the finding that was agreed to.

    ``with_api``: its domains and mailboxes are managed, with the token that its files hold; otherwise it is watched
    alone. ``opens_api``: the API is switched on first, with a token of ours. ``client`` is the workspace that its
    domains are for, the agency itself by default; those that are known already stay whose they are.
    """

    stamp: str
    with_api: bool = True
    opens_api: bool = False
    client: UUID | None = None
