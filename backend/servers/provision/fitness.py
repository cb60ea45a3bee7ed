"""Whether a plan can carry the mail server, before any money is spent."""

from __future__ import annotations

from backend.core.present.status import Status
from backend.core.present.text import _

# One step above Mailu's own minimum (its requirements page): a resize costs downtime
LEAST_MB, WITH_ANTIVIRUS_MB = 2048, 4096


def memory_fitness(memory_mb: int) -> tuple[Status, str]:
    """Verdict and reason for a plan's memory."""
    if memory_mb < LEAST_MB:
        return Status.CRITICAL, _("Not enough memory: the mail server needs 2 GB.")
    if memory_mb < WITH_ANTIVIRUS_MB:
        return Status.OK, _("Sufficient without antivirus; with antivirus 4 GB are needed.")
    return Status.OK, _("Sufficient, with antivirus too.")
