"""How large the database is; asked on a reader's thread, since it looks at files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from backend.core.present import format as words

if TYPE_CHECKING:
    from backend.bootstrap import Installation
    from backend.store.query import Source


@dataclass(frozen=True)
class DataSize:
    """Query: kind and size of the database, as people read it."""

    installation: Installation
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, _source: Source) -> str:
        folder = self.installation.folder
        files = (folder.app_database, folder.metrics_database)
        if not self.installation.store.address.is_sqlite:
            return "PostgreSQL"
        found = [path for file in files for path in (file, file.with_name(f"{file.name}-wal")) if path.exists()]
        return f"SQLite {words.size(sum(path.stat().st_size for path in found))}"
