"""The feature of provider accounts: their tokens, what is on offer there, what they are charged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from backend.attention import Asked, Ending, Need
from backend.feature import Feature, NeededSecret, StoredSecret, Tools

if TYPE_CHECKING:
    from backend.engine.jobs import AnyKind
    from backend.store.schema.operations import Schedule
    from backend.store.scope import ScopedSession


def _jobs(tools: Tools) -> Sequence[AnyKind]:
    from backend.accounts.charges import ReadBillingJob
    from backend.accounts.jobs import AddAccountJob, RemoveAccountJob, VerifyAccountJob

    verify = VerifyAccountJob(tools.accounts)
    return (
        AddAccountJob(tools.providers, verify, takes_real=tools.takes_real_accounts),
        verify,
        RemoveAccountJob(tools.accounts, tools.secrets),
        ReadBillingJob(tools.accounts),
    )


def _schedules(now: datetime) -> Sequence[Schedule]:
    from backend.accounts.charges import daily

    return (daily(now),)


def _needs(asked: Asked) -> Iterable[Need]:
    from backend.accounts.needs import needs

    return needs(asked)


def _endings(asked: Asked) -> Iterable[Ending]:
    from backend.accounts.needs import endings

    return endings(asked)


def _stored_secrets(session: ScopedSession) -> Iterable[StoredSecret]:
    from backend.accounts.stored_secrets import stored_secrets

    return stored_secrets(session)


def _needed_secrets(session: ScopedSession) -> Iterable[NeededSecret]:
    from backend.accounts.stored_secrets import needed_secrets

    return needed_secrets(session)


FEATURE = Feature(
    "accounts",
    jobs=_jobs,
    schedules=_schedules,
    needs=_needs,
    endings=_endings,
    topics=frozenset({"accounts"}),
    stored_secrets=_stored_secrets,
    needed_secrets=_needed_secrets,
)
