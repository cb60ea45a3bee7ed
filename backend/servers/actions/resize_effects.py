"""What another plan means for a server, beside its price: told before it is asked for, and when it is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.core.present import format as words
from backend.core.present.text import _
from backend.engine.plan import Effect
from backend.providers.capabilities import Cloud, clouds
from backend.servers.provision.fitness import memory_fitness


@dataclass(frozen=True)
class PlanChange:
    """``brings_disk``: the plan has a disk of its own, which may be larger; ``grow_disk``: the person wants that."""

    provider: str
    disk_gb: int
    new_disk_gb: int
    new_memory_mb: int
    brings_disk: bool
    grow_disk: bool

    @property
    def could_grow(self) -> bool:
        return self.brings_disk and self.new_disk_gb > self.disk_gb


def effects_of_resize(change: PlanChange) -> tuple[Effect, ...]:
    """Payment, disk and address where they are touched; then downtime, mail, memory, and whether it can be undone."""
    cloud = clouds()[change.provider]
    is_final = change.could_grow and (change.grow_disk or not cloud.can("disk_choice"))
    back = _("A larger disk cannot be shrunk.") if is_final else _(cloud.cells["resize_back"].note)
    return (
        *_touched(cloud, change),
        Effect(_("Downtime"), _("some minutes"), _(cloud.cells["resize_while_on"].note)),
        Effect(_("Mail"), _("none lost"), _("Senders retry for days; mail cannot be read in the meantime.")),
        Effect(_("Memory"), words.data_size(change.new_memory_mb), memory_fitness(change.new_memory_mb)[1]),
        Effect(_("Reversible"), _way_back(cloud, is_final=is_final), back),
    )


def address_effects(provider: str) -> tuple[Effect, ...]:
    """Where a stop takes the address away, everything that names it is wrong afterwards."""
    kept = clouds()[provider].cells["address_kept"]
    return (Effect(_("Address"), _("lost"), _(kept.note), is_loss=True),) if kept.can == "no" else ()


def _touched(cloud: Cloud, change: PlanChange) -> Iterator[Effect]:
    """What not every provider does: an invoice first, a disk that grows unasked, an address that goes."""
    if cloud.can("resize_in_stages"):
        yield Effect(_("Payment"), _("by you"), _(cloud.cells["resize_in_stages"].note))
    choice = cloud.cells["disk_choice"]
    if change.could_grow and choice.can == "no":
        yield Effect(_("Disk"), _("grows"), _(choice.note))
    if not cloud.can("resize_while_on"):
        yield from address_effects(cloud.kind)


def _way_back(cloud: Cloud, *, is_final: bool) -> str:
    answers = {"yes": _("yes"), "partly": _("maybe")}
    return _("no") if is_final else answers.get(cloud.cells["resize_back"].can, _("no"))
