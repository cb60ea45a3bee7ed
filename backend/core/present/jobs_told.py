"""How many jobs there are, in the same words wherever they are counted."""

from __future__ import annotations

from backend.core.present import format as words
from backend.core.present.text import _, ngettext


def jobs_told(running: int, waiting: int) -> str:
    """What is under way, and what awaits approval: one that waits for a person is not under way."""
    parts = []
    if running:
        parts.append(ngettext("{n} job running", "{n} jobs running", running).format(n=words.number(running)))
    if waiting:
        parts.append(ngettext("{n} awaits approval", "{n} await approval", waiting).format(n=words.number(waiting)))
    return ", ".join(parts) or _("no jobs running")
