"""How pages ask for things: a wish, or a secret exchanged for its reference. Both return at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QObject, Qt, Signal, Slot

from backend.core.errors import MailyardError
from backend.core.secrets.values import Secret, SecretRef

if TYPE_CHECKING:
    from app.shell.bridge import Bridge
    from app.shell.fates import Fates, Settled
    from backend.engine.client import EngineClient

Heard = Callable[[BaseException | None], None]


class Submit(QObject):
    """Lives in the GUI thread; outcomes come back through the bridge.

    ``trouble`` carries the error of a wish whose asker did not want to hear it: the window shows it.
    """

    trouble = Signal(object)

    def __init__(self, client: EngineClient, bridge: Bridge, fates: Fates) -> None:
        super().__init__(bridge)
        self._client = client
        self._bridge = bridge
        self._fates = fates
        bridge.said.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    def wish(self, workspace: UUID, kind: str, payload: dict[str, Any], settled: Settled | None = None) -> UUID:
        """Write a wish; the job's id. ``settled`` gets None when the engine took it, else why it did not."""
        from backend.engine.wishes import Wish

        wish = Wish(workspace, kind, payload, self._client.author)
        tell = settled or self._tell_window

        def written(error: BaseException | None) -> None:
            if isinstance(error, MailyardError):
                tell(error)
            elif error is not None:
                raise error
            else:
                self._fates.watch(workspace, wish.id, tell)

        return self._client.submit(wish, self._back(written))

    def hint(self, workspace: UUID, kind: str, payload: dict[str, Any]) -> None:
        """A wish of no consequence, such as the lease of a live view: nobody asks what became of it."""
        from backend.engine.wishes import Wish

        self._client.submit(Wish(workspace, kind, payload, self._client.author))

    def keep_secret(self, kind: str, workspace: UUID, value: str, heard: Heard) -> SecretRef:
        """Seal a value; its reference may be used once ``heard`` got None. The value is never given back."""
        return self._client.keep_secret(kind, workspace, Secret(value), self._back(heard))

    def forget_secret(self, ref: SecretRef) -> None:
        """Take a value back that was kept for a wish that came to nothing."""
        self._client.forget_secret(ref)

    def _tell_window(self, error: MailyardError | None) -> None:
        if error is not None:
            self.trouble.emit(error)

    def _back(self, heard: Heard) -> Heard:
        bridge = self._bridge

        def outcome(error: BaseException | None) -> None:
            bridge.tell(heard, error)

        return outcome

    @Slot(object, object)
    def _hear(self, heard: Any, error: Any) -> None:
        heard(error)
