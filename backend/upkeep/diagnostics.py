"""One archive for whoever is asked for help: versions, counts, the logs. No row of the database, no secret."""

from __future__ import annotations

import io
import json
import platform
import sqlite3
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, select

from backend.core.errors import StoreReadOnly
from backend.core.paths import home_folder
from backend.core.present.plain_line import plain_lines
from backend.core.present.text import _
from backend.core.private import replace_file
from backend.core.secrets.redactor import redactor
from backend.store.schema.base import Base
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.paths import DataFolder
    from backend.store.query import Source

LIBRARIES = ("PySide6-Essentials", "SQLAlchemy", "paramiko", "httpx", "keyring", "APScheduler", "cryptography")
MOST_LOG_BYTES = 12_000_000


@dataclass(frozen=True)
class DiagnosticsFile:
    """One file of the archive as it would be given away: ``name`` with its folder, ``text`` with secrets masked."""

    name: str
    text: str


@dataclass(frozen=True)
class Diagnostics:
    """Query: everything the archive would hold, to be looked at before anybody gets it.

    Known secrets are masked once more, and the home folder is written as ``~``: it names the person.
    """

    folder: DataFolder
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, source: Source) -> tuple[DiagnosticsFile, ...]:
        facts = {"versions": _versions(), "rows": _rows(source), "files": _files(self.folder)}
        files = [DiagnosticsFile("facts.json", json.dumps(facts, indent=1))]
        for path in sorted(self.folder.logs.glob("*.log*")):
            text = path.read_bytes()[-MOST_LOG_BYTES:].decode("utf-8", "replace")
            files.append(DiagnosticsFile(f"logs/{path.name}", _redacted(text)))
        return tuple(files)


@dataclass(frozen=True)
class DiagnosticsArchive:
    """Query: writes what was looked at into ``target``, nothing more, and answers with its path."""

    files: tuple[DiagnosticsFile, ...]
    target: Path
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, source: Source) -> Path:  # noqa: ARG002  # a query has a source
        """:raises StoreReadOnly: the archive cannot be written there."""
        try:
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in self.files:
                    archive.writestr(file.name, file.text)
            replace_file(self.target, packed.getvalue())
        except OSError as error:
            raise StoreReadOnly(
                _("The diagnostics could not be written."),
                remedy=_("Choose another folder, or free some disk space."),
                detail=str(error),
            ) from error
        return self.target


def _redacted(text: str) -> str:
    masked, home = plain_lines(redactor.redact(text)), home_folder()
    return masked if home is None or len(str(home)) < 2 else masked.replace(str(home), "~")


def _versions() -> Mapping[str, str]:
    own = {"python": platform.python_version(), "system": platform.platform(), "sqlite": sqlite3.sqlite_version}
    return own | {name: metadata.version(name) for name in LIBRARIES}


def _rows(source: Source) -> Mapping[str, int]:
    with source.store.read(ENGINE_SCOPE) as session:
        return {
            mapper.class_.__tablename__: session.scalar(select(func.count()).select_from(mapper.class_)) or 0
            for mapper in Base.registry.mappers
        }


def _files(folder: DataFolder) -> Mapping[str, int]:
    return {path.name: path.stat().st_size for path in sorted(folder.root.iterdir()) if path.is_file()}
