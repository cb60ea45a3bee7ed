"""The passphrase of the secret store while the program runs: given once by the person, held in memory only."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.core.secrets.values import Secret


class PassphraseBox:
    """Asked by worker threads, filled by a page."""

    def __init__(self) -> None:
        self._value: Secret | None = None
        self._guard = threading.Lock()

    def put(self, text: str) -> None:
        from backend.core.secrets.values import Secret

        with self._guard:
            self._value = Secret(text) if text else None

    def get(self) -> Secret | None:
        with self._guard:
            return self._value
