"""What the inventory needs of a person: orphaned resources are billed until somebody removes them."""

from __future__ import annotations

from collections.abc import Iterator

from backend.attention import Asked, Need
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.inventory.queries import Orphans
from backend.store.scope import AGENCY


def needs(asked: Asked) -> Iterator[Need]:
    """One for all orphans, which are the agency's."""
    orphans = asked.ask(Orphans(asked.features)).orphans if asked.scope.covers(AGENCY) else ()
    if orphans:
        title = ngettext("{n} orphaned resource", "{n} orphaned resources", len(orphans)).format(
            n=words.number(len(orphans))
        )
        detail = _("Created by Mailyard at a provider but no longer used here. Some of it is billed.")
        oldest = min(row.found_at for row in orphans)
        yield Need("orphans", None, Status.WARNING, title, detail, "", oldest, _("Open"))
