"""After a kill or a lost answer: what became of intents whose job no longer looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from backend.core.errors import MailyardError
from backend.core.present.text import N_, _
from backend.engine.intents import Intent, IntentJournal
from backend.engine.jobs import ENDED, Accepted, Done, Step, StepOutcome
from backend.servers import addresses, firewall
from backend.servers.provision.naming import key_name, server_id_of
from backend.servers.snapshots import snapshot_name
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.store.scope import ScopedSession


class ReconcileIntents:
    """Job ``intents.reconcile``, wished at every start: looks at the provider for each intent left open.

    An intent of a job that still runs is that job's own to settle. What is found is written down with its number, so
    that rolling the job back removes it; what is not there becomes void.
    """

    name: ClassVar[str] = "intents.reconcile"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Look for unfinished orders")
    priority: ClassVar[int] = 2

    def __init__(self, accounts: AccountAccess, journal: IntentJournal) -> None:
        self._accounts = accounts
        self._journal = journal

    def accept(self, _session: ScopedSession, _wish: Mapping[str, Any]) -> Accepted:
        return Accepted(lane="intents", about="")

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (Step("look", N_("Look at the providers"), self._look, 3, "provider"),)

    def _look(self, ctx: StepContext) -> StepOutcome:
        found = void = unknown = 0
        for intent in self._journal.unsettled():
            job = _job_of(ctx, intent)
            if job is not None and job.state not in ENDED:
                continue
            try:
                number = self._find(intent, job)
            except MailyardError as error:
                unknown += 1
                ctx.say(_("{name}: {why}").format(name=intent.name, why=error.title), level="warning")
                continue
            self._journal.settle(intent, "created" if number else "void", number)
            found, void = found + bool(number), void + (not number)
        words = _("{found} found, {void} never came to be, {unknown} could not be looked at")
        return Done(words.format(found=found, void=void, unknown=unknown))

    def _find(self, intent: Intent, job: Job | None) -> str | None:
        provider = self._accounts.provider(intent.account_id)
        if intent.resource == "ssh_key" and job is not None:
            return provider.find_key(key_name(server_id_of(job.wish)))
        if intent.resource == addresses.KEY:  # it is named after the machine it is for
            return addresses.meant_address(provider.reserved, intent.id, intent.name)
        if intent.resource == firewall.KEY:
            return firewall.find_firewall(provider.firewalls, intent.id)
        if intent.resource == "snapshot":
            wanted = snapshot_name(intent.name, intent.id)
            return next((wanted for each in provider.snapshots() if each.name == wanted), None)
        machines = provider.find(intent.id)
        return machines[0].id if machines else None


def _job_of(ctx: StepContext, intent: Intent) -> Job | None:
    with ctx.store.read(ENGINE_SCOPE) as session:
        return session.get(Job, (AGENCY, UUID(str(intent.job_id))))
