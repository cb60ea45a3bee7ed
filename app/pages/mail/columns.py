"""The columns of domains, mailboxes and aliases."""

from __future__ import annotations

from datetime import date

from app.pages.mail.figures import domain_status, gigabytes, mailbox_status, used_of
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.mail.queries import AliasRow, DomainRow, MailboxRow
from backend.mail.relay_queries import RelayRow
from backend.mail.token_queries import AppTokenRow
from widgets.record_model import Column

#: Of the mailboxes: the name and the comment stand in the menu of columns.
SHOWN_AT_FIRST = 4


def domain_columns() -> tuple[Column[DomainRow], ...]:
    return (
        Column(
            _("Domain"),
            text=lambda row: row.name,
            sort=lambda row: row.name,
            status=domain_status,
            note=_domain_note,
            meter=lambda row: row.mailboxes / row.max_mailboxes if row.max_mailboxes else None,
            tooltip=_domain_tip,
            is_name=True,
        ),
    )


def mailbox_columns() -> tuple[Column[MailboxRow], ...]:
    return (
        Column(_("Mailbox"), text=local_part, sort=lambda row: row.address, tooltip=_mailbox_tip, is_name=True),
        Column(
            _("Used of limit, GB"),
            text=used_of,
            sort=lambda row: (row.used_share or 0.0, row.used_bytes),
            status=mailbox_status,
            meter=lambda row: row.used_share,
            is_number=True,
        ),
        Column(_("Forwards to"), text=forwarding, is_muted=lambda row: not row.forwards_to, most=180),
        Column(_("State"), text=lambda row: state_of(row)[1], status=lambda row: state_of(row)[0], is_toned=True),
        Column(_("Name"), text=lambda row: row.display_name),
        Column(_("Comment"), text=lambda row: " ".join(row.comment.split())),
    )


def alias_columns() -> tuple[Column[AliasRow], ...]:
    return (
        Column(_("Alias"), text=lambda row: row.address.rpartition("@")[0] + "@", is_name=True, is_mono=False),
        Column(_("Leads to"), text=lambda row: ", ".join(row.destinations), most=400),
        Column(_("Kind"), text=lambda row: _("wildcard") if row.is_wildcard else _("one address")),
        Column(_("Comment"), text=lambda row: " ".join(row.comment.split())),
    )


def relay_columns() -> tuple[Column[RelayRow], ...]:
    return (
        Column(_("Relayed domain"), text=lambda row: row.name, is_name=True),
        Column(_("Handed on to"), text=next_hop_words, is_muted=lambda row: not row.next_hop, most=300),
        Column(_("Client"), text=lambda row: row.workspace),
        Column(_("Comment"), text=lambda row: " ".join(row.comment.split())),
    )


def token_columns() -> tuple[Column[AppTokenRow], ...]:
    return (
        Column(_("App token"), text=lambda row: " ".join(row.comment.split()) or words.DASH, is_name=True),
        Column(_("Networks"), text=networks_words, is_muted=lambda row: not row.networks, most=180),
        Column(_("Created"), text=day_of, sort=lambda row: row.created_on or date.min),
    )


def networks_words(row: AppTokenRow) -> str:
    return ", ".join(row.networks) or _("anywhere")


def day_of(row: AppTokenRow) -> str:
    """Mailu keeps the day alone."""
    return words.DASH if row.created_on is None else words.full_day(row.created_on)


def next_hop_words(row: RelayRow) -> str:
    return row.next_hop or _("the MX of the domain")


def local_part(row: MailboxRow) -> str:
    """'info@': the domain stands above the list."""
    return row.address.rpartition("@")[0] + "@"


def forwarding(row: MailboxRow) -> str:
    if not row.forwards_to:
        return words.DASH
    if len(row.forwards_to) == 1:
        return row.forwards_to[0]
    more = len(row.forwards_to)
    return ngettext("{n} address", "{n} addresses", more).format(n=words.number(more))


def state_of(row: MailboxRow) -> tuple[Status | None, str]:
    """Shape and words; an ordinary mailbox has no shape."""
    if not row.is_enabled:
        return Status.UNKNOWN, _("suspended")
    if row.must_change_password:
        return Status.WAITING, _("new password due")
    return None, _("out of office") if row.replies else _("active")


def _domain_note(row: DomainRow) -> str:
    counted = words.of_limit(row.mailboxes, row.max_mailboxes)
    return ngettext("{counted} mailbox", "{counted} mailboxes", row.max_mailboxes or row.mailboxes).format(
        counted=counted
    )


def _domain_tip(row: DomainRow) -> str:
    lines = [
        row.name,
        _("on {server}").format(server=row.server),
        _("for {workspace}").format(workspace=row.workspace),
        _("{size} GB in all mailboxes").format(size=gigabytes(row.used_bytes)),
    ]
    return "\n".join(lines)


def _mailbox_tip(row: MailboxRow) -> str:
    return "\n".join(part for part in (row.address, row.display_name, row.comment) if part)
