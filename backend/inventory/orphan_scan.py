"""Which things at a provider carry our ownership tag and belong to nothing here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import or_, select

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.engine.intents import UNSETTLED
from backend.fleet.ownership import ownership_tag
from backend.fleet.prices import OfferPrices
from backend.providers.capabilities import demand
from backend.providers.models import Listed, as_listed
from backend.store.schema.fleet import Account, Orphan
from backend.store.schema.operations import IntentRow, Job
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.feature import Found, Known, PaidResource
    from backend.fleet.accounts import AccountAccess
    from backend.store.database import Store
    from backend.store.scope import ScopedSession


class OrphanScanner:
    """Looks at one kind of things of one account, by list calls only. The list is read before our own rows are: what
    is made meanwhile is never taken for lost. Thread-safe.
    """

    def __init__(self, accounts: AccountAccess, paid: Mapping[str, PaidResource]) -> None:
        self._accounts = accounts
        self._paid = paid

    @property
    def kinds(self) -> Sequence[str]:
        """The keys of all kinds of things that features make at providers."""
        return tuple(self._paid)

    def kind(self, key: str) -> PaidResource:
        """:raises Refused: no feature has such things (any more)."""
        if key not in self._paid:
            raise Refused(_("Mailyard does not manage resources of this kind: {kind}.").format(kind=key))
        return self._paid[key]

    def find(self, store: Store, account: UUID, key: str) -> Listed[Orphan]:
        """Rows that are not in the store yet; of regions that the list leaves out nothing is known.

        :raises MailyardError: the list could not be read, or the account's provider has no such things.
        """
        kind = self.kind(key)
        if kind.needs:
            with store.read(ENGINE_SCOPE) as session:
                demand(session.get_one(Account, (AGENCY, account)).provider, kind.needs)
        listed = kind.listed(self._accounts.provider(account))
        with store.read(ENGINE_SCOPE) as session:
            known, live = kind.known(session, account), _live_tags(session)
            lost = [each for each in listed if _is_lost(each, known, live)]
            return as_listed((_orphan(account, key, each) for each in _priced(session, account, lost)), listed)


def _is_lost(found: Found, known: Known, live: Set[str]) -> bool:
    """It is ours, nothing at the provider has it, and neither a row of ours nor an order under way stands for it."""
    is_ours = found.is_tagged or found.id in known.ours
    return is_ours and not found.is_used and found.marks.isdisjoint(known.belonging) and found.marks.isdisjoint(live)


def _priced(session: ScopedSession, account: UUID, lost: Sequence[Found]) -> Sequence[Found]:
    """With the price of their plan, where the provider does not tell it with the thing."""
    if all(each.monthly_micro is not None or not each.plan for each in lost):
        return lost
    prices = OfferPrices(session, account)
    return [
        replace(each, monthly_micro=price.monthly_micro, currency=price.currency)
        if each.monthly_micro is None and (price := prices.of(each.plan, each.region)) is not None
        else each
        for each in lost
    ]


def _live_tags(session: ScopedSession) -> Set[str]:
    """Tags of intents not settled, and of those whose job has not come to a good end: what carries them is that
    job's.
    """
    is_unfinished = (IntentRow.state == "created") & Job.state.not_in(("succeeded", "rolled_back"))
    statement = (
        select(IntentRow.id)
        .outerjoin(Job, (Job.tenant_id == IntentRow.tenant_id) & (Job.id == IntentRow.job_id))
        .where(or_(IntentRow.state.in_(UNSETTLED), is_unfinished))
    )
    return {ownership_tag(intent) for intent in session.scalars(statement)}


def _orphan(account: UUID, kind: str, found: Found) -> Orphan:
    """Whole, also before the store fills in what is left out: a row that is known takes these values over."""
    return Orphan(
        tenant_id=AGENCY,
        account_id=account,
        resource=kind,
        provider_id=found.id,
        name=found.name,
        region=found.region,
        plan=found.plan,
        monthly_micro=found.monthly_micro,
        currency=found.currency,
    )
