"""Opens one installation: builds everything by constructors, what features bring by looping over them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from backend.choices import Choices, login_name
from backend.core.secrets.keys import ChosenHolder
from backend.core.secrets.sealed import SealedFile
from backend.engine.client import EngineClient
from backend.engine.feed import FeedWatcher
from backend.engine.jobs import JobKinds
from backend.engine.lock import EngineLock, Lock
from backend.engine.scheduler import upsert_schedule
from backend.engine.succession import Succession
from backend.feature import Features, Tools
from backend.fleet.accounts import AccountAccess
from backend.fleet.servers import ServerAccess
from backend.fleet.verdicts import drop_checks_without_kind
from backend.monitoring.live_follower import LiveFollower
from backend.providers.registry import known_providers
from backend.revealing import Reveals
from backend.store.database import Store, StoreAddress
from backend.store.metrics import MetricStore
from backend.store.migrate import is_current, migrate
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.paths import DataFolder
    from backend.engine.engine import Engine
    from backend.providers.ports import Providers

log = logging.getLogger(__name__)


class Installation:
    """One data folder, opened: the store, the secrets and a client for the engine, whoever that is.

    Owned by the process's main thread; ``close`` last. :meth:`become_engine` makes this process the engine.
    """

    def __init__(self, folder: DataFolder, choices: Choices | None = None) -> None:
        self.folder = folder
        given = self.choices = choices or Choices()
        self.clock = self.choices.clock
        url = self.choices.database_url
        self.store = Store(StoreAddress.on_server(url) if url else StoreAddress.in_folder(folder))
        self.metrics = MetricStore(self.store)
        holder = ChosenHolder(
            given.ask_passphrase,
            handed=given.handed_key,
            use_keyring=given.use_keyring,
            shortest=given.shortest_passphrase,
        )
        self.secrets = SealedFile(
            folder.sealed_secrets, holder, told=given.key_found, can_use_keyring=holder.can_use_keyring
        )
        self.lock = self._make_lock()
        self.lock.when_lost(self._lock_was_lost)
        self.providers: Providers = known_providers()
        author = self.choices.author or login_name()
        self.client = EngineClient(self.store, self.clock, self.secrets, author=author)
        self.watcher = FeedWatcher(self.store)
        self.live = LiveFollower(self.store)
        self.engine: Engine | None = None
        self.when_engine: Callable[[bool], None] = lambda _is_engine: None
        self._succession: Succession | None = None
        self._role, self._becoming = "", threading.RLock()
        self._accounts = AccountAccess(self.store, self.secrets, self.providers)
        self.features: Features = self.choices.features
        self._tools = self._make_tools()
        self.reveals = Reveals(
            self.store, self.secrets, self.clock, self.features, login=given.login_password, author=author
        )

    @cached_property
    def kinds(self) -> JobKinds:
        """All kinds of jobs, made when somebody first asks."""
        return JobKinds(self.features.jobs(self._tools))

    @property
    def servers(self) -> ServerAccess:
        """The way into servers, for who sits before this installation."""
        return self._tools.servers

    def _make_lock(self) -> Lock:
        """PostgreSQL's library is imported by those who have one."""
        if not self.choices.database_url:
            return EngineLock(self.folder.engine_lock)
        from backend.engine.database_lock import DatabaseLock

        return DatabaseLock(self.store)

    def _make_tools(self) -> Tools:
        return Tools(
            store=self.store,
            metrics=self.metrics,
            secrets=self.secrets,
            clock=self.clock,
            providers=self.providers,
            accounts=self._accounts,
            servers=ServerAccess(self.store, self.secrets, self.choices.endpoint),
            features=self.features,
            kinds=lambda: self.kinds,
            references=self.choices.references,
            docker_key=self.choices.docker_key,
            takes_real_accounts=self.choices.takes_real_accounts,
        )

    def become_engine(self, role: str) -> bool:
        """Take the lock, bring the database up to date, start the engine; False when another process is the engine.

        :raises StoreError: the database cannot be used; the lock is free again then.
        """
        with self._becoming:
            if self.engine is not None or not self.lock.take(role, self.clock.now()):
                return self.engine is not None
            self._role = role
            try:
                self.prepare_store()
                self.engine = self._build_engine()
                self.engine.start()
            except BaseException:
                self.engine = None
                self.lock.release()
                raise
        self.when_engine(True)
        for request in self.features.at_start():
            self.client.submit(AGENCY, request, author="schedule:start")
        return True

    def stand_by(self, role: str) -> None:
        """Become the engine as soon as nobody else is, and again whenever the lock was lost, until :meth:`close`."""
        self._role = role
        if self._succession is None:
            self._succession = Succession(give_up=self._give_up_engine, become=lambda: self.become_engine(self._role))
            self._succession.start()
        else:
            self._succession.wake()

    def is_readable(self) -> bool:
        """Whether the database is there and needs nothing before it is read."""
        return is_current(self.store)

    def prepare_alone(self, role: str) -> bool:
        """Bring the database up to date without being its engine afterwards; False while another process is.

        :raises StoreError: the database cannot be used.
        """
        if not self.lock.take(role, self.clock.now()):
            return False
        try:
            self.prepare_store()
        finally:
            self.lock.release()
        return True

    def prepare_store(self) -> None:
        """Migrate, and write what every installation has. Only the holder of the lock calls it."""
        migrate(self.store, self.folder, self.clock.now())
        # features import what they tell of: on a busy disk that takes long, and nobody else could write meanwhile
        checks, schedules = self.features.checks(), self.features.schedules(self.clock.now())
        with self.store.write(ENGINE_SCOPE) as session:
            self.features.prepare(session, self.clock.now())
            drop_checks_without_kind(session, checks, self.clock.now())
            for schedule in schedules:
                upsert_schedule(session, schedule)

    def close(self) -> None:
        """Stop the engine if it is ours, write what was requested, close everything.

        A step that does not end in time keeps the lock until the process ends: a successor must not run it beside us.
        """
        self.watcher.close()
        self.live.close()
        if self._succession is not None:
            self._succession.close()
        self.client.close()
        is_idle = True
        if self.engine is not None:
            self.engine.close()
            is_idle, self.engine = self.engine.is_idle, None
        self._accounts.close()
        self.store.close()
        if is_idle:
            self.lock.release()

    def _lock_was_lost(self) -> None:
        """On the lock's own thread: no step begins any more; what takes longer is the succession's."""
        if self.engine is not None:
            self.engine.halt()
            self.when_engine(False)
        self.stand_by(self._role)

    def _give_up_engine(self) -> Engine | None:
        """The engine of ours that has no lock any more."""
        with self._becoming:
            engine = None if self.lock.is_held else self.engine
            if engine is not None:
                self.engine = None
            return engine

    def _build_engine(self) -> Engine:
        """Its library is heavy, and only the process that is the engine needs it."""
        from backend.engine.engine import Engine
        from backend.engine.probes import ProbeScheduler

        brought = self.features.in_engine(self._tools)
        return Engine(
            self.store,
            self.clock,
            self.kinds,
            journal=self.choices.make_journal(self.store, self.clock),
            settings=brought.settings,
            parts=(ProbeScheduler(brought.probes, self.clock), *brought.parts),
        )
