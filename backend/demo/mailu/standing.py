"""What was there before: put into the model as the database has it, without a check."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.mailu.records import relay_fields

if TYPE_CHECKING:
    from backend.demo.mailu.model import Model
    from backend.mailu.records import Alias, AppToken, Mailbox, MailDomain, Relay

UNLIMITED = -1


@dataclass(frozen=True)
class Standing:
    """What one server has."""

    domains: Sequence[MailDomain]
    mailboxes: Sequence[Mailbox]
    aliases: Sequence[Alias]
    relays: Sequence[Relay] = ()
    tokens: Sequence[AppToken] = ()


def stand(model: Model, found: Standing) -> None:
    """In one transaction. The mailboxes have no password: nobody logs in before there is one."""
    with model.records.change():
        for domain in found.domains:
            limits = {
                "comment": domain.comment,
                "max_users": UNLIMITED if domain.max_mailboxes is None else domain.max_mailboxes,
                "max_aliases": UNLIMITED if domain.max_aliases is None else domain.max_aliases,
                "max_quota_bytes": domain.max_quota_bytes or 0,
            }
            model.domains.make(domain.name, limits)
            model.domains.name_also(domain.name, domain.alternatives)
        for mailbox in found.mailboxes:
            model.mailboxes.make(mailbox.address, "", _settings(mailbox))
        for alias in found.aliases:
            fields = {"comment": alias.comment, "wildcard": alias.is_wildcard}
            model.aliases.make(alias.address, alias.destinations, fields)
        for relay in found.relays:
            model.relays.make(relay.name, relay_fields(relay))
        for token in found.tokens:
            fields = {"comment": token.comment, "AuthorizedIP": list(token.networks)}
            model.tokens.make(token.address, fields, secrets.token_hex(16))


def _settings(mailbox: Mailbox) -> dict[str, object]:
    return {
        "comment": mailbox.comment,
        "displayed_name": mailbox.display_name,
        "quota_bytes": mailbox.quota_bytes or 0,
        "quota_bytes_used": mailbox.used_bytes,
        "enabled": mailbox.is_enabled,
        "change_pw_next_login": mailbox.must_change_password,
        "global_admin": mailbox.is_admin,
        "forward_enabled": mailbox.forward.is_on,
        "forward_destination": list(mailbox.forward.destinations),
        "forward_keep": mailbox.forward.keeps_copy,
        "reply_enabled": mailbox.replies,
        "reply_subject": mailbox.reply_subject,
        "reply_body": mailbox.reply_body,
    }
