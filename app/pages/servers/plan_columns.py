"""The columns of the plan tables: of a new server, and of another size."""

from __future__ import annotations

from backend.accounts.queries import PlanOffer
from backend.core.present import format as words
from backend.core.present.text import _
from backend.servers.provision.fitness import LEAST_MB, memory_fitness
from widgets.record_columns import monthly_column
from widgets.record_model import Column


def plan_columns(first: int = 170) -> tuple[Column[PlanOffer], ...]:
    """A plan that cannot carry the mail server is muted and says why; ``first`` is how wide its name is at least."""
    return (
        Column(
            _("Plan"),
            text=lambda plan: plan.slug,
            is_muted=lambda plan: plan.memory_mb < LEAST_MB,
            tooltip=lambda plan: f"{plan.slug}\n{memory_fitness(plan.memory_mb)[1]}",
            width=first,
        ),
        Column(
            _("vCPU"),
            text=lambda plan: words.number(plan.vcpus),
            sort=lambda plan: plan.vcpus,
            is_number=True,
        ),
        Column(
            _("Memory GB"),
            text=lambda plan: words.gigabytes(plan.memory_mb),
            sort=lambda plan: plan.memory_mb,
            is_number=True,
        ),
        Column(
            _("Disk GB"),
            text=lambda plan: words.number(plan.disk_gb),
            sort=lambda plan: plan.disk_gb,
            is_number=True,
        ),
        monthly_column(lambda plan: plan.monthly_micro, lambda plan: plan.currency),
    )
