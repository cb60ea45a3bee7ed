"""A file the person asked for, at a place of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import StoreReadOnly
from backend.core.present.text import _
from backend.core.private import replace_file

if TYPE_CHECKING:
    from backend.store.query import Source


@dataclass(frozen=True)
class SavedFile:
    """Query: writes ``content`` into ``target``, off the window's thread, and answers with its path."""

    content: bytes
    target: Path
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, source: Source) -> Path:  # noqa: ARG002  # a query has a source
        """:raises StoreReadOnly: the file cannot be written there."""
        try:
            replace_file(self.target, self.content)
        except OSError as error:
            raise StoreReadOnly(
                _("The file could not be written."),
                remedy=_("Choose another folder, or free some disk space."),
                detail=str(error),
            ) from error
        return self.target
