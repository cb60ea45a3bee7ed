"""How pages ask for things: a wish, or a secret exchanged for its reference. Both return at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QObject, Qt, Slot

from backend.core.secrets.values import Secret, SecretRef

if TYPE_CHECKING:
    from app.shell.bridge import Bridge
    from backend.engine.client import EngineClient

Heard = Callable[[BaseException | None], None]


class Submit(QObject):
    """Lives in the GUI thread; outcomes come back through the bridge."""

    def __init__(self, client: EngineClient, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._client = client
        self._bridge = bridge
        bridge.said.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    def wish(self, workspace: UUID, kind: str, payload: dict[str, Any], heard: Heard | None = None) -> UUID:
        """Write a wish; the job's id. ``heard`` gets None when it is written, else the error."""
        from backend.engine.wishes import Wish

        wish = Wish(workspace, kind, payload, self._client.author)
        return self._client.submit(wish, self._back(heard))

    def keep_secret(self, kind: str, workspace: UUID, value: str, heard: Heard) -> SecretRef:
        """Seal a value; its reference may be used once ``heard`` got None. The value is never given back."""
        return self._client.keep_secret(kind, workspace, Secret(value), self._back(heard))

    def _back(self, heard: Heard | None) -> Heard | None:
        if heard is None:
            return None
        bridge = self._bridge

        def outcome(error: BaseException | None) -> None:
            bridge.tell(heard, error)

        return outcome

    @Slot(object, object)
    def _hear(self, heard: Any, error: Any) -> None:
        heard(error)
