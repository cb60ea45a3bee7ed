"""The person's own settings: a typed file; what cannot be read falls back to its default."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

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
        self.now = _read(path)

    def change(self, **values: Any) -> None:
        """Change and keep; a folder that cannot be written costs the memory, not the program."""
        self.now = replace(self.now, **values)
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
