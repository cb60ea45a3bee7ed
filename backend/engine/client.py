"""How pages and commands reach the engine: they write a request, and wait for nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import UUID

from backend.core.errors import StoreError
from backend.core.secrets.values import Secret, SecretRef, SecretStore, new_ref
from backend.engine.payload import Request
from backend.engine.requests import RequestEnvelope, write_request
from backend.store.audit import record
from backend.store.scope import AGENCY, Scope

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.store.database import Store

log = logging.getLogger(__name__)

Outcome = Callable[[BaseException | None], None]


class EngineClient:
    """Writes requests and secrets from a thread of its own, so that a busy database never stops a window."""

    def __init__(self, store: Store, clock: Clock, secrets: SecretStore, *, author: str) -> None:
        self._store = store
        self._clock = clock
        self._secrets = secrets
        self.author = author
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="requests")

    def submit(self, workspace: UUID, request: Request, outcome: Outcome | None = None, *, author: str = "") -> UUID:
        """Write a request; its id (the job's id) is known at once. ``outcome`` hears on the writer's thread."""
        envelope = RequestEnvelope(workspace, request, author or self.author)
        self._run(lambda: self._write(envelope), outcome)
        return envelope.id

    def submit_now(self, workspace: UUID, request: Request) -> UUID:
        """The same, done when this returns: for commands and tests.

        :raises StoreError: the request was not written.
        """
        envelope = RequestEnvelope(workspace, request, self.author)
        self._write(envelope)
        return envelope.id

    def keep_secret(self, kind: str, workspace: UUID, value: Secret, outcome: Outcome | None = None) -> SecretRef:
        """Exchange a value for its reference; the value is on disk, sealed, when ``outcome`` hears None."""
        ref = new_ref(kind, workspace)
        self._run(lambda: self._secrets.keep(ref, value), outcome)
        return ref

    def keep_secrets(
        self, kind: str, workspace: UUID, values: Sequence[Secret], outcome: Outcome | None = None
    ) -> Sequence[SecretRef]:
        """The same of many, sealed together: one by one they would take a minute for two thousand."""
        kept = {new_ref(kind, workspace): value for value in values}
        self._run(lambda: self._secrets.keep_all(kept), outcome)
        return list(kept)

    def keep_secret_now(self, kind: str, workspace: UUID, value: Secret) -> SecretRef:
        """The same, done when this returns."""
        ref = new_ref(kind, workspace)
        self._secrets.keep(ref, value)
        return ref

    def keep_secrets_now(self, kind: str, workspace: UUID, values: Sequence[Secret]) -> list[SecretRef]:
        """The same of many, in their order."""
        refs = [new_ref(kind, workspace) for _each in values]
        self._secrets.keep_all(dict(zip(refs, values, strict=True)))
        return refs

    def forget_secret(self, ref: SecretRef, outcome: Outcome | None = None) -> None:
        """Take a value back whose request came to nothing."""
        self._run(lambda: self._secrets.forget(ref), outcome)

    def forget_secrets(self, refs: Sequence[SecretRef], outcome: Outcome | None = None) -> None:
        """The same of many."""
        self._run(lambda: self._secrets.forget_all(refs), outcome)

    def reseal(self, act: Callable[[SecretStore], None], action: str, outcome: Outcome) -> None:
        """Put the secret store behind another key; it is, when ``outcome`` hears None; audited as ``action``."""
        self._run(lambda: self.reseal_now(act, action), outcome)

    def reseal_now(self, act: Callable[[SecretStore], None], action: str) -> None:
        """The same, done when this returns. A database that takes no row undoes nothing: the old key is gone."""
        act(self._secrets)
        try:
            with self._store.write(Scope.of(AGENCY)) as session:
                record(session, at=self._clock.now(), actor=self.author, action=action, subject="secret store")
        except StoreError:
            log.exception("The change of the secret store's key is missing in the audit log")

    def close(self) -> None:
        """Write what was submitted, then end."""
        self._writer.shutdown(wait=True)

    def _write(self, envelope: RequestEnvelope) -> None:
        with self._store.write(Scope.of(envelope.workspace)) as session:
            write_request(session, envelope, self._clock.now())

    def _run(self, act: Callable[[], object], outcome: Outcome | None) -> None:
        future: Future[object] = self._writer.submit(act)
        told = outcome or _write_down
        future.add_done_callback(lambda done: told(done.exception()))


def _write_down(error: BaseException | None) -> None:
    """What nobody waits for."""
    if error is not None:
        log.error("A request was not written", exc_info=error)
