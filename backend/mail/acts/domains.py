"""Domains of a mail server: added, limited, removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from backend.core.errors import AlreadyThere, OutcomeUnknown, Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Done, Step, StepOutcome
from backend.fleet.acts import check_typed
from backend.mail.acts.base import MailAct
from backend.mail.acts.lookups import check_holds, check_not_relayed, domain_row, mailbox_row
from backend.mail.limits import check_limits
from backend.mail.requests import AddDomain, ReadMail, RemoveDomain, SetDomain, SetManagers
from backend.mailu.records import MailDomain
from backend.mailu.settings import check_name
from backend.store.schema.fleet import Workspace
from backend.store.schema.mail import Domain
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.mail.access import OpenMailu
    from backend.mailu.api import MailuApi
    from backend.store.scope import ScopedSession


class AddDomainJob(MailAct[AddDomain]):
    """Job ``mail.domain.add``. A domain that somebody made there before is not taken over: it is read first."""

    request: ClassVar[type[AddDomain]] = AddDomain
    title: ClassVar[str] = N_("Add domain")
    doing: ClassVar[str] = N_("Add the domain to the mail server")

    def steps(self, request: AddDomain) -> Sequence[Step[AddDomain]]:
        return (Step("look", N_("Look for the domain on the mail server"), self._look, 2), *super().steps(request))

    def named(self, request: AddDomain) -> str:
        return request.domain

    def check(self, session: ScopedSession, request: AddDomain) -> None:
        check_name(request.domain)
        check_limits(request.max_mailboxes, request.max_aliases, request.max_quota_bytes)
        if request.client is not None and session.get(Workspace, request.client) is None:
            raise Refused(_("A chosen workspace no longer exists."))
        taken = select(Domain).where(Domain.name == request.domain, Domain.gone_at.is_(None))
        if session.scalars(taken).first() is not None:
            raise Refused(_("{domain} has a mail server already.").format(domain=request.domain))
        check_not_relayed(session, request.server_id, request.domain)

    def change(self, ctx: StepContext[AddDomain], mailu: OpenMailu) -> str:
        """The row first: whose the domain is must be known before the mail server tells of it."""
        request, api = ctx.job.request, mailu.api
        self._contents.claim(request.server_id, request.domain, request.client or AGENCY, ctx.now())
        wanted = MailDomain(
            request.domain,
            max_mailboxes=request.max_mailboxes,
            max_aliases=request.max_aliases,
            max_quota_bytes=request.max_quota_bytes,
        )
        if api.domain(request.domain) is None:
            try:
                api.add_domain(wanted)
            except (AlreadyThere, OutcomeUnknown):
                if api.domain(request.domain) is None:
                    raise
        return _("{domain} takes mail as soon as its MX points here").format(domain=request.domain)

    def _look(self, ctx: StepContext[AddDomain]) -> StepOutcome:
        request = ctx.job.request
        with self._access.open(request.server_id, stop=ctx.is_cancelled) as mailu:
            if mailu.api.domain(request.domain) is not None:
                raise Refused(
                    _("The mail server has a domain {domain} that Mailyard did not add.").format(domain=request.domain),
                    remedy=_("Read the mail server to see it here."),
                )
        return Done()


class SetDomainJob(MailAct[SetDomain]):
    """Job ``mail.domain.set``. A limit below what is there already is refused."""

    request: ClassVar[type[SetDomain]] = SetDomain
    title: ClassVar[str] = N_("Change limits of domain")
    doing: ClassVar[str] = N_("Change the limits of the domain")

    def named(self, request: SetDomain) -> str:
        return request.domain

    def check(self, session: ScopedSession, request: SetDomain) -> None:
        row = domain_row(session, request.server_id, request.domain)
        check_limits(request.max_mailboxes, request.max_aliases, request.max_quota_bytes)
        check_holds(session, row, request)
        for name in request.alternatives:
            check_name(name)
            check_not_relayed(session, request.server_id, name)
            if name == request.domain:
                raise Refused(_("{domain} cannot be another name of itself.").format(domain=name))

    def change(self, ctx: StepContext[SetDomain], mailu: OpenMailu) -> str:
        request = ctx.job.request
        before = there(mailu.api, request.domain)
        after = replace(
            before,
            max_mailboxes=request.max_mailboxes,
            max_aliases=request.max_aliases,
            max_quota_bytes=request.max_quota_bytes,
            alternatives=request.alternatives,
        )
        mailu.api.change_domain(before, after)
        return ""


class SetManagersJob(MailAct[SetManagers]):
    """Job ``mail.domain.managers``: who is not there is added, who is not wanted is taken away."""

    request: ClassVar[type[SetManagers]] = SetManagers
    title: ClassVar[str] = N_("Set managers of domain")
    doing: ClassVar[str] = N_("Set the managers of the domain")

    def named(self, request: SetManagers) -> str:
        return request.domain

    def check(self, session: ScopedSession, request: SetManagers) -> None:
        domain_row(session, request.server_id, request.domain)
        for each in request.managers:
            mailbox_row(session, request.server_id, each)

    def change(self, ctx: StepContext[SetManagers], mailu: OpenMailu) -> str:
        request, api = ctx.job.request, mailu.api
        before = set(there(api, request.domain).managers)
        for each in request.managers:
            if each not in before:
                api.add_manager(request.domain, each)
        for each in sorted(before.difference(request.managers)):
            api.remove_manager(request.domain, each)
        return ""


class RemoveDomainJob(MailAct[RemoveDomain]):
    """Job ``mail.domain.remove``; the name is typed."""

    request: ClassVar[type[RemoveDomain]] = RemoveDomain
    title: ClassVar[str] = N_("Remove domain")
    doing: ClassVar[str] = N_("Remove the domain from the mail server")

    def named(self, request: RemoveDomain) -> str:
        return request.domain

    def check(self, session: ScopedSession, request: RemoveDomain) -> None:
        domain_row(session, request.server_id, request.domain)
        check_typed(request.typed_name, request.domain)

    def change(self, ctx: StepContext[RemoveDomain], mailu: OpenMailu) -> str:
        mailu.api.remove_domain(ctx.job.request.domain)
        return _("its folders of mail and its DKIM key stay on the server")


class ReadMailJob(MailAct[ReadMail]):
    """Job ``mail.read``: nothing is changed."""

    request: ClassVar[type[ReadMail]] = ReadMail
    title: ClassVar[str] = N_("Read domains and mailboxes")

    def steps(self, _request: ReadMail) -> Sequence[Step[ReadMail]]:
        return (self.reading(),)

    def named(self, _request: ReadMail) -> str:
        return ""

    def check(self, _session: ScopedSession, _request: ReadMail) -> None:
        return


def there(api: MailuApi, name: str) -> MailDomain:
    """:raises Refused: somebody removed it meanwhile."""
    found = api.domain(name)
    if found is None:
        raise Refused(_("This mail server has no domain {domain}.").format(domain=name))
    return found
