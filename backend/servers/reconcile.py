"""After a kill or a lost answer: what became of intents whose job no longer looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from backend.core.errors import MailyardError, NotYet, Refused
from backend.core.present.text import N_, _
from backend.engine.intents import Intent, IntentJournal
from backend.engine.jobs import ENDED, Accepted, Done, Owner, Step, StepOutcome
from backend.feature import Sought
from backend.servers.requests import ReconcileIntents
from backend.store.schema.fleet import Server
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.feature import PaidResource
    from backend.fleet.accounts import AccountAccess
    from backend.store.scope import ScopedSession


class ReconcileIntentsJob:
    """Job ``intents.reconcile``, requested at every start: looks at the provider for each intent left open.

    An intent of a job that still runs is that job's own to settle. What is found is written down with its number, so
    that rolling the job back removes it; what is not there becomes void, once its provider would show it.
    """

    request: ClassVar[type[ReconcileIntents]] = ReconcileIntents
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Reconcile unfinished orders")
    priority: ClassVar[int] = 2
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, journal: IntentJournal, paid: Mapping[str, PaidResource]) -> None:
        self._accounts = accounts
        self._journal = journal
        self._paid = paid

    def accept(self, _session: ScopedSession, _request: ReconcileIntents) -> Accepted:
        return Accepted(lane="intents", about="")

    def steps(self, _request: ReconcileIntents) -> Sequence[Step[ReconcileIntents]]:
        return (Step("look", N_("Look up each unfinished order at the provider"), self._look, 3, "provider"),)

    def _look(self, ctx: StepContext[ReconcileIntents]) -> StepOutcome:
        found = void = unknown = 0
        early: list[NotYet] = []
        for intent in self._journal.unsettled():
            job = _job_of(ctx, intent)
            if job is not None and job.state not in ENDED:
                continue
            try:
                number = self._find(Sought(intent, job, _region_of(ctx, job)))
            except MailyardError as error:
                unknown += 1
                ctx.say(_("{name}: {why}").format(name=intent.name, why=error.title), level="warning")
                continue
            if number is None and self._journal.may_still_come(intent):
                early.append(self._journal.not_shown(intent))
                continue
            self._journal.settle(intent, "created" if number else "void", number)
            found, void = found + bool(number), void + (not number)
        if early:
            raise min(early, key=lambda each: each.again_at)
        words = _("{found} found, {void} never created, {unknown} could not be checked")
        return Done(words.format(found=found, void=void, unknown=unknown))

    def _find(self, sought: Sought) -> str | None:
        """:raises MailyardError: the provider could not be asked, or no feature makes such things any more."""
        kind = sought.intent.resource
        if kind not in self._paid:
            raise Refused(_("Mailyard does not manage resources of this kind: {kind}.").format(kind=kind))
        return self._paid[kind].find(self._accounts.provider(sought.intent.account_id), sought)


def _job_of(ctx: StepContext[object], intent: Intent) -> Job | None:
    with ctx.store.read(ENGINE_SCOPE) as session:
        return session.get(Job, (AGENCY, UUID(str(intent.job_id))))


def _region_of(ctx: StepContext[object], job: Job | None) -> str:
    """Of the server a job is about, whether or not it came to be; what is made for it is there too."""
    if job is None or job.about_id is None:
        return ""
    with ctx.store.read(ENGINE_SCOPE) as session:
        server = session.get(Server, (AGENCY, job.about_id))
        return server.region if server is not None else ""
