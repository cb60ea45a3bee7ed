"""The passphrase of the secret store from the moment it is typed until the store was opened by it, in memory only."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.core.secrets.values import Secret


class PassphraseBox:
    """Asked by worker threads, filled by a page, emptied once its key is known."""

    def __init__(self) -> None:
        self._value: Secret | None = None
        self._lock = threading.Lock()

    def put(self, text: str) -> None:
        from backend.core.secrets.values import Secret

        with self._lock:
            self._value = Secret(text) if text else None

    def get(self) -> Secret | None:
        with self._lock:
            return self._value

    def drop(self) -> None:
        """It was wrong, or is needed no more."""
        with self._lock:
            self._value = None
