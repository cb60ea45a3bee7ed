"""Builds everything by constructors: store, secrets, engine, jobs. The one place that knows all parts."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from backend.accounts.charges import AskCharges, daily
from backend.accounts.jobs import AddAccount, RemoveAccount, VerifyAccount
from backend.core.clock import Clock, SystemClock
from backend.core.endpoint import DirectEndpoint, Endpoint
from backend.core.errors import MailyardError, Refused
from backend.core.paths import DataFolder
from backend.core.present.text import _
from backend.core.secrets.keys import ChosenHolder
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret
from backend.engine.client import EngineClient
from backend.engine.feed import FeedWatcher
from backend.engine.intents import IntentJournal, Journal
from backend.engine.jobs import JobKinds
from backend.engine.lock import EngineLock
from backend.engine.settings import Setting
from backend.engine.timetable import keep_schedule
from backend.engine.wheel import ProbeWheel
from backend.engine.wishes import WATCH, Wish
from backend.fleet.accounts import AccountAccess
from backend.fleet.servers import ServerAccess
from backend.inventory.jobs import RefreshInventory
from backend.inventory.lost import Lost
from backend.inventory.orphans import LookForOrphans, RemoveOrphan, six_hourly
from backend.monitoring.live import LiveWatch
from backend.monitoring.network import WatchOwnNetwork
from backend.monitoring.probes import SampleServers
from backend.monitoring.reach import REFERENCES, OwnNetwork
from backend.providers.registry import known_providers
from backend.servers.addresses import AssignAddress, ReleaseAddress, ReserveAddress
from backend.servers.adopt import AdoptServer, ReleaseServer
from backend.servers.firewall import GuardServer, UnguardServer
from backend.servers.holdings import Holdings
from backend.servers.power import DestroyServer, PowerServer
from backend.servers.provision.creation import Creation
from backend.servers.provision.entry import Entry
from backend.servers.provision.kind import ProvisionServer
from backend.servers.provision.proof import Proof
from backend.servers.reconcile import ReconcileIntents
from backend.servers.records import Records
from backend.servers.resize import ResizeServer
from backend.servers.reverse import NameAddress
from backend.servers.snapshots import DeleteSnapshot, RestoreServer, SnapshotServer
from backend.servers.staged import Stages
from backend.servers.usage import ReadUsage
from backend.store.database import Store, StoreAddress
from backend.store.metrics import MetricStore
from backend.store.migrate import is_current, migrate
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.upkeep.jobs import TidyStore, nightly
from backend.workspaces.settings import SETTINGS, ensure_agency

if TYPE_CHECKING:
    from backend.demo.fleet.ground import Ground
    from backend.engine.engine import Engine
    from backend.providers.ports import Providers

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Choices:
    """What differs between a live installation, a test and the demo. Defaults are the live ones."""

    database_url: str | None = None
    endpoint: Endpoint = field(default_factory=DirectEndpoint)
    clock: Clock = field(default_factory=SystemClock)
    ask_passphrase: Callable[[], Secret | None] = lambda: None
    use_keyring: Callable[[], bool] | None = None
    make_journal: Callable[[Store, Clock], Journal] = IntentJournal
    references: tuple[tuple[str, int], ...] = REFERENCES
    takes_real_accounts: bool = True
    author: str = ""


class Installation:
    """One data folder, opened: the store, the secrets and a client for the engine, whoever that is.

    Owned by the process's main thread; ``close`` last. :meth:`become_engine` makes this process the engine.
    """

    def __init__(self, folder: DataFolder, choices: Choices | None = None) -> None:
        self.folder = folder
        self.choices = choices or Choices()
        self.clock = self.choices.clock
        url = self.choices.database_url
        self.store = Store(StoreAddress.on_server(url) if url else StoreAddress.in_folder(folder))
        self.metrics = MetricStore(self.store)
        holder = ChosenHolder(self.choices.ask_passphrase, use_keyring=self.choices.use_keyring)
        self.secrets = SealedFile(folder.sealed_secrets, holder)
        self.lock = EngineLock(folder.engine_lock)
        self.providers: Providers = known_providers()
        author = self.choices.author or _login_name()
        self.client = EngineClient(self.store, self.clock, self.secrets, author=author)
        self.watcher = FeedWatcher(self.store)
        self.engine: Engine | None = None
        self._accounts = AccountAccess(self.store, self.secrets, self.providers)
        self._servers = ServerAccess(self.store, self.secrets, self.choices.endpoint)
        self.kinds = self._make_kinds()

    def become_engine(self, role: str) -> bool:
        """Take the lock, bring the database up to date, start the engine; False when another process is the engine.

        :raises StoreError: the database cannot be used; the lock is free again then.
        """
        if not self.lock.take(role, self.clock.now()):
            return False
        try:
            self.prepare_store()
            self.engine = self._build_engine()
            self.engine.start()
        except BaseException:
            self.engine = None
            self.lock.release()
            raise
        self.client.submit(Wish(AGENCY, ReconcileIntents.name, {}, "timetable:start"))
        return True

    def is_readable(self) -> bool:
        """Whether the database is there and needs nothing before it is read."""
        return is_current(self.store)

    def prepare_store(self) -> None:
        """Migrate, and write what every installation has. Only the holder of the lock calls it."""
        migrate(self.store, self.folder, self.clock.now())
        with self.store.write(ENGINE_SCOPE) as session:
            ensure_agency(session, self.clock.now(), _("Agency"))
            keep_schedule(session, nightly(self.clock.now()))
            keep_schedule(session, six_hourly(self.clock.now()))
            keep_schedule(session, daily(self.clock.now()))

    def close(self) -> None:
        """Stop the engine if it is ours, write what was wished, let go of everything.

        A step that does not end in time keeps the lock until the process ends: a successor must not run it beside us.
        """
        self.watcher.close()
        self.client.close()
        is_idle = True
        if self.engine is not None:
            self.engine.close()
            is_idle, self.engine = self.engine.is_idle, None
        self._accounts.close()
        self.store.close()
        if is_idle:
            self.lock.release()

    def _build_engine(self) -> Engine:
        """Its library is heavy, and only the process that is the engine needs it."""
        from backend.engine.engine import Engine

        servers = self._servers
        live = LiveWatch(self.store, self.metrics, servers, self.clock)
        network = OwnNetwork(self.choices.references)
        probe = SampleServers(self.store, self.metrics, servers, network, clock=self.clock)
        settings: Mapping[str, Setting] = {**SETTINGS, WATCH: live.watch}
        return Engine(
            self.store,
            self.clock,
            self.kinds,
            journal=self.choices.make_journal(self.store, self.clock),
            settings=settings,
            parts=(ProbeWheel([probe, WatchOwnNetwork(self.store, network, self.clock)], self.clock), probe, live),
        )

    def _make_kinds(self) -> JobKinds:
        servers, accounts, secrets, records = self._servers, self._accounts, self.secrets, Records(self.store)
        verify, lost, holdings = VerifyAccount(accounts), Lost(accounts), Holdings(self.store, records)
        return JobKinds(
            [
                AddAccount(self.providers, verify, takes_real=self.choices.takes_real_accounts),
                verify,
                RemoveAccount(accounts, secrets),
                self._make_provisioning(records),
                PowerServer(accounts, servers, records),
                ResizeServer(accounts, Stages(accounts, servers), records),
                NameAddress(accounts, records),
                SnapshotServer(accounts, records),
                RestoreServer(accounts, records),
                DeleteSnapshot(accounts, records),
                ReserveAddress(accounts, holdings),
                AssignAddress(accounts, holdings),
                ReleaseAddress(accounts, holdings),
                GuardServer(accounts, servers, holdings),
                UnguardServer(accounts, holdings),
                ReadUsage(accounts, holdings),
                DestroyServer(accounts, secrets, records),
                AdoptServer(records),
                ReleaseServer(records),
                RefreshInventory(accounts),
                AskCharges(accounts),
                LookForOrphans(lost),
                RemoveOrphan(accounts, lost),
                ReconcileIntents(accounts, IntentJournal(self.store, self.clock)),
                TidyStore(self.metrics),
            ]
        )

    def _make_provisioning(self, records: Records) -> ProvisionServer:
        proof = Proof(self._servers, self.secrets, records, self.metrics)
        entry = Entry(self._accounts, self._servers, self.secrets, proof)
        return ProvisionServer(Creation(self._accounts, self.secrets, records), entry, proof)


class Demo:
    """The demo: an installation of its own folder, and the emulated clouds that belong to it."""

    def __init__(self, folder: DataFolder) -> None:
        from backend.demo.fleet.fleet import DemoFleet

        self.folder = folder
        self._fleet = DemoFleet(folder)

    def open(self) -> Installation:
        """Start the clouds, and write the past where there is none. May be repeated after a failure.

        :raises MailyardError: they do not start, the folder is not a demo's or in use, or cannot be used.
        """
        lock = EngineLock(self.folder.engine_lock)
        if not lock.take("console", SystemClock().now()):
            raise Refused(
                _("The demo is open already, or is just being opened."),
                remedy=_("Use the other window, or close it and try again."),
            )
        try:
            return self._open()
        except (OSError, ValueError) as error:
            words = _("The demo could not be opened.")
            raise MailyardError(words, remedy=_("Try again."), detail=f"{type(error).__name__}: {error}") from error
        finally:
            lock.release()

    def _open(self) -> Installation:
        """Under the engine's lock."""
        self._fleet.claim()
        self._fleet.start()
        choices = Choices(
            endpoint=self._fleet.endpoint,
            references=self._fleet.references,
            ask_passphrase=_demo_passphrase,
            use_keyring=lambda: False,
            takes_real_accounts=False,
        )
        installation = Installation(self.folder, choices)
        try:
            installation.prepare_store()
            self._fleet.furnish(_ground(installation))
        except BaseException:
            installation.close()
            raise
        return installation

    def fill_in(self, installation: Installation) -> None:
        """Write what was observed before today, where it is missing: seconds, for when the first page is there."""
        self._fleet.fill_in(_ground(installation))

    def close(self) -> None:
        """After the installation."""
        self._fleet.close()

    def remove(self) -> None:
        """Delete the demo's folder, once it is closed.

        :raises MailyardError: it is still in use, or cannot be deleted.
        """
        from backend.demo.fleet.fleet import remove_demo

        remove_demo(self.folder, EngineLock(self.folder.engine_lock))


def _ground(installation: Installation) -> Ground:
    from backend.demo.fleet.ground import Ground

    parts = (installation.store, installation.metrics, installation.secrets)
    return Ground(*parts, installation.providers, installation.clock)


def _demo_passphrase() -> Secret:
    """No secret: behind it lie keys of emulated servers and tokens of emulated clouds."""
    return Secret("demo")


def new_order_id() -> str:
    """The id that makes an order's server unique; chosen by the client, so that a repeated wish is the same server."""
    return uuid4().hex


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "operator"


def run_demo_clouds(folder: str) -> int:
    """The process of a demo's clouds, until its owner lets go of it; the exit code."""
    from backend.demo.fleet.clouds import main

    return main([folder])
