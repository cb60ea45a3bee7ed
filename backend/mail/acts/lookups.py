"""What a mail server has, as its rows say, and what it may have: asked before a job begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from backend.core.errors import Refused
from backend.core.present.text import _, ngettext
from backend.mail.addresses import split_address
from backend.mail.limits import MOST_BYTES
from backend.store.schema.mail import Domain, MailAlias, Mailbox, MailRelay

if TYPE_CHECKING:
    from uuid import UUID

    from backend.mail.requests import SetDomain
    from backend.store.scope import ScopedSession

MEGABYTE = 1_000_000


def domain_row(session: ScopedSession, server_id: UUID, name: str) -> Domain:
    """:raises Refused: the server has no such domain, as far as is known."""
    row = find_domain(session, server_id, name)
    if row is None:
        raise Refused(
            _("This mail server has no domain {domain}.").format(domain=name or "–"),
            remedy=_("Add the domain first."),
        )
    return row


def find_domain(session: ScopedSession, server_id: UUID, name: str) -> Domain | None:
    found = select(Domain).where(Domain.name == name, Domain.server_id == server_id, Domain.gone_at.is_(None))
    return session.scalars(found).first()


def mailbox_row(session: ScopedSession, server_id: UUID, address: str) -> Mailbox:
    """:raises Refused: the server has no such mailbox, as far as is known."""
    domain = domain_row(session, server_id, split_address(address)[1])
    row = session.get(Mailbox, (domain.tenant_id, domain.id, address))
    if row is None:
        raise Refused(_("There is no mailbox {address}.").format(address=address))
    return row


def check_room(session: ScopedSession, domain: Domain, kind: type[Mailbox] | type[MailAlias], more: int) -> None:
    """:raises Refused: ``more`` of them would be more than the domain may have."""
    most = domain.max_mailboxes if kind is Mailbox else domain.max_aliases
    has = count_of(session, domain, kind)
    if most is None or has + more <= most:
        return
    title = _("{domain} may have at most {most} mailboxes and has {has}.")
    if kind is MailAlias:
        title = _("{domain} may have at most {most} aliases and has {has}.")
    raise Refused(
        title.format(domain=domain.name, most=most, has=has),
        remedy=_("Raise the limit of the domain, or remove some."),
    )


def check_holds(session: ScopedSession, domain: Domain, wanted: SetDomain) -> None:
    """A limit that stays as it is is not asked about: Mailu's own pages may have let more in.

    :raises Refused: the domain has more already.
    """
    for kind, most, before in (
        (Mailbox, wanted.max_mailboxes, domain.max_mailboxes),
        (MailAlias, wanted.max_aliases, domain.max_aliases),
    ):
        if most is not None and most != before:
            _check_count(domain.name, kind, most, count_of(session, domain, kind))
    largest = session.scalars(select(func.max(Mailbox.quota_bytes)).where(Mailbox.domain_id == domain.id)).one()
    most = wanted.max_quota_bytes
    if most is not None and most != domain.max_quota_bytes and largest is not None and largest > most:
        title = _("A mailbox of {domain} has a quota of {has} MB already.")
        raise Refused(
            title.format(domain=domain.name, has=largest // MEGABYTE),
            remedy=_("Choose a larger limit, or lower the quotas first."),
        )


def _check_count(domain: str, kind: type[Mailbox] | type[MailAlias], most: int, has: int) -> None:
    if has > most:
        title = ngettext(
            "A limit of {most} mailbox is too low: {domain} has {has}.",
            "A limit of {most} mailboxes is too low: {domain} has {has}.",
            most,
        )
        if kind is MailAlias:
            title = ngettext(
                "A limit of {most} alias is too low: {domain} has {has}.",
                "A limit of {most} aliases is too low: {domain} has {has}.",
                most,
            )
        remedy = _("Set the limit to {has} and no more can be added.").format(has=has)
        raise Refused(title.format(domain=domain, has=has, most=most), remedy=remedy)


def count_of(session: ScopedSession, domain: Domain, kind: type[Mailbox] | type[MailAlias]) -> int:
    return session.scalars(select(func.count()).select_from(kind).where(kind.domain_id == domain.id)).one()


def check_quota(domain: Domain, quota_bytes: int | None) -> None:
    """Mailu's API does not ask.

    :raises Refused: a mailbox of the domain may not have as much.
    """
    most = domain.max_quota_bytes
    if quota_bytes is not None and quota_bytes < 1:
        raise Refused(_("A quota must be at least one byte."), remedy=_("For a mailbox without one, leave it out."))
    if quota_bytes is not None and quota_bytes > MOST_BYTES:
        raise Refused(_("{limit} cannot be a limit.").format(limit=quota_bytes))
    if most is not None and (quota_bytes is None or quota_bytes > most):
        raise Refused(
            _("A mailbox of {domain} may have at most {most} MB.").format(domain=domain.name, most=most // MEGABYTE),
            remedy=_("Choose a smaller quota, or raise the limit of the domain."),
        )


def check_leads_somewhere(session: ScopedSession, server_id: UUID, destination: str) -> None:
    """An address elsewhere is taken as it is; of a domain of this server there must be somebody behind it.

    :raises Refused: nobody there has it.
    """
    domain = find_domain(session, server_id, split_address(destination)[1])
    if domain is None:
        return
    key = (domain.tenant_id, domain.id, destination)
    if session.get(Mailbox, key) is not None or session.get(MailAlias, key) is not None:
        return
    patterns = select(MailAlias).where(MailAlias.domain_id == domain.id, MailAlias.is_wildcard.is_(True))
    if session.scalars(patterns).first() is None:
        raise Refused(
            _("There is neither a mailbox nor an alias {address}.").format(address=destination),
            remedy=_("Add it first. If it was made in Mailu itself, read the mail server first."),
        )


def find_relay(session: ScopedSession, server_id: UUID, name: str) -> MailRelay | None:
    """The row of a domain whose mail the server hands on."""
    found = select(MailRelay).where(MailRelay.server_id == server_id, MailRelay.name == name)
    return session.scalars(found.where(MailRelay.seen_at.is_not(None))).first()


def check_not_relayed(session: ScopedSession, server_id: UUID, name: str) -> None:
    """:raises Refused: the server hands the mail of this domain on."""
    if find_relay(session, server_id, name) is not None:
        raise Refused(
            _("This mail server relays {domain} already.").format(domain=name),
            remedy=_("Delete the relay first, or change it."),
        )
