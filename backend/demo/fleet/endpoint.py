"""Where the demo's hosts really listen: an :class:`backend.core.endpoint.Endpoint` that never leaves loopback."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from backend.core.endpoint import Service

LOOPBACK = "127.0.0.1"
NOBODY = 1  # TCPMUX (RFC 1078): nothing listens there


class DemoEndpoint:
    """Reads what the clouds' process wrote down, again when that changed. Thread-safe."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._stamp = 0
        self._where: dict[str, Any] = {}

    def address(self, host: str, service: Service) -> tuple[str, int]:
        """A host that is none of the demo's, and any service but SSH, leads to a port where nobody answers."""
        return LOOPBACK, int(self.where().get("ssh", {}).get(host, NOBODY)) if service == "ssh" else NOBODY

    def where(self) -> dict[str, Any]:
        """``clouds``: URL by kind; ``word``: for orders; ``references``: ports; ``ssh``: port by address."""
        with self._lock:
            stamp = self._file.stat().st_mtime_ns if self._file.exists() else 0
            if stamp != self._stamp:
                self._where = json.loads(self._file.read_text())
                self._stamp = stamp
            return self._where
