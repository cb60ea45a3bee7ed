"""The columns of the plan table in the wizard."""

from __future__ import annotations

from backend.accounts.queries import PlanOffer
from backend.core.present import format as words
from backend.core.present.text import _
from widgets.record_model import Column


def unknown_last(micro: int | None) -> tuple[bool, int]:
    """How prices are compared: one that nobody knows is not the cheapest."""
    return micro is None, micro or 0


def plan_columns() -> tuple[Column[PlanOffer], ...]:
    return (
        Column(_("Plan"), text=lambda plan: plan.slug, width=170),
        Column(
            _("vCPU"),
            text=lambda plan: words.number(plan.vcpus),
            sort=lambda plan: plan.vcpus,
            is_number=True,
            width=60,
        ),
        Column(
            _("Memory"),
            text=lambda plan: words.data_size(plan.memory_mb),
            sort=lambda plan: plan.memory_mb,
            is_number=True,
            width=78,
        ),
        Column(
            _("Disk GB"),
            text=lambda plan: words.number(plan.disk_gb),
            sort=lambda plan: plan.disk_gb,
            is_number=True,
            width=72,
        ),
        Column(
            _("Per month"),
            text=lambda plan: words.money(plan.monthly_micro, plan.currency),
            sort=lambda plan: unknown_last(plan.monthly_micro),
            is_number=True,
            width=100,
        ),
    )
