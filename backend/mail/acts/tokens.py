"""App tokens of a mailbox: a new one, whose secret is told once, and deleting one.

The walk of a new one's data: sheet or command makes a key, which goes to the secret store -> request with its reference
-> job -> Mailu's API, which tells the secret once -> sealed with the key in the step's result, the key forgotten -> the
sheet or command, which has the key still, opens it and shows it. The list walks as all contents do, into ``app_token``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import Refused
from backend.core.present.text import N_, _
from backend.core.secrets.one_time import sealed
from backend.engine.jobs import Done, Step, StepOutcome
from backend.mail.acts.base import MailAct
from backend.mail.acts.lookups import mailbox_row
from backend.mail.acts.mailboxes import mailbox_there
from backend.mail.acts.passwords import WithPasswords
from backend.mail.lengths import check_length
from backend.mail.networks import check_network
from backend.mail.requests import LONGEST_COMMENT, AddToken, NewToken, RemoveToken
from backend.mail.token_queries import MAKE

if TYPE_CHECKING:
    from uuid import UUID

    from backend.engine.context import StepContext
    from backend.mail.access import OpenMailu
    from backend.mailu.api import MailuApi
    from backend.store.scope import ScopedSession


class AddTokenJob(WithPasswords[AddToken]):
    """Job ``mail.token.add``. While it is made it is called after the job: what a lost answer or a kill left, whose
    secret nobody knows, is found by that and replaced; a token of somebody else never has that name.
    """

    request: ClassVar[type[AddToken]] = AddToken
    title: ClassVar[str] = N_("Add app token")

    def before_forgetting(self, _request: AddToken) -> Sequence[Step[AddToken]]:
        return (
            Step("look", N_("Look for the mailbox"), self._look, 2),
            Step(MAKE, N_("Let Mailu make the app token"), self._make, 2, undo=self._take_back),
            Step("name", N_("Give the app token its name"), self._name, 2),
        )

    def references(self, request: AddToken) -> Sequence[str]:
        return (request.key_ref,)

    def named(self, request: AddToken) -> str:
        return request.address

    def check(self, session: ScopedSession, request: AddToken) -> None:
        mailbox_row(session, request.server_id, request.address)
        if not request.comment:
            raise Refused(_("An app token needs a name."), remedy=_("Say which device or program it is for."))
        check_length(request.comment, LONGEST_COMMENT)
        for each in request.networks:
            check_network(each)

    def _look(self, ctx: StepContext[AddToken]) -> StepOutcome:
        with self._access.open(ctx.job.request.server_id, stop=ctx.is_cancelled) as mailu:
            mailbox_there(mailu.api, ctx.job.request.address)
        return Done()

    def _make(self, ctx: StepContext[AddToken]) -> StepOutcome:
        request = ctx.job.request
        key = self.password(request.key_ref, request.address)
        with self._access.open(request.server_id, stop=ctx.is_cancelled) as mailu:
            remove_left(mailu.api, request.address, ctx.job.id)
            token, secret = mailu.api.add_token(request.address, name_of(ctx.job.id), request.networks)
        return Done("", NewToken(token.id, sealed(secret, key)))

    def _name(self, ctx: StepContext[AddToken]) -> StepOutcome:
        request, made = ctx.job.request, ctx.need(MAKE, NewToken)
        ours = {name_of(ctx.job.id), request.comment}
        with self._access.open(request.server_id, stop=ctx.is_cancelled) as mailu:
            there = {each.id: each for each in mailu.api.tokens(request.address)}
            if made.token_id not in there or there[made.token_id].comment not in ours:
                raise Refused(
                    _("Somebody deleted or changed the new app token meanwhile."), remedy=_("Make another one.")
                )
            mailu.api.name_token(made.token_id, request.comment)
        return Done()

    def _take_back(self, ctx: StepContext[AddToken]) -> None:
        request, made = ctx.job.request, ctx.result(MAKE, NewToken)
        with self._access.open(request.server_id, stop=ctx.is_cancelled) as mailu:
            remove_left(mailu.api, request.address, ctx.job.id)
            for each in mailu.api.tokens(request.address):
                if made is not None and (each.id, each.comment) == (made.token_id, request.comment):
                    mailu.api.remove_token(each.id)


class RemoveTokenJob(MailAct[RemoveToken]):
    """Job ``mail.token.remove``; the password and other tokens of the mailbox stay."""

    request: ClassVar[type[RemoveToken]] = RemoveToken
    title: ClassVar[str] = N_("Delete app token")
    doing: ClassVar[str] = N_("Delete the app token of the mailbox")

    def named(self, request: RemoveToken) -> str:
        return request.address

    def check(self, session: ScopedSession, request: RemoveToken) -> None:
        mailbox_row(session, request.server_id, request.address)

    def change(self, ctx: StepContext[RemoveToken], mailu: OpenMailu) -> str:
        request = ctx.job.request
        address = mailbox_there(mailu.api, request.address).address
        found = next((each for each in mailu.api.tokens(address) if each.id == request.token_id), None)
        if found is None:
            return _("it is gone already")
        if found.comment != request.comment:
            raise Refused(
                _("The app token with the number {number} is another one now: {comment}").format(
                    number=found.id, comment=found.comment or "–"
                ),
                remedy=_("Read the mail server again."),
            )
        mailu.api.remove_token(found.id)
        return ""


def name_of(job_id: UUID) -> str:
    """What a token is called while its job makes it."""
    return f"mailyard:{job_id}"


def remove_left(api: MailuApi, address: str, job_id: UUID) -> None:
    """Delete what a run of this job before made, whose secret is lost."""
    for each in api.tokens(address):
        if each.comment == name_of(job_id):
            api.remove_token(each.id)
