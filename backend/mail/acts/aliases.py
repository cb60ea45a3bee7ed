"""Aliases: by the API where they lead to mailboxes of the server, by Mailu's own command where they lead elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import NotFound, ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.mail.acts.base import MailAct
from backend.mail.acts.domains import there
from backend.mail.acts.lookups import check_leads_somewhere, check_room, domain_row
from backend.mail.addresses import check_address, check_local_part, split_address
from backend.mail.requests import RemoveAlias, SetAlias
from backend.mailu.records import Alias
from backend.store.schema.mail import MailAlias, Mailbox

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.mail.access import OpenMailu
    from backend.store.scope import ScopedSession


class SetAliasJob(MailAct[SetAlias]):
    """Job ``mail.alias.set``: made, or changed where it is there."""

    request: ClassVar[type[SetAlias]] = SetAlias
    title: ClassVar[str] = N_("Set alias")
    doing: ClassVar[str] = N_("Set where the alias leads")

    def named(self, request: SetAlias) -> str:
        return request.address

    def check(self, session: ScopedSession, request: SetAlias) -> None:
        local, name = split_address(request.address)
        domain = domain_row(session, request.server_id, name)
        check_local_part(local, is_wildcard=request.is_wildcard)
        if not request.destinations:
            raise Refused(_("An alias must lead somewhere."))
        for each in request.destinations:
            check_address(each)
            if each == request.address:
                raise Refused(_("An alias cannot lead to itself."))
            check_leads_somewhere(session, request.server_id, each)
        if session.get(Mailbox, (domain.tenant_id, domain.id, request.address)) is not None:
            raise Refused(
                _("{address} is a mailbox.").format(address=request.address),
                remedy=_("Let the mailbox forward its mail instead."),
            )
        if session.get(MailAlias, (domain.tenant_id, domain.id, request.address)) is None:
            check_room(session, domain, MailAlias, 1)

    def change(self, ctx: StepContext[SetAlias], mailu: OpenMailu) -> str:
        request, api = ctx.job.request, mailu.api
        wanted = Alias(request.address, request.destinations, request.is_wildcard, request.comment)
        before = api.alias(wanted.address)
        if before == wanted:
            return _("nothing to change")
        try:
            if before is None:
                api.add_alias(wanted)
            else:
                api.change_alias(before, wanted)
        except NotFound:  # a destination that is no mailbox of the server: the API takes none such
            there(api, split_address(wanted.address)[1])
            mailu.command.set_alias(wanted, is_there=before is not None)
            if api.alias(wanted.address) != wanted:
                raise ProviderRefused(
                    _("Mailu did not take the alias {address}.").format(address=wanted.address)
                ) from None
            return _("set by Mailu's own command")
        return ""


class RemoveAliasJob(MailAct[RemoveAlias]):
    """Job ``mail.alias.remove``."""

    request: ClassVar[type[RemoveAlias]] = RemoveAlias
    title: ClassVar[str] = N_("Delete alias")
    doing: ClassVar[str] = N_("Delete the alias from the domain")

    def named(self, request: RemoveAlias) -> str:
        return request.address

    def check(self, session: ScopedSession, request: RemoveAlias) -> None:
        domain = domain_row(session, request.server_id, split_address(request.address)[1])
        if session.get(MailAlias, (domain.tenant_id, domain.id, request.address)) is None:
            raise Refused(_("There is no alias {address}.").format(address=request.address))

    def change(self, ctx: StepContext[RemoveAlias], mailu: OpenMailu) -> str:
        mailu.api.remove_alias(ctx.job.request.address)
        return ""
