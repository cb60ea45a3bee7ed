"""Mailboxes: added one by one or many at once, changed, given another password, removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from backend.core.errors import AlreadyThere, OutcomeUnknown, Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Done, Step, StepOutcome
from backend.engine.payload import Result
from backend.fleet.acts import check_typed
from backend.mail.acts.base import MailAct
from backend.mail.acts.lookups import check_quota, check_room, domain_row, mailbox_row
from backend.mail.acts.passwords import WithPasswords
from backend.mail.addresses import check_address, check_local_part, split_address
from backend.mail.lengths import check_length
from backend.mail.requests import (
    LONGEST_NAME,
    LONGEST_SUBJECT,
    MOST_AT_ONCE,
    AddMailboxes,
    EndTokens,
    NewMailbox,
    RemoveMailbox,
    ResetPassword,
    SetMailbox,
)
from backend.mailu.records import Forward, Mailbox
from backend.store.schema.mail import MailAlias
from backend.store.schema.mail import Mailbox as MailboxRow

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.mail.access import OpenMailu
    from backend.mailu.api import MailuApi
    from backend.store.schema.mail import Domain
    from backend.store.scope import ScopedSession


@dataclass(frozen=True)
class ThereBefore(Result):
    """Addresses that somebody else had made before the job began: they are left alone."""

    addresses: tuple[str, ...]


class AddMailboxesJob(WithPasswords[AddMailboxes]):
    """Job ``mail.mailbox.add``. A run after a kill goes on where the one before ended."""

    request: ClassVar[type[AddMailboxes]] = AddMailboxes
    title: ClassVar[str] = N_("Add mailboxes")
    doing: ClassVar[str] = N_("Add the mailboxes to the domain")

    def before_forgetting(self, _request: AddMailboxes) -> Sequence[Step[AddMailboxes]]:
        return (Step("look", N_("See what is there already"), self._look, 2), self.changing())

    def references(self, request: AddMailboxes) -> Sequence[str]:
        return [each.password_ref for each in request.mailboxes]

    def named(self, request: AddMailboxes) -> str:
        first = f"{request.mailboxes[0].local_part}@{request.domain}"
        more = len(request.mailboxes) - 1
        return first if more < 1 else _("{first} and {more} more").format(first=first, more=more)

    def check(self, session: ScopedSession, request: AddMailboxes) -> None:
        domain = domain_row(session, request.server_id, request.domain)
        names = [each.local_part for each in request.mailboxes]
        if not 1 <= len(names) <= MOST_AT_ONCE:
            raise Refused(
                _("Add at least one mailbox, and at most {most} mailboxes at once.").format(most=MOST_AT_ONCE)
            )
        for each in request.mailboxes:
            check_local_part(each.local_part)
            check_quota(domain, each.quota_bytes)
            check_length(each.display_name, LONGEST_NAME)
        name, times = Counter(names).most_common(1)[0]
        if times > 1:
            raise Refused(_("{address} is listed twice.").format(address=f"{name}@{domain.name}"))
        _check_free(session, domain, [f"{name}@{domain.name}" for name in names])
        check_room(session, domain, MailboxRow, len(names))

    def change(self, ctx: StepContext[AddMailboxes], mailu: OpenMailu) -> str:
        request, before = ctx.job.request, set(ctx.need("look", ThereBefore).addresses)
        ours = _there(mailu.api, request) - before  # a run before this one made them
        made = len(ours)
        for number, each in enumerate(request.mailboxes):
            ctx.stop_if_cancelled()
            address = f"{each.local_part}@{request.domain}"
            if address in ours:
                continue
            ctx.count(number, len(request.mailboxes), address)
            if address in before:
                ctx.say(_("{address} was there already and was left alone.").format(address=address), level="warning")
                continue
            self._add(mailu.api, address, each, must_change=request.must_change)
            made += 1
        return _("mailboxes added: {made} of {all}").format(made=made, all=len(request.mailboxes))

    def _look(self, ctx: StepContext[AddMailboxes]) -> StepOutcome:
        request = ctx.job.request
        with self._access.open(request.server_id, stop=ctx.is_cancelled) as mailu:
            return Done("", ThereBefore(tuple(sorted(_there(mailu.api, request)))))

    def _add(self, api: MailuApi, address: str, new: NewMailbox, *, must_change: bool) -> None:
        password = self.password(new.password_ref, address)
        wanted = Mailbox(address, new.display_name, quota_bytes=new.quota_bytes, must_change_password=must_change)
        try:
            api.add_mailbox(wanted, password)
        except (AlreadyThere, OutcomeUnknown):  # by a run before this one, or by this call: it is ours
            if api.mailbox(address) is None:
                raise


class SetMailboxJob(MailAct[SetMailbox]):
    """Job ``mail.mailbox.set``: read, compared, changed."""

    request: ClassVar[type[SetMailbox]] = SetMailbox
    title: ClassVar[str] = N_("Change mailbox")
    doing: ClassVar[str] = N_("Change the settings of the mailbox")

    def named(self, request: SetMailbox) -> str:
        return request.address

    def check(self, session: ScopedSession, request: SetMailbox) -> None:
        row = mailbox_row(session, request.server_id, request.address)
        domain = domain_row(session, request.server_id, split_address(request.address)[1])
        if request.quota_bytes is not None or request.no_quota:
            check_quota(domain, None if request.no_quota else request.quota_bytes)
        check_length(request.display_name or "", LONGEST_NAME)
        check_length(request.reply_subject or "", LONGEST_SUBJECT)
        for each in request.forwards_to or ():
            check_address(each)
            if each == row.address:
                raise Refused(_("A mailbox cannot forward to itself."))

    def change(self, ctx: StepContext[SetMailbox], mailu: OpenMailu) -> str:
        before = mailbox_there(mailu.api, ctx.job.request.address)
        after = changed(before, ctx.job.request)
        if after == before:
            return _("nothing to change")
        mailu.api.change_mailbox(before, after)
        return ""


class ResetPasswordJob(WithPasswords[ResetPassword]):
    """Job ``mail.mailbox.password``."""

    request: ClassVar[type[ResetPassword]] = ResetPassword
    title: ClassVar[str] = N_("Reset password")
    doing: ClassVar[str] = N_("Give the mailbox another password")

    def references(self, request: ResetPassword) -> Sequence[str]:
        return (request.password_ref,)

    def named(self, request: ResetPassword) -> str:
        return request.address

    def check(self, session: ScopedSession, request: ResetPassword) -> None:
        mailbox_row(session, request.server_id, request.address)

    def change(self, ctx: StepContext[ResetPassword], mailu: OpenMailu) -> str:
        request = ctx.job.request
        mailbox_there(mailu.api, request.address)
        password = self.password(request.password_ref, request.address)
        mailu.api.set_password(request.address, password, must_change=request.must_change)
        self._access.keep_administrators(request.server_id, request.address, password, ctx.now())
        return end_tokens(mailu.api, request.address) if request.ends_tokens else ""


class EndTokensJob(MailAct[EndTokens]):
    """Job ``mail.mailbox.tokens``; the password of the mailbox stays."""

    request: ClassVar[type[EndTokens]] = EndTokens
    title: ClassVar[str] = N_("Delete app tokens of mailbox")
    doing: ClassVar[str] = N_("Delete the app tokens of the mailbox")

    def named(self, request: EndTokens) -> str:
        return request.address

    def check(self, session: ScopedSession, request: EndTokens) -> None:
        mailbox_row(session, request.server_id, request.address)

    def change(self, ctx: StepContext[EndTokens], mailu: OpenMailu) -> str:
        return end_tokens(mailu.api, mailbox_there(mailu.api, ctx.job.request.address).address)


class RemoveMailboxJob(MailAct[RemoveMailbox]):
    """Job ``mail.mailbox.remove``; the address is typed."""

    request: ClassVar[type[RemoveMailbox]] = RemoveMailbox
    title: ClassVar[str] = N_("Delete mailbox")
    doing: ClassVar[str] = N_("Delete the mailbox from the domain")

    def named(self, request: RemoveMailbox) -> str:
        return request.address

    def check(self, session: ScopedSession, request: RemoveMailbox) -> None:
        row = mailbox_row(session, request.server_id, request.address)
        if row.is_admin:
            raise Refused(
                _("{address} is an administrator of the mail server.").format(address=row.address),
                remedy=_("Mailyard needs it; take its rights away first."),
            )
        check_typed(request.typed_name, request.address)

    def change(self, ctx: StepContext[RemoveMailbox], mailu: OpenMailu) -> str:
        mailu.api.remove_mailbox(ctx.job.request.address)
        return _("its folder of mail stays on the server")


def _there(api: MailuApi, request: AddMailboxes) -> set[str]:
    """Which of the mailboxes the server has; one answer tells of all."""
    wanted = {f"{each.local_part}@{request.domain}" for each in request.mailboxes}
    return {each.address for each in api.mailboxes() if each.address in wanted}


def end_tokens(api: MailuApi, address: str) -> str:
    """Delete all that the mailbox has; in words how many they were."""
    tokens = api.tokens(address)
    for token in tokens:
        api.remove_token(token.id)
    return _("app tokens ended: {count}").format(count=len(tokens))


def mailbox_there(api: MailuApi, address: str) -> Mailbox:
    """:raises Refused: somebody removed it meanwhile."""
    found = api.mailbox(address)
    if found is None:
        raise Refused(_("There is no mailbox {address}.").format(address=address))
    return found


def changed(before: Mailbox, request: SetMailbox) -> Mailbox:
    """The mailbox with what the request names, and all else as it was."""
    plain = {
        "display_name": request.display_name,
        "quota_bytes": request.quota_bytes,
        "is_enabled": request.is_enabled,
        "replies": request.replies,
        "reply_subject": request.reply_subject,
        "reply_body": request.reply_body,
    }
    after = replace(before, **{name: value for name, value in plain.items() if value is not None})  # type: ignore[arg-type]
    if request.no_quota:
        after = replace(after, quota_bytes=None)
    forward = before.forward
    if request.forwards_to is not None:
        forward = Forward(request.forwards_to or forward.destinations, bool(request.forwards_to), forward.keeps_copy)
    if request.keeps_copy is not None:
        forward = replace(forward, keeps_copy=request.keeps_copy)
    return replace(after, forward=forward)


def _check_free(session: ScopedSession, domain: Domain, addresses: Sequence[str]) -> None:
    """Mailu's API asks for mailboxes only: of a mailbox and an alias of one address the mailbox would get all mail.

    :raises Refused: there is a mailbox or an alias of one of the addresses.
    """
    words = {
        MailboxRow: _("There is already a mailbox {address}."),
        MailAlias: _("There is already an alias {address}."),
    }
    for kind, title in words.items():
        taken = select(kind.address).where(kind.domain_id == domain.id, kind.address.in_(addresses))
        found = session.scalars(taken).first()
        if found is not None:
            raise Refused(title.format(address=found))
