"""What can be done with what a mail server has: one job each, by Mailu's API, read back afterwards."""

from __future__ import annotations

from typing import Any

from backend.mail.acts.aliases import RemoveAliasJob, SetAliasJob
from backend.mail.acts.base import MailAct
from backend.mail.acts.domains import AddDomainJob, ReadMailJob, RemoveDomainJob, SetDomainJob, SetManagersJob
from backend.mail.acts.mailboxes import AddMailboxesJob, EndTokensJob, RemoveMailboxJob, ResetPasswordJob, SetMailboxJob
from backend.mail.acts.relays import AddRelayJob, RemoveRelayJob, SetRelayJob
from backend.mail.acts.tokens import AddTokenJob, RemoveTokenJob

#: Each job on what a mail server has; made with the same tools.
ACTS: tuple[type[MailAct[Any]], ...] = (
    ReadMailJob,
    AddDomainJob,
    SetDomainJob,
    SetManagersJob,
    RemoveDomainJob,
    AddMailboxesJob,
    SetMailboxJob,
    ResetPasswordJob,
    EndTokensJob,
    RemoveMailboxJob,
    SetAliasJob,
    RemoveAliasJob,
    AddTokenJob,
    RemoveTokenJob,
    AddRelayJob,
    SetRelayJob,
    RemoveRelayJob,
)
