"""How pages ask for things: a request, or a secret exchanged for its reference. Both return at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.shell.fault import internal_error
from backend.core.errors import MailyardError
from backend.core.secrets.values import Secret, SecretRef

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.shell.background.bridge import Bridge
    from app.shell.requests.outcomes import OutcomeTracker, Settled
    from backend.core.secrets.values import SecretStore
    from backend.engine.client import EngineClient
    from backend.engine.payload import Request


class RequestSubmitter(QObject):
    """Lives in the GUI thread; outcomes come back through the bridge. Who asks hears a refusal, or that it met a bug of
    ours, so that the person can go on; the bug itself then rises to the crash hook.

    An ``owner`` that is gone by then hears nothing: the window says what it would have said.

    ``trouble`` carries the error of a request that nobody else hears of: the window shows it.
    """

    trouble = Signal(object)

    def __init__(self, client: EngineClient, bridge: Bridge, outcomes: OutcomeTracker) -> None:
        super().__init__(bridge)
        self._client = client
        self._bridge = bridge
        self._outcomes = outcomes
        bridge.called.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    def request(self, workspace: UUID, request: Request) -> UUID:
        """Write a request; the job's id. The window says it where the engine refuses."""
        return self._write(workspace, request, self._tell_window)

    def ask(self, owner: QObject, workspace: UUID, request: Request, settled: Settled) -> UUID:
        """The same for who wants the answer: ``settled`` gets None when the engine took it, else why it did not."""
        return self._write(workspace, request, self._for(owner, settled))

    def keep_secret(self, owner: QObject, kind: str, workspace: UUID, value: str, heard: Settled) -> SecretRef:
        """Seal a value; its reference may be used once ``heard`` got None. The value is never given back."""
        return self._client.keep_secret(kind, workspace, Secret(value), self._back(self._for(owner, heard)))

    def keep_secrets(
        self, owner: QObject, kind: str, workspace: UUID, values: Sequence[Secret], heard: Settled
    ) -> Sequence[SecretRef]:
        """The same of many, sealed together."""
        return self._client.keep_secrets(kind, workspace, values, self._back(self._for(owner, heard)))

    def forget_secrets(self, refs: Sequence[SecretRef]) -> None:
        """Take values back that were kept for requests that came to nothing."""
        self._client.forget_secrets(refs, self._back(self._tell_window))

    def forget_secret(self, ref: SecretRef) -> None:
        """Take a value back that was kept for a request that came to nothing."""
        self._client.forget_secret(ref, self._back(self._tell_window))

    def reseal(self, owner: QObject, act: Callable[[SecretStore], None], action: str, heard: Settled) -> None:
        """Put the secret store behind another key; ``action`` is for the audit log."""
        self._client.reseal(act, action, self._back(self._for(owner, heard)))

    def _write(self, workspace: UUID, request: Request, tell: Settled) -> UUID:
        def written(error: MailyardError | None) -> None:
            if error is not None:
                tell(error)
            else:
                self._outcomes.watch(workspace, request_id, tell)

        request_id = self._client.submit(workspace, request, self._back(written))
        return request_id

    def _for(self, owner: QObject, heard: Settled) -> Settled:
        def tell(error: MailyardError | None) -> None:
            (heard if shiboken6.isValid(owner) else self._tell_window)(error)

        return tell

    def _tell_window(self, error: MailyardError | None) -> None:
        if error is not None:
            self.trouble.emit(error)

    def _back(self, heard: Settled) -> Callable[[BaseException | None], None]:
        bridge = self._bridge

        def outcome(error: BaseException | None) -> None:
            bridge.tell(partial(_answer, heard), error)

        return outcome

    @Slot(object, object)
    def _hear(self, heard: Any, value: Any) -> None:
        heard(value)


def _answer(heard: Settled, error: BaseException | None) -> None:
    if error is None or isinstance(error, MailyardError):
        heard(error)
    else:
        heard(internal_error())
        raise error
