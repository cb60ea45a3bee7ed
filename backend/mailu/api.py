"""The calls of Mailu's API (core/admin/mailu/api/v1 of 2024.06).

Its oddities are kept in here: lists without pages that leave out what is null, names that come back in Unicode,
``alternatives`` that a change only adds to, aliases that take none but mailboxes of the same server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from backend.core.errors import NotFound
from backend.core.secrets.values import Secret
from backend.mailu.records import (
    Alias,
    AppToken,
    Fields,
    Mailbox,
    MailDomain,
    Relay,
    alias_fields,
    alias_told,
    domain_told,
    limit_fields,
    mailbox_fields,
    mailbox_told,
    relay_fields,
    relay_told,
    token_told,
)

if TYPE_CHECKING:
    from backend.mailu.wire import MailuWire


class MailuApi:
    """What one server is asked and told. Thread-safe as its wire is, which it does not close.

    :raises ProviderError: in every method, as :class:`backend.mailu.wire.MailuWire` says.
    """

    def __init__(self, wire: MailuWire) -> None:
        self._wire = wire

    def domains(self) -> Sequence[MailDomain]:
        return [domain_told(each) for each in self._list("/domain")]

    def domain(self, name: str) -> MailDomain | None:
        found = self._one("/domain", name)
        return domain_told(found) if found is not None else None

    def add_domain(self, domain: MailDomain) -> None:
        """:raises AlreadyThere: a domain, an alternative or a relay has this name."""
        body = {"name": domain.name, **limit_fields(domain), "comment": domain.comment}
        self._wire.call("POST", "/domain", body=body | {"alternatives": list(domain.alternatives)})

    def change_domain(self, before: MailDomain, after: MailDomain) -> None:
        """Limits, words and alternatives. ``before`` was just read: of one that is not there the answer is HTTP 500.

        :raises AlreadyThere: a new alternative is a name of this server already.
        """
        fresh = [name for name in after.alternatives if name not in before.alternatives]
        body = {**limit_fields(after), "comment": after.comment, **({"alternatives": fresh} if fresh else {})}
        self._wire.call("PATCH", _path("/domain", before.name), body=body)
        for name in before.alternatives:
            if name not in after.alternatives:
                self._wire.delete(_path("/alternative", name))

    def remove_domain(self, name: str) -> None:
        """With its mailboxes, aliases and tokens; folders of mail and the DKIM key stay on the disk."""
        self._wire.delete(_path("/domain", name))

    def add_manager(self, name: str, address: str) -> None:
        """Somebody who may manage the domain in Mailu's own pages.

        :raises AlreadyThere: they may already. :raises NotFound: there is no such domain or mailbox.
        """
        self._wire.call("POST", f"{_path('/domain', name)}/manager", body={"user_email": address})

    def remove_manager(self, name: str, address: str) -> None:
        self._wire.delete(f"{_path('/domain', name)}{_path('/manager', address)}")

    def mailboxes(self) -> Sequence[Mailbox]:
        return [mailbox_told(each) for each in self._list("/user")]

    def mailbox(self, address: str) -> Mailbox | None:
        found = self._one("/user", address)
        return mailbox_told(found) if found is not None else None

    def add_mailbox(self, mailbox: Mailbox, password: Secret) -> None:
        """:raises AlreadyThere: there is one. :raises LimitReached: the domain may have no more."""
        with password.lent() as value:
            body = {"email": mailbox.address, "raw_password": value, **mailbox_fields(mailbox)}
            self._wire.call("POST", "/user", body=body)

    def change_mailbox(self, before: Mailbox, after: Mailbox) -> None:
        """Only what differs is sent: what somebody changed meanwhile beside it stays.

        :raises NotFound: there is none.
        """
        old, new = mailbox_fields(before), mailbox_fields(after)
        body = {name: value for name, value in new.items() if old.get(name) != value}
        self._wire.call("PATCH", _path("/user", before.address), body=body)

    def set_password(self, address: str, password: Secret, *, must_change: bool) -> None:
        """Web sessions end with it; app tokens and open IMAP connections do not.

        :raises NotFound: there is no such mailbox.
        """
        with password.lent() as value:
            body = {"raw_password": value, "change_pw_next_login": must_change}
            self._wire.call("PATCH", _path("/user", address), body=body)

    def remove_mailbox(self, address: str) -> None:
        """Its folder of mail stays on the disk."""
        self._wire.delete(_path("/user", address))

    def aliases(self) -> Sequence[Alias]:
        return [alias_told(each) for each in self._list("/alias")]

    def alias(self, address: str) -> Alias | None:
        found = self._one("/alias", address)
        return alias_told(found) if found is not None else None

    def add_alias(self, alias: Alias) -> None:
        """
        :raises AlreadyThere: there is one.
        :raises LimitReached: the domain may have no more.
        :raises NotFound: its domain is not there, or a destination is no mailbox of this server: that one needs
            Mailu's own command.
        """
        self._wire.call("POST", "/alias", body={"email": alias.address, **alias_fields(alias)})

    def change_alias(self, before: Alias, after: Alias) -> None:
        """Only what differs is sent: destinations elsewhere stay as long as they are not touched.

        :raises NotFound: there is none, or a new destination is no mailbox of this server.
        """
        old = alias_fields(before)
        body = {name: value for name, value in alias_fields(after).items() if old[name] != value}
        self._wire.call("PATCH", _path("/alias", before.address), body=body)

    def remove_alias(self, address: str) -> None:
        self._wire.delete(_path("/alias", address))

    def relays(self) -> Sequence[Relay]:
        return [relay_told(each) for each in self._list("/relay")]

    def relay(self, name: str) -> Relay | None:
        found = self._one("/relay", name)
        return relay_told(found) if found is not None else None

    def add_relay(self, relay: Relay) -> None:
        """:raises AlreadyThere: a domain, an alternative or a relay has this name."""
        self._wire.call("POST", "/relay", body={"name": relay.name, **relay_fields(relay)})

    def change_relay(self, before: Relay, after: Relay) -> None:
        """Only what differs is sent.

        :raises NotFound: there is none.
        """
        old = relay_fields(before)
        body = {name: value for name, value in relay_fields(after).items() if old[name] != value}
        self._wire.call("PATCH", _path("/relay", before.name), body=body)

    def remove_relay(self, name: str) -> None:
        self._wire.delete(_path("/relay", name))

    def tokens(self, address: str) -> Sequence[AppToken]:
        """The path lacks a slash upstream.

        :raises NotFound: there is no such mailbox.
        """
        return [token_told(each) for each in self._list(_path("/tokenuser", address))]

    def all_tokens(self) -> Sequence[AppToken]:
        return [token_told(each) for each in self._list("/token")]

    def add_token(self, address: str, comment: str, networks: Sequence[str]) -> tuple[AppToken, Secret]:
        """The token, and its secret, which Mailu tells this once.

        :raises NotFound: there is no such mailbox.
        """
        body = {"email": address, "comment": comment, "AuthorizedIP": list(networks)}
        answer = self._wire.call("POST", "/token", body=body)
        if not isinstance(answer, dict) or not answer.get("token") or not answer.get("id"):
            raise self._wire.unreadable("no token in /token")
        return token_told(answer), Secret(str(answer["token"]))

    def name_token(self, token_id: str, comment: str) -> None:
        """:raises NotFound: there is no such token."""
        self._wire.call("PATCH", _path("/token", token_id), body={"comment": comment})

    def remove_token(self, token_id: str) -> None:
        self._wire.delete(_path("/token", token_id))

    def _list(self, path: str) -> Sequence[Fields]:
        answer = self._wire.call("GET", path)
        if not isinstance(answer, list):
            raise self._wire.unreadable(f"no list in {path}")
        return [each for each in answer if isinstance(each, dict)]

    def _one(self, kind: str, name: str) -> Fields | None:
        path = _path(kind, name)
        try:
            answer = self._wire.call("GET", path)
        except NotFound:
            return None
        if not isinstance(answer, dict):
            raise self._wire.unreadable(f"no record in {path}")
        return answer


def _path(kind: str, name: str) -> str:
    """No slash of a name goes as one: the path would be another."""
    return f"{kind}/{quote(name, safe='@')}"
