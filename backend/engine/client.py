"""How pages and commands reach the engine: they write a wish, and wait for nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import UUID

from backend.core.secrets.values import Secret, SecretRef, SecretStore, new_ref
from backend.engine.wishes import Wish, write_wish
from backend.store.scope import Scope

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.store.database import Store

Outcome = Callable[[BaseException | None], None]


class EngineClient:
    """Writes wishes and secrets from a thread of its own, so that a busy database never stops a window."""

    def __init__(self, store: Store, clock: Clock, secrets: SecretStore, *, author: str) -> None:
        self._store = store
        self._clock = clock
        self._secrets = secrets
        self.author = author
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="wishes")

    def submit(self, wish: Wish, outcome: Outcome | None = None) -> UUID:
        """Write a wish; its id (the job's id) is known at once. ``outcome`` hears on the writer's thread."""
        self._run(lambda: self.submit_now(wish), outcome)
        return wish.id

    def submit_now(self, wish: Wish) -> UUID:
        """The same, done when this returns: for commands and tests.

        :raises StoreError: the wish was not written.
        """
        with self._store.write(Scope.of(wish.workspace)) as session:
            write_wish(session, wish, self._clock.now())
        return wish.id

    def keep_secret(self, kind: str, workspace: UUID, value: Secret, outcome: Outcome | None = None) -> SecretRef:
        """Exchange a value for its reference; the value is on disk, sealed, when ``outcome`` hears None."""
        ref = new_ref(kind, workspace)
        self._run(lambda: self._secrets.keep(ref, value), outcome)
        return ref

    def keep_secret_now(self, kind: str, workspace: UUID, value: Secret) -> SecretRef:
        """The same, done when this returns."""
        ref = new_ref(kind, workspace)
        self._secrets.keep(ref, value)
        return ref

    def forget_secret(self, ref: SecretRef) -> None:
        """Take a value back whose wish came to nothing."""
        self._run(lambda: self._secrets.forget(ref), None)

    def close(self) -> None:
        """Write what was submitted, then end."""
        self._writer.shutdown(wait=True)

    def _run(self, act: Callable[[], object], outcome: Outcome | None) -> None:
        future: Future[object] = self._writer.submit(act)
        if outcome is not None:
            future.add_done_callback(lambda done: outcome(done.exception()))
