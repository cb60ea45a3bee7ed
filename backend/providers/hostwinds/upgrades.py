"""A larger plan in stages: ordered, paid by a person, applied, then kept or taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend.core.errors import (
    NoNetwork,
    OutcomeUnknown,
    ProviderError,
    ProviderRefused,
    Refused,
)
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.providers.hostwinds import parsing
from backend.providers.hostwinds.wire import SERVICE
from backend.providers.ports import ActionState, Invoice

if TYPE_CHECKING:
    from backend.providers.hostwinds.offers import Offers
    from backend.providers.hostwinds.parsing import Instance
    from backend.providers.hostwinds.wire import HostwindsWire

ORDERED, SETTLED = "resize", "settle"


class Upgrades:
    """The stages of one account's upgrades. An order does not name its plan, so what we ordered is remembered:
    an open order that is none of ours is never taken for one.
    """

    def __init__(self, wire: HostwindsWire, offers: Offers) -> None:
        self._wire = wire
        self._offers = offers
        self._ordered: dict[str, tuple[str, str]] = {}

    def order(self, found: Instance, plan: str) -> ActionState:
        """Order the plan, or adopt the order for it that is open already.

        :raises Refused: another order is open; its invoice is named.
        :raises ProviderRefused: the plan or the server is in no state for it.
        """
        _check(found)
        if self._offers.size_of(plan) is None:
            raise refusals.refused(SERVICE, _("{plan} is not in the price list").format(plan=plan), "")
        invoice = self._open_order(found.id)
        if invoice is not None and not self._is_ours(found.id, plan, invoice):
            raise Refused(
                _("Another change to this server is awaiting payment: invoice {number}.").format(number=invoice.number),
                remedy=_("Pay it or have it cancelled at Hostwinds, then retry."),
            )
        if invoice is None:
            invoice = self._order(found.id, plan)
        self._ordered[found.id] = (plan, invoice.number if invoice else "")
        return ActionState(f"{ORDERED}:{plan}", "unpaid" if invoice else "paid", invoice=invoice)

    def stage(self, found: Instance, action_id: str) -> ActionState:
        """How far an ordered change is, by what can be seen of it now."""
        if found.status == "ERROR":
            return ActionState(action_id, "failed", found.status)
        if found.is_being_resized:
            return ActionState(action_id, "running")
        if found.awaits_confirmation:
            return ActionState(action_id, "unconfirmed")
        if not found.is_at_rest:
            return ActionState(action_id, "running")
        invoice = self._open_order(found.id)
        if invoice is not None:
            return ActionState(action_id, "unpaid", invoice=invoice)
        plan = action_id.partition(":")[2]
        return ActionState(action_id, "done" if found.size == self._offers.known_size(plan) else "paid")

    def apply(self, found: Instance, action_id: str) -> ActionState:
        """Nothing is sent before it is paid, nor while it is under way."""
        now = self.stage(found, action_id)
        if now.state != "paid":
            return now
        self._wire.order("upgrade_server", serviceid=found.id)
        self._ordered.pop(found.id, None)
        return ActionState(action_id, "running")

    def settle(self, found: Instance, *, keep: bool) -> ActionState:
        """:raises ProviderRefused: nothing waits to be confirmed."""
        if not found.awaits_confirmation:
            raise refusals.refused(SERVICE, _("no change to this server is awaiting confirmation"), found.status)
        self._wire.order("confirm_upgrade" if keep else "revert_upgrade", serviceid=found.id)
        return ActionState(f"{SETTLED}:{'keep' if keep else 'revert'}", "running")

    def _order(self, machine_id: str, plan: str) -> Invoice | None:
        """Send it; what comes of a lost answer is ours as well, a refused order is nobody's."""
        self._ordered[machine_id] = (plan, "")
        try:
            self._wire.order("upgrade_instance", serviceid=machine_id, rid=plan)
        except OutcomeUnknown:
            raise
        except (ProviderError, NoNetwork):
            del self._ordered[machine_id]
            raise
        with looked_after():
            return self._open_order(machine_id)

    def _is_ours(self, machine_id: str, plan: str, invoice: Invoice) -> bool:
        """Whether we ordered this plan, and with this invoice where its number ever came back."""
        ordered, number = self._ordered.get(machine_id, ("", ""))
        return ordered == plan and number in ("", invoice.number)

    def _open_order(self, machine_id: str) -> Invoice | None:
        """How "there is none" is told is not documented: as nothing, or as a refusal."""
        try:
            return parsing.invoice(self._wire.ask("check_upgrade_order", serviceid=machine_id))
        except ProviderRefused:
            return None


@contextmanager
def looked_after() -> Iterator[None]:
    """Around looking at what was ordered just now: when that fails the order stands all the same.

    :raises OutcomeUnknown: in place of whatever it was.
    """
    try:
        yield
    except (ProviderError, NoNetwork) as error:
        raise OutcomeUnknown(error.title, remedy=error.remedy, detail=error.detail) from error


def _check(found: Instance) -> None:
    """:raises ProviderRefused: the server cannot be changed as it is now."""
    if found.is_suspended:
        raise ProviderRefused(
            _("Hostwinds has suspended this server."), remedy=_("Settle its invoices at Hostwinds, then retry.")
        )
    if found.is_locked:
        raise locked()
    if found.awaits_confirmation:
        raise ProviderRefused(
            _("The last change to this server is awaiting confirmation."), remedy=_("Confirm or revert it first.")
        )
    if not found.is_at_rest:
        raise refusals.busy(SERVICE, f"{found.status} {found.task}")


def locked() -> ProviderRefused:
    """A lock is set and lifted by a person."""
    return ProviderRefused(
        _("This server is locked at Hostwinds."), remedy=_("Unlock it in the Hostwinds portal, then retry.")
    )
