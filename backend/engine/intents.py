"""The intent journal: what we are about to create is written before the call, so that a kill loses nothing paid."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.clock import PassedTime
from backend.core.errors import AlreadyThere, MailyardError, NotYet, OutcomeUnknown, ProviderRefused
from backend.core.present.text import _
from backend.store.schema.operations import IntentRow
from backend.store.scope import ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.store.database import Store

log = logging.getLogger(__name__)

#: By then every provider shows what was ordered. Vultr was seen to need more than a minute.
SHOWN_WITHIN = timedelta(minutes=10)
#: How long until the next look for what is not shown: as long again as it was waited for, between these.
LOOK_AT_LEAST, LOOK_AT_MOST = timedelta(seconds=2), timedelta(seconds=30)
#: States of what may have been ordered and has no number yet: once, or once more when the time had passed.
OPEN, REPEATED = UNSETTLED = ("open", "repeated")


@dataclass(frozen=True)
class Intent:
    """One paid or named thing we mean to have. ``id`` is the tag it carries at the provider; ``written_at`` is when the
    order last went out, ``waited`` how long it surely was waited for since, up to the look at ``checked_at``.
    """

    id: UUID
    workspace: UUID
    job_id: UUID
    key: str
    account_id: UUID
    resource: str
    name: str
    state: str
    provider_id: str | None
    written_at: datetime
    waited: timedelta
    checked_at: datetime


@dataclass(frozen=True)
class ResourceSpec:
    """What to create once: ``look`` finds it by its intent (None = not there), ``make`` creates it.

    ``may_repeat``: the provider takes a token with the order that makes a second one the first again. Everywhere else
    an order that may have gone out is only looked for until :data:`SHOWN_WITHIN` has passed.
    """

    key: str
    account_id: UUID
    resource: str
    name: str
    look: Callable[[UUID], str | None]
    make: Callable[[UUID], str]
    may_repeat: bool = False


class Journal(Protocol):
    """Creates things at most once across kills and lost answers."""

    def create_once(self, workspace: UUID, job_id: UUID, wanted: ResourceSpec) -> str:
        """The provider's id of the thing: found, or created now.

        :raises NotYet: the call may have gone out, and looking did not find what came of it yet.
        :raises OutcomeUnknown: the same, of what may be repeated at once.
        :raises ProviderRefused: no order was ever shown, and what to do now is for a person to say.
        """
        ...

    def intent_of(self, workspace: UUID, job_id: UUID, key: str) -> UUID | None:
        """The id of the intent written under ``key``."""
        ...

    def number_of(self, workspace: UUID, job_id: UUID, key: str) -> str | None:
        """The provider's id of what was created under ``key``."""
        ...

    def removed(self, workspace: UUID, job_id: UUID, key: str) -> None:
        """The thing is gone again, on purpose."""
        ...

    def never_seen(self, workspace: UUID, job_id: UUID, key: str) -> None:
        """The thing was to go and is nowhere to be found.

        :raises NotYet: its order may have gone out so recently that it is not shown yet.
        """
        ...

    def mark(self) -> datetime:
        """The present moment, for :meth:`since`."""
        ...

    def since(self, moment: datetime) -> timedelta:
        """How long ago that was, however the wall clock was set since; see :class:`backend.core.clock.PassedTime`."""
        ...


class IntentJournal:
    """The journal in the app database. Thread-safe.

    How long an order was waited for is counted by a clock that nobody sets, and stays in its row: a wall clock that was
    set, under this process or between two, makes no order go out early. Between two processes as much counts as the
    wall clock says, but no more than the longest time between two looks.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._passed = PassedTime(clock)

    def create_once(self, workspace: UUID, job_id: UUID, wanted: ResourceSpec) -> str:
        intent, is_new = self._open(workspace, job_id, wanted)
        if intent.state == "created" and intent.provider_id:
            return intent.provider_id
        found = None if is_new else wanted.look(intent.id)
        if found is None:
            found = self._make(intent, wanted) if is_new else self._make_again(intent, wanted)
        self._settle(intent, "created", found)
        return found

    def removed(self, workspace: UUID, job_id: UUID, key: str) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            row = _row(session, workspace, job_id, key)
            if row is not None:
                row.state, row.settled_at = "removed", self._clock.now()

    def never_seen(self, workspace: UUID, job_id: UUID, key: str) -> None:
        intent = self.of_job(workspace, job_id).get(key)
        if intent is not None and intent.state in (*UNSETTLED, "created") and self.may_still_come(intent):
            words = _("{name} cannot be removed: the provider does not list it yet.")
            raise self._later(intent, self._waited(intent), words)
        self.removed(workspace, job_id, key)

    def mark(self) -> datetime:
        return self._passed.mark()

    def since(self, moment: datetime) -> timedelta:
        return self._passed.since(moment)

    def may_still_come(self, intent: Intent) -> bool:
        """Whether the provider may show later what was ordered under this intent."""
        return self._waited(intent) < SHOWN_WITHIN

    def not_shown(self, intent: Intent) -> NotYet:
        """The wait for what may have been ordered, up to the next look."""
        return self._not_shown(intent, self._waited(intent))

    def intent_of(self, workspace: UUID, job_id: UUID, key: str) -> UUID | None:
        with self._store.read(ENGINE_SCOPE) as session:
            row = _row(session, workspace, job_id, key)
            return row.id if row else None

    def number_of(self, workspace: UUID, job_id: UUID, key: str) -> str | None:
        with self._store.read(ENGINE_SCOPE) as session:
            row = _row(session, workspace, job_id, key)
            return row.provider_id if row and row.state == "created" else None

    def of_job(self, workspace: UUID, job_id: UUID) -> dict[str, Intent]:
        """The intents of a job by key."""
        statement = select(IntentRow).where(IntentRow.tenant_id == workspace, IntentRow.job_id == job_id)
        with self._store.read(ENGINE_SCOPE) as session:
            return {row.key: _intent(row) for row in session.scalars(statement)}

    def unsettled(self) -> list[Intent]:
        """Intents whose outcome is not known: what start-up reconciliation looks at."""
        with self._store.read(ENGINE_SCOPE) as session:
            return [_intent(row) for row in session.scalars(select(IntentRow).where(IntentRow.state.in_(UNSETTLED)))]

    def settle(self, intent: Intent, state: str, provider_id: str | None) -> None:
        """Write down what reconciliation found: created, or void (never came to be).

        An intent that its own job settled meanwhile stays as the job settled it.
        """
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get(IntentRow, (intent.workspace, intent.id), with_for_update=True)
            if row is not None and row.state in UNSETTLED:
                row.state, row.provider_id, row.settled_at = state, provider_id, self._clock.now()

    def _make(self, intent: Intent, wanted: ResourceSpec) -> str:
        """The first order."""
        try:
            return wanted.make(intent.id)
        except OutcomeUnknown as error:
            return self._found(intent, wanted, error)
        except MailyardError:  # nothing was carried out: the next call is a first one
            self._settle(intent, "void", None)
            raise

    def _make_again(self, intent: Intent, wanted: ResourceSpec) -> str:
        """An order that may have gone out before: at once only where that makes no second thing, otherwise once the
        first would be shown. What is still not shown after the second order is left to a person, who may try again.
        """
        if not wanted.may_repeat:
            if self.may_still_come(intent):
                raise self.not_shown(intent)
            if intent.state == REPEATED:
                self._write(replace(intent, state=OPEN))
                raise _lost(intent)
        self._write(self._sent_now(intent, REPEATED))
        try:
            return wanted.make(intent.id)
        except (OutcomeUnknown, AlreadyThere) as error:
            return self._found(intent, wanted, error)
        except MailyardError:  # this one was not carried out, of the one before nothing more is known
            self._write(intent)
            raise

    def _found(self, intent: Intent, wanted: ResourceSpec, why: MailyardError) -> str:
        """What came of an order whose answer tells nothing.

        :raises NotYet: it is not shown.
        """
        found = wanted.look(intent.id)
        if found is not None:
            log.info("The answer to creating %s was lost; it was found by its tag", wanted.name)
            return found
        if wanted.may_repeat and isinstance(why, OutcomeUnknown):
            raise why
        raise self._not_shown(intent, timedelta()) from why

    def _not_shown(self, intent: Intent, waited: timedelta) -> NotYet:
        words = _(
            "It is not known whether {name} was ordered: the provider did not answer and does not list it yet. "
            "Mailyard keeps checking; it is not ordered again within {minutes} minutes."
        )
        return self._later(intent, waited, words)

    def _later(self, intent: Intent, waited: timedelta, words: str) -> NotYet:
        """Looks come soon after the order, then ever more seldom, and once the time has passed."""
        pause, now = min(max(waited, LOOK_AT_LEAST), LOOK_AT_MOST, SHOWN_WITHIN - waited), self._clock.now()
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get_one(IntentRow, (intent.workspace, intent.id))
            row.waited_s, row.checked_at = waited.total_seconds(), now
        minutes = round(SHOWN_WITHIN.total_seconds() / 60)
        return NotYet(words.format(name=intent.name, minutes=minutes), again_at=now + pause)

    def _waited(self, intent: Intent) -> timedelta:
        """How long ago its order last went out. An answer came to that of what was created: nobody counts its looks."""
        if intent.state not in UNSETTLED:
            return self._passed.since(intent.written_at)
        between = max(min(self._clock.now() - intent.checked_at, LOOK_AT_MOST), timedelta())
        return self._passed.since(intent.written_at, intent.waited + between)

    def _sent_now(self, intent: Intent, state: str) -> Intent:
        now = self._passed.mark()
        return replace(intent, state=state, written_at=now, waited=timedelta(), checked_at=now)

    def _open(self, workspace: UUID, job_id: UUID, wanted: ResourceSpec) -> tuple[Intent, bool]:
        with self._store.write(ENGINE_SCOPE) as session:
            row = _row(session, workspace, job_id, wanted.key)
            if row is not None and row.state not in ("removed", "void"):
                return _intent(row), False
            if row is not None:
                session.delete(row)
                session.flush()
            row = IntentRow(
                tenant_id=workspace,
                id=uuid4(),
                job_id=job_id,
                key=wanted.key,
                account_id=wanted.account_id,
                resource=wanted.resource,
                name=wanted.name,
                state=OPEN,
                written_at=self._passed.mark(),
                waited_s=0.0,
            )
            session.add(row)
            return _intent(row), True

    def _write(self, intent: Intent) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get_one(IntentRow, (intent.workspace, intent.id))
            row.state, row.written_at = intent.state, intent.written_at
            row.waited_s, row.checked_at = intent.waited.total_seconds(), intent.checked_at

    def _settle(self, intent: Intent, state: str, provider_id: str | None) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get_one(IntentRow, (intent.workspace, intent.id))
            row.state, row.provider_id, row.settled_at = state, provider_id, self._clock.now()


def _lost(intent: Intent) -> ProviderRefused:
    return ProviderRefused(
        _("It is not known whether {name} was ordered: the provider does not list it.").format(name=intent.name),
        remedy=_(
            "Check the provider's control panel. If it is there, or you want it ordered once more, retry; if not, "
            "roll back."
        ),
    )


def _row(session: ScopedSession, workspace: UUID, job_id: UUID, key: str) -> IntentRow | None:
    statement = select(IntentRow).where(
        IntentRow.tenant_id == workspace, IntentRow.job_id == job_id, IntentRow.key == key
    )
    return session.scalars(statement).first()


def _intent(row: IntentRow) -> Intent:
    return Intent(
        id=row.id,
        workspace=row.tenant_id,
        job_id=row.job_id,
        key=row.key,
        account_id=row.account_id,
        resource=row.resource,
        name=row.name,
        state=row.state,
        provider_id=row.provider_id,
        written_at=row.written_at,
        waited=timedelta(seconds=row.waited_s),
        checked_at=row.checked_at or row.written_at,
    )
