"""Relayed domains of a mail server: added, led elsewhere, removed.

The walk of their data: sheet or command -> request -> job -> Mailu's API -> what it then has -> row ``mail_relay`` of
the client -> topic *domains* -> the tab *Relays*.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from backend.core.errors import AlreadyThere, OutcomeUnknown, Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Done, Step, StepOutcome
from backend.mail.acts.base import MailAct, running
from backend.mail.acts.lookups import check_not_relayed, find_relay
from backend.mail.lengths import check_length
from backend.mail.requests import LONGEST_COMMENT, AddRelay, RemoveRelay, SetRelay
from backend.mailu.next_hop import check_hop, host_of
from backend.mailu.records import Relay
from backend.mailu.settings import check_name
from backend.store.schema.fleet import Workspace
from backend.store.schema.mail import Domain
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.mail.access import OpenMailu
    from backend.mail.requests import OnRelay
    from backend.store.scope import ScopedSession


class AddRelayJob(MailAct[AddRelay]):
    """Job ``mail.relay.add``. One that somebody made there before is not taken over: it is read first."""

    request: ClassVar[type[AddRelay]] = AddRelay
    title: ClassVar[str] = N_("Add relay")
    doing: ClassVar[str] = N_("Add the relayed domain to the mail server")

    def steps(self, request: AddRelay) -> Sequence[Step[AddRelay]]:
        return (Step("look", N_("Look for the relay on the mail server"), self._look, 2), *super().steps(request))

    def named(self, request: AddRelay) -> str:
        return request.name

    def check(self, session: ScopedSession, request: AddRelay) -> None:
        check_name(request.name)
        _check_way(session, request)
        if request.client is not None and session.get(Workspace, request.client) is None:
            raise Refused(_("A chosen workspace no longer exists."))
        check_not_relayed(session, request.server_id, request.name)
        _check_not_ours(session, request)

    def change(self, ctx: StepContext[AddRelay], mailu: OpenMailu) -> str:
        """The row first: whose it is must be known before the mail server tells of it."""
        request, api = ctx.job.request, mailu.api
        self._contents.claim_relay(request.server_id, request.name, request.client or AGENCY)
        if api.relay(request.name) is None:
            try:
                api.add_relay(Relay(request.name, request.next_hop, request.comment))
            except (AlreadyThere, OutcomeUnknown):
                if api.relay(request.name) is None:
                    raise
        return _("{domain} is relayed as soon as its MX points here").format(domain=request.name)

    def _look(self, ctx: StepContext[AddRelay]) -> StepOutcome:
        request = ctx.job.request
        with self._access.open(request.server_id, stop=ctx.is_cancelled) as mailu:
            if mailu.api.relay(request.name) is not None:
                raise Refused(
                    _("The mail server relays {domain} already; Mailyard did not add it.").format(domain=request.name),
                    remedy=_("Read the mail server to see it here."),
                )
        return Done()


class SetRelayJob(MailAct[SetRelay]):
    """Job ``mail.relay.set``."""

    request: ClassVar[type[SetRelay]] = SetRelay
    title: ClassVar[str] = N_("Change relay")
    doing: ClassVar[str] = N_("Change where the mail of the domain goes")

    def named(self, request: SetRelay) -> str:
        return request.name

    def check(self, session: ScopedSession, request: SetRelay) -> None:
        _check_there(session, request)
        _check_way(session, request)

    def change(self, ctx: StepContext[SetRelay], mailu: OpenMailu) -> str:
        request = ctx.job.request
        before, after = mailu.api.relay(request.name), Relay(request.name, request.next_hop, request.comment)
        if before is None:
            raise _none(request)
        if before == after:
            return _("nothing to change")
        mailu.api.change_relay(before, after)
        return ""


class RemoveRelayJob(MailAct[RemoveRelay]):
    """Job ``mail.relay.remove``."""

    request: ClassVar[type[RemoveRelay]] = RemoveRelay
    title: ClassVar[str] = N_("Delete relay")
    doing: ClassVar[str] = N_("Delete the relayed domain from the mail server")

    def named(self, request: RemoveRelay) -> str:
        return request.name

    def check(self, session: ScopedSession, request: RemoveRelay) -> None:
        _check_there(session, request)

    def change(self, ctx: StepContext[RemoveRelay], mailu: OpenMailu) -> str:
        mailu.api.remove_relay(ctx.job.request.name)
        return ""


def _check_way(session: ScopedSession, request: SetRelay) -> None:
    """:raises Refused: mail could not go there, or would come back."""
    check_hop(request.next_hop)
    check_length(request.comment, LONGEST_COMMENT)
    if host_of(request.next_hop) == running(session, request.server_id).host_name:
        raise Refused(
            _("Mail for {domain} would come back to this mail server.").format(domain=request.name),
            remedy=_("Name the server that has its mailboxes."),
        )


def _check_not_ours(session: ScopedSession, request: AddRelay) -> None:
    """A server hands on what another one of ours has, for the same client: it is its second MX.

    :raises Refused: this server has its mailboxes itself, or it is another client's.
    """
    owner = request.client or AGENCY
    for domain in session.scalars(select(Domain).where(Domain.gone_at.is_(None))):
        if request.name not in (domain.name, *domain.alternatives):
            continue
        if domain.server_id == request.server_id:
            raise Refused(
                _("{domain} is a domain of this mail server.").format(domain=request.name),
                remedy=_("Its mail is delivered here and cannot be relayed."),
            )
        if domain.tenant_id != owner:
            raise Refused(
                _("{domain} is a mail domain of another client.").format(domain=request.name),
                remedy=_("Choose the client it belongs to."),
            )


def _check_there(session: ScopedSession, request: OnRelay) -> None:
    if find_relay(session, request.server_id, request.name) is None:
        raise _none(request)


def _none(request: OnRelay) -> Refused:
    return Refused(_("This mail server does not relay {domain}.").format(domain=request.name or "–"))
