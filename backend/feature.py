"""What a feature may say of itself: everything the program does with features, it does by looping over these values.

Nothing heavy is imported here: features are listed before the first frame, and what they name is imported when asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from backend.attention import Told
from backend.core.present.text import _
from backend.providers.models import closed_in, is_closed

if TYPE_CHECKING:
    from backend.attention import Asked, Ending, Need
    from backend.core.checks import CheckKind
    from backend.core.clock import Clock
    from backend.core.metrics import MetricGroup
    from backend.core.secrets.values import SecretStore
    from backend.engine.engine import Part
    from backend.engine.intents import Intent
    from backend.engine.jobs import AnyKind, JobKinds
    from backend.engine.payload import Request
    from backend.engine.probes import Probe
    from backend.engine.settings import AnySetting
    from backend.fleet.accounts import AccountAccess
    from backend.fleet.servers import ServerAccess
    from backend.providers.ports import ComputeProvider, Providers
    from backend.store.database import Store
    from backend.store.metrics import MetricStore
    from backend.store.query import Source
    from backend.store.retention import RetentionRule
    from backend.store.schema.operations import Job, Schedule
    from backend.store.scope import ScopedSession


@dataclass(frozen=True)
class Tools:
    """What features are built from; one for each installation, made by bootstrap. ``kinds`` gives the kinds of jobs of
    all features, once they are made.
    """

    store: Store
    metrics: MetricStore
    secrets: SecretStore
    clock: Clock
    providers: Providers
    accounts: AccountAccess
    servers: ServerAccess
    features: Features
    kinds: Callable[[], JobKinds]
    references: tuple[tuple[str, int], ...]
    docker_key: str
    takes_real_accounts: bool


@dataclass(frozen=True)
class InEngine:
    """What runs in the engine's process beside its jobs. ``settings`` are carried out at once;
    ``parts`` start after the engine and close before it.
    """

    settings: Sequence[AnySetting] = ()
    probes: Sequence[Probe] = ()
    parts: Sequence[Part] = ()


@dataclass(frozen=True)
class Found:
    """A thing as its provider lists it. ``marks`` are the words that rows and intents know it by: its id, a tag of
    ours, its name. ``is_tagged``: it says itself that we made it. ``is_used``: something at the provider has it.

    ``monthly_micro`` None: the price is not known; with a ``plan`` it is looked up in what the account has on offer.
    """

    id: str
    name: str
    marks: frozenset[str]
    is_tagged: bool
    is_used: bool = False
    region: str = ""
    plan: str = ""
    monthly_micro: int | None = None
    currency: str = "USD"


@dataclass(frozen=True)
class Known:
    """What our rows say of one kind of thing of an account: marks of those that belong to something here, and ids of
    those that are ours although nothing at the provider says so.
    """

    belonging: Set[str]
    ours: Set[str] = frozenset()


@dataclass(frozen=True)
class StoredSecret:
    """A secret that may be shown to a person who proves to be the owner. ``title`` is a message id, ``about`` the name
    of what it belongs to.
    """

    ref: str
    title: str
    about: str


@dataclass(frozen=True)
class NeededSecret:
    """A secret that work needs. ``title`` and ``way_back`` are message ids: the second says how it is had again where
    the secret store is lost, with ``about`` for its {name}.
    """

    ref: str
    title: str
    about: str
    way_back: str


@dataclass(frozen=True)
class DueRenewal:
    """A secret of a server whose time is over from ``due_at`` on. ``request`` renews it without asking anybody."""

    server_id: UUID
    server: str
    request: Request
    due_at: datetime


@dataclass(frozen=True)
class Sought:
    """What an intent may have come to: its job, while there is one, and the region it is in; empty: not known."""

    intent: Intent
    job: Job | None
    region: str


@dataclass(frozen=True)
class PaidResource:
    """A kind of thing we make at providers, so that none is paid for unseen: found again after a lost answer, listed
    as an orphan when it belongs to nothing here, and deleted from that list.

    ``key`` is stored in intents and orphans; ``title`` is a message id; ``needs`` is the row of the capability matrix
    without which a provider has none of them, empty for what every provider has. ``listed`` reads all of them with
    list calls only, ``known`` our own rows. ``find`` says what an intent came to, by looking, None: nothing. ``get``
    asks for one thing, where that is surer than the list: whether it is there. ``delete`` may look once more.
    """

    key: str
    title: str
    listed: Callable[[ComputeProvider], Sequence[Found]]
    known: Callable[[ScopedSession, UUID], Known]
    find: Callable[[ComputeProvider, Sought], str | None]
    delete: Callable[[ComputeProvider, str], None]
    needs: str = ""
    get: Callable[[ComputeProvider, str], bool] | None = None

    def is_gone(self, provider: ComputeProvider, provider_id: str) -> bool:
        """Whether the provider no longer knows it.

        :raises MailyardError: the provider could not be asked.
        """
        if self.get is not None:
            return not self.get(provider, provider_id)
        there = self.listed(provider)
        return all(each.id != provider_id for each in there) and not is_closed(closed_in(there), provider_id)


@dataclass(frozen=True)
class Feature:
    """Everything one feature brings; what it leaves out, it has none of.

    ``jobs`` are its kinds of jobs, ``in_engine`` what else runs in the engine's process. ``prepare`` writes the rows
    that every installation has, before each start; ``schedules`` are kept from then on; ``at_start`` is requested
    whenever an engine has started. ``paid`` are the things it makes at providers, ``checks`` what its probes ask,
    ``metrics`` what they measure. ``needs``, ``endings`` and ``news`` are its part of the overview, ``topics`` the
    changes after which they may differ. ``retention`` says what is thrown away, and when. ``stored_secrets`` are those
    of its secrets that a person may need to read: what nobody needs outside this program is not among them;
    ``needed_secrets`` those without which its work stops, with the way back to each; ``renewals`` those that a job can
    renew, and from when on.
    """

    name: str
    jobs: Callable[[Tools], Sequence[AnyKind]] = lambda _tools: ()
    in_engine: Callable[[Tools], InEngine] = lambda _tools: InEngine()
    prepare: Callable[[ScopedSession, datetime], None] = lambda _session, _now: None
    schedules: Callable[[datetime], Sequence[Schedule]] = lambda _now: ()
    at_start: Callable[[], Sequence[Request]] = lambda: ()
    paid: Callable[[], Sequence[PaidResource]] = lambda: ()
    checks: Callable[[], Sequence[CheckKind]] = lambda: ()
    metrics: Callable[[], Sequence[MetricGroup]] = lambda: ()
    needs: Callable[[Asked], Iterable[Need]] = lambda _asked: ()
    endings: Callable[[Asked], Iterable[Ending]] = lambda _asked: ()
    news: Callable[[Asked, datetime], Told] = lambda _asked, _since: Told()
    topics: frozenset[str] = frozenset()
    retention: Callable[[], Sequence[RetentionRule]] = lambda: ()
    stored_secrets: Callable[[ScopedSession], Iterable[StoredSecret]] = lambda _session: ()
    needed_secrets: Callable[[ScopedSession], Iterable[NeededSecret]] = lambda _session: ()
    renewals: Callable[[Source], Iterable[DueRenewal]] = lambda _source: ()


class Features:
    """Several features as one; never changed once made.

    :raises ValueError: two share a name.
    """

    def __init__(self, features: Iterable[Feature]) -> None:
        self.all = tuple(features)
        _check_unique("features", [each.name for each in self.all])

    @property
    def topics(self) -> frozenset[str]:
        """The changes after which what they tell of themselves may differ."""
        return frozenset().union(*(each.topics for each in self.all))

    def jobs(self, tools: Tools) -> Sequence[AnyKind]:
        return [kind for each in self.all for kind in each.jobs(tools)]

    def in_engine(self, tools: Tools) -> InEngine:
        """:raises ValueError: two settings are for one request."""
        found = [each.in_engine(tools) for each in self.all]
        _check_unique("settings", [setting.request.kind for each in found for setting in each.settings])
        return InEngine(
            settings=[setting for each in found for setting in each.settings],
            probes=[probe for each in found for probe in each.probes],
            parts=[part for each in found for part in each.parts],
        )

    def prepare(self, session: ScopedSession, now: datetime) -> None:
        for each in self.all:
            each.prepare(session, now)

    def schedules(self, now: datetime) -> Sequence[Schedule]:
        return [schedule for each in self.all for schedule in each.schedules(now)]

    def at_start(self) -> Sequence[Request]:
        return [request for each in self.all for request in each.at_start()]

    def paid(self) -> Mapping[str, PaidResource]:
        """By their keys.

        :raises ValueError: two share one.
        """
        found = [resource for each in self.all for resource in each.paid()]
        _check_unique("paid resources", [each.key for each in found])
        return {each.key: each for each in found}

    def checks(self) -> Sequence[CheckKind]:
        """:raises ValueError: two share a key."""
        found = [check for each in self.all for check in each.checks()]
        _check_unique("checks", [each.key for each in found])
        return found

    def metrics(self) -> Sequence[MetricGroup]:
        """:raises ValueError: two groups share a key."""
        found = [group for each in self.all for group in each.metrics()]
        _check_unique("groups of metrics", [each.key for each in found])
        return found

    def resource_title(self, key: str) -> str:
        """The word for a kind of thing we make at providers; the key itself where no feature has it any more."""
        found = self.paid().get(key)
        return _(found.title) if found is not None else key

    def needs(self, asked: Asked) -> Sequence[Need]:
        return [need for each in self.all for need in each.needs(asked)]

    def endings(self, asked: Asked) -> Sequence[Ending]:
        return [ending for each in self.all for ending in each.endings(asked)]

    def news(self, asked: Asked, since: datetime) -> Sequence[Told]:
        return [each.news(asked, since) for each in self.all]

    def retention(self) -> Sequence[RetentionRule]:
        return [rule for each in self.all for rule in each.retention()]

    def stored_secrets(self, session: ScopedSession) -> Sequence[StoredSecret]:
        return [secret for each in self.all for secret in each.stored_secrets(session)]

    def needed_secrets(self, session: ScopedSession) -> Sequence[NeededSecret]:
        return [secret for each in self.all for secret in each.needed_secrets(session)]

    def renewals(self, source: Source) -> Sequence[DueRenewal]:
        return [renewal for each in self.all for renewal in each.renewals(source)]


def _check_unique(what: str, names: Sequence[str]) -> None:
    if len(set(names)) != len(names):
        raise ValueError(f"two {what} share a name: {sorted(names)}")
