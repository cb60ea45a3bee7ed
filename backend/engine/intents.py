"""The intent journal: what we are about to create is written before the call, so that a kill loses nothing paid."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.errors import AnswerUnknown, MailyardError, ProviderRefused
from backend.core.present.text import _
from backend.store.schema.operations import IntentRow
from backend.store.scope import ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.store.database import Store

log = logging.getLogger(__name__)

LOOKS, BETWEEN_LOOKS_S = 4, 1.5
#: A call whose caller died may still be carried out for so long; before that a second one must not go out.
UNDER_WAY_S = 5.0
#: By then every provider shows what was ordered.
SHOWN_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Intent:
    """One paid or named thing we mean to have. ``id`` is the tag it carries at the provider."""

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


@dataclass(frozen=True)
class Wanted:
    """What to create once: ``look`` finds it by its intent (None = not there), ``make`` creates it.

    ``may_repeat`` False: the provider shows what was ordered late, and takes no token that would make a second order
    the first one again. Then a call that may have gone out is never made again, only looked for.
    """

    key: str
    account_id: UUID
    resource: str
    name: str
    look: Callable[[UUID], str | None]
    make: Callable[[UUID], str]
    may_repeat: bool = True


class Journal(Protocol):
    """Creates things at most once across kills and lost answers."""

    def create_once(self, workspace: UUID, job_id: UUID, wanted: Wanted) -> str:
        """The provider's id of the thing: found, or created now.

        :raises AnswerUnknown: the call went out, no answer came, and looking did not find it (yet).
        :raises ProviderRefused: the same, of what may not be repeated, after so long that only a person can tell.
        """
        ...

    def intent_of(self, workspace: UUID, job_id: UUID, key: str) -> UUID | None:
        """The id of the intent written under ``key``."""
        ...

    def removed(self, workspace: UUID, job_id: UUID, key: str) -> None:
        """The thing is gone again, on purpose."""
        ...


class IntentJournal:
    """The journal in the app database. Thread-safe."""

    def __init__(self, store: Store, clock: Clock, *, between_looks_s: float = BETWEEN_LOOKS_S) -> None:
        self._store = store
        self._clock = clock
        self._between_looks_s = between_looks_s

    def create_once(self, workspace: UUID, job_id: UUID, wanted: Wanted) -> str:
        intent, is_new = self._open(workspace, job_id, wanted)
        if intent.state == "created" and intent.provider_id:
            return intent.provider_id
        found = None if is_new else self._look_again(intent, wanted)
        if found is None and not is_new and not wanted.may_repeat:
            raise self._lost(intent)
        if found is None:
            found = self._make(intent, wanted)
        self._settle(intent, "created", found)
        return found

    def removed(self, workspace: UUID, job_id: UUID, key: str) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            row = _row(session, workspace, job_id, key)
            if row is not None:
                row.state, row.settled_at = "removed", self._clock.now()

    def intent_of(self, workspace: UUID, job_id: UUID, key: str) -> UUID | None:
        with self._store.read(ENGINE_SCOPE) as session:
            row = _row(session, workspace, job_id, key)
            return row.id if row else None

    def of_job(self, workspace: UUID, job_id: UUID) -> dict[str, Intent]:
        """The intents of a job by key."""
        statement = select(IntentRow).where(IntentRow.tenant_id == workspace, IntentRow.job_id == job_id)
        with self._store.read(ENGINE_SCOPE) as session:
            return {row.key: _intent(row) for row in session.scalars(statement)}

    def unsettled(self) -> list[Intent]:
        """Intents whose outcome is not known: what start-up reconciliation looks at."""
        with self._store.read(ENGINE_SCOPE) as session:
            return [_intent(row) for row in session.scalars(select(IntentRow).where(IntentRow.state == "open"))]

    def settle(self, intent: Intent, state: str, provider_id: str | None) -> None:
        """Write down what reconciliation found: created, or void (never came to be).

        An intent that its own job settled meanwhile stays as the job settled it.
        """
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get(IntentRow, (intent.workspace, intent.id), with_for_update=True)
            if row is not None and row.state == "open":
                row.state, row.provider_id, row.settled_at = state, provider_id, self._clock.now()

    def _look_again(self, intent: Intent, wanted: Wanted) -> str | None:
        """Look for what an earlier run may have ordered, until its call can no longer be under way."""
        while True:
            found = wanted.look(intent.id)
            left_s = UNDER_WAY_S - (self._clock.now() - intent.written_at).total_seconds()
            if found is not None or not 0 < left_s <= UNDER_WAY_S:
                return found
            time.sleep(min(self._between_looks_s, left_s))

    def _make(self, intent: Intent, wanted: Wanted) -> str:
        try:
            return wanted.make(intent.id)
        except AnswerUnknown:
            for _again in range(LOOKS):
                found = wanted.look(intent.id)
                if found is not None:
                    log.info("The answer to creating %s was lost; it was found by its tag", wanted.name)
                    return found
                time.sleep(self._between_looks_s)
            raise
        except MailyardError:
            if not wanted.may_repeat:  # nothing was carried out: the next call is a first one
                self._settle(intent, "void", None)
            raise

    def _lost(self, intent: Intent) -> MailyardError:
        """What may have been ordered and is not shown: looked for again for a while, then left to a person."""
        words = _("Whether {name} was ordered is not known: the provider does not show it.").format(name=intent.name)
        if self._clock.now() - intent.written_at < SHOWN_WITHIN:
            return AnswerUnknown(words, remedy=_("We look again; a second order does not go out."))
        return ProviderRefused(
            words,
            remedy=_(
                "Look in the provider's control panel. If it is there, try again; if not, roll back, then order anew."
            ),
        )

    def _open(self, workspace: UUID, job_id: UUID, wanted: Wanted) -> tuple[Intent, bool]:
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
                state="open",
                written_at=self._clock.now(),
            )
            session.add(row)
            return _intent(row), True

    def _settle(self, intent: Intent, state: str, provider_id: str | None) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get_one(IntentRow, (intent.workspace, intent.id))
            row.state, row.provider_id, row.settled_at = state, provider_id, self._clock.now()


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
    )
