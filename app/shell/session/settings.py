"""The person's own settings: a typed file; what cannot be read falls back to its default."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import Field, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.private import replace_file

if TYPE_CHECKING:
    from PySide6.QtCore import QTimer

KEEP_MS = 1_000
#: Of a setting: the keys it had in files of earlier versions.
BEFORE = "before"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Everything remembered between starts; one that is called otherwise now names what it was called before."""

    appearance: str = "auto"
    language: str = "en"
    workspace: str = "all"
    page: str = "overview"
    width: int = 1366
    height: int = 768
    position: str = ""
    is_maximised: bool = False
    splits: dict[str, str] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    seen_at: str = ""
    views: dict[str, dict[str, str]] = field(default_factory=dict)
    #: By place: how far back one looks, a key of widgets/time_range.py.
    ranges: dict[str, str] = field(default_factory=dict)
    notifications: bool = field(default=True, metadata={BEFORE: ("notices",)})
    keep_engine: bool = False
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
            replace_file(self._path, json.dumps(asdict(self.now), indent=1).encode())
        except OSError as error:
            log.warning("The settings were not kept: %s", type(error).__name__)


def _read(path: Path) -> Settings:
    try:
        raw = json.loads(path.read_text())
    except (OSError, ValueError):
        return Settings()
    if not isinstance(raw, dict):
        return Settings()
    return Settings(**{each.name: value for each in fields(Settings) for value in _kept(each, raw)})


def _kept(setting: Field[Any], raw: dict[str, Any]) -> Iterator[Any]:
    """What the file says of a setting, by its name of today first; nothing where that is of another type."""
    kind = type(getattr(Settings(), setting.name))
    for key in (setting.name, *setting.metadata.get(BEFORE, ())):
        if type(raw.get(key)) is kind:
            yield raw[key]
            return
