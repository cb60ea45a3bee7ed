"""The person's own settings: a typed file; what cannot be read falls back to its default."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtCore import QTimer

KEEP_MS = 1_000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Everything remembered between starts."""

    appearance: str = "auto"
    language: str = "en"
    workspace: str = "all"
    page: str = "overview"
    width: int = 1366
    height: int = 768
    tables: dict[str, str] = field(default_factory=dict)
    seen_at: str = ""
    views: dict[str, dict[str, str]] = field(default_factory=dict)
    notices: bool = True
    contrast: str = "auto"
    motion: str = "auto"
    update_address: str = ""
    update_key: str = ""


class SettingsFile:
    """Reads once, writes on change; lives in the GUI thread (a few hundred bytes)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._soon: QTimer | None = None
        self._is_closed = False
        self.now = _read(path)

    def change(self, **values: Any) -> None:
        """Change and keep; a folder that cannot be written costs the memory, not the program."""
        self.now = replace(self.now, **values)
        self._keep()

    def remember(self, **values: Any) -> None:
        """Change at once and keep within a second: what changes as pages turn must not wait for a disk."""
        from PySide6.QtCore import QTimer

        self.now = replace(self.now, **values)
        if self._is_closed:
            self._keep()
            return
        if self._soon is None:
            self._soon = QTimer()
            self._soon.setSingleShot(True)
            self._soon.setInterval(KEEP_MS)
            self._soon.timeout.connect(self._keep)
        if not self._soon.isActive():
            self._soon.start()

    def close(self, **values: Any) -> None:
        """Keep what is still to be kept; from now on nothing waits."""
        self._is_closed = True
        self.change(**values)

    def _keep(self) -> None:
        if self._soon is not None:
            self._soon.stop()
        try:
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps(asdict(self.now), indent=1))
            fresh.replace(self._path)
        except OSError as error:
            log.warning("The settings were not kept: %s", type(error).__name__)


def _read(path: Path) -> Settings:
    try:
        raw = json.loads(path.read_text())
    except (OSError, ValueError):
        return Settings()
    if not isinstance(raw, dict):
        return Settings()
    known: dict[str, type[Any]] = {each.name: type(getattr(Settings(), each.name)) for each in fields(Settings)}
    fitting: dict[str, Any] = {key: value for key, value in raw.items() if key in known and type(value) is known[key]}
    return Settings(**fitting)
