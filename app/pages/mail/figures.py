"""How full mailboxes and domains are, and amounts of storage as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import ngettext
from backend.mail.queries import NEARLY_FULL

if TYPE_CHECKING:
    from backend.mail.queries import DomainRow, MailboxRow

GB = 1_000_000_000
MB = 1_000_000


def fullness(used: float, limit: float | None) -> Status | None:
    """What is full or nearly so; None for all else, also without a limit."""
    if not limit:
        return None
    share = used / limit
    if share >= 1:
        return Status.CRITICAL
    return Status.WARNING if share >= NEARLY_FULL else None


def mailbox_status(row: MailboxRow) -> Status | None:
    return fullness(row.used_bytes, row.quota_bytes)


def domain_status(row: DomainRow) -> Status:
    """By the count of its mailboxes; one without any says nothing of itself."""
    if row.max_mailboxes is not None and row.mailboxes >= row.max_mailboxes:
        return Status.CRITICAL
    if not row.mailboxes:
        return Status.UNKNOWN
    return fullness(row.mailboxes, row.max_mailboxes) or Status.OK


def count_domains(count: int) -> str:
    return ngettext("{n} domain", "{n} domains", count).format(n=words.number(count))


def count_mailboxes(count: int) -> str:
    return ngettext("{n} mailbox", "{n} mailboxes", count).format(n=words.number(count))


def gigabytes(amount: int | None) -> str:
    """'4.7'; no limit is a dash."""
    return words.DASH if amount is None else words.number(amount / GB, 1)


def used_of(row: MailboxRow) -> str:
    """'3.1 / 5.0' in GB; of a mailbox without a quota what it has."""
    used = gigabytes(row.used_bytes)
    return used if row.quota_bytes is None else f"{used} / {gigabytes(row.quota_bytes)}"
