"""The Hostwinds driver: servers, reverse DNS names and the catalogue behind the compute contract."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from backend.core.errors import NotFound, OutcomeUnknown, Refused
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.secrets.values import Secret
from backend.providers.capabilities import clouds, demand, refuse
from backend.providers.hostwinds import labels, parsing
from backend.providers.hostwinds.offers import Offers
from backend.providers.hostwinds.upgrades import ORDERED, SETTLED, Upgrades, locked, looked_after
from backend.providers.hostwinds.wire import SERVICE, HostwindsWire
from backend.providers.network import NoFirewalls, NoReservedAddresses
from backend.providers.ports import (
    ActionState,
    Catalogue,
    Charges,
    Invoice,
    Machine,
    MachineIdentity,
    Order,
    PowerAction,
    Snapshot,
    TokenDetails,
    Usage,
    intent_tag,
    intents_in,
)
from backend.providers.without_keys import WithoutLoginKeys

KIND = "hostwinds"
#: The call of a power action and the power that ends it; no call cuts the power.
POWER: dict[PowerAction, tuple[str, str]] = {
    "on": ("boot", "on"),
    "shutdown": ("shutdown", "off"),
    "reboot": ("reboot", "on"),
}
#: An order is answered without a number: how often, and how long apart, we look for the server it made.
LOOKS, LOOK_PAUSE_S = 5, 1.0


class Hostwinds(WithoutLoginKeys):
    """A :class:`backend.providers.ports.ComputeProvider` for one key, with
    :class:`backend.providers.ports.PaidResize` and :class:`backend.providers.ports.BoundContact`.

    Hostwinds has no actions to ask about. The id of one says what to look for: ``power:on`` or ``off``, ``resize:`` and
    the plan, ``settle:keep`` or ``revert``, ``reverse:`` and the address.
    """

    kind = KIND
    repeats_orders = False

    def __init__(self, token: Secret, *, endpoint_url: str | None = None) -> None:
        self._wire = HostwindsWire(token, endpoint_url=endpoint_url)
        self._offers = Offers(self._wire)
        self._upgrades = Upgrades(self._wire, self._offers)
        self.reserved = NoReservedAddresses(KIND)
        self.firewalls = NoFirewalls(KIND)

    def close(self) -> None:
        self._wire.close()

    def verify(self) -> TokenDetails:
        """No call names the account; its number stands with each server."""
        holders = [found.holder for found in self._instances() if found.holder]
        holder = _("Hostwinds account {number}").format(number=holders[0]) if holders else _("Hostwinds account")
        return TokenDetails(holder)

    def catalogue(self) -> Catalogue:
        return self._offers.catalogue()

    def create(self, order: Order) -> Machine:
        """The label carries the intent: it alone finds the server, for the answer does not name it."""
        intent = (*intents_in(order.tags), uuid4())[0]
        self._wire.order(
            "add_instance",
            template=order.image,
            rid=order.plan,
            location_id=order.region,
            qty=1,
            srvrname=labels.written(order.name, intent),
            billingcycle="monthly",
        )
        with looked_after():
            for look in range(LOOKS):
                if look:
                    time.sleep(LOOK_PAUSE_S)
                for made in self.find(intent):
                    return made
        raise OutcomeUnknown(
            _("Hostwinds accepted the order but does not list the server yet."),
            remedy=_("Mailyard checks whether the request was carried out before it retries."),
        )

    def find(self, intent: UUID) -> Sequence[Machine]:
        tag = intent_tag(intent)
        return [machine for machine in self.machines() if tag in machine.tags]

    def get(self, machine_id: str) -> Machine:
        return self._machine(self._instance(machine_id))

    def machines(self) -> Sequence[Machine]:
        """The list comes whole: this call knows no pages."""
        return [self._machine(found) for found in self._instances()]

    def delete(self, machine_id: str) -> None:
        try:
            if self._instance(machine_id).is_locked:
                raise locked()
            self._wire.order("terminate", serviceid=machine_id)
        except NotFound:
            return

    def power(self, machine_id: str, action: PowerAction) -> ActionState:
        demand(KIND, "power")
        if action not in POWER:
            note = _(clouds()[KIND].cells["power"].note)
            raise Refused(
                _("{provider} cannot do this: {reason}").format(provider=SERVICE, reason=note),
                remedy=_("Shut the server down, or reboot it."),
            )
        call, ends_as = POWER[action]
        self._wire.order(call, serviceid=machine_id)
        return ActionState(f"power:{ends_as}", "running")

    def action(self, machine_id: str, action_id: str) -> ActionState:
        kind, _colon, about = action_id.partition(":")
        if kind == "reverse":
            return ActionState(action_id, "done")
        found = self._instance(machine_id)
        if kind == ORDERED:
            return self._upgrades.stage(found, action_id)
        if found.status == "ERROR":
            return ActionState(action_id, "failed", found.status)
        is_done = found.is_at_rest and (kind == SETTLED or self._machine(found).power == about)
        return ActionState(action_id, "done" if is_done else "running")

    def resize(self, machine_id: str, plan: str, *, grow_disk: bool) -> ActionState:  # noqa: ARG002 - no choice here
        """The disk grows with the plan; the order waits for its invoice to be paid."""
        return self._upgrades.order(self._instance(machine_id), plan)

    def ordered(self, plan: str) -> str:
        return f"{ORDERED}:{plan}"

    def continue_resize(self, machine_id: str, action_id: str) -> ActionState:
        return self._upgrades.apply(self._instance(machine_id), action_id)

    def settle_resize(self, machine_id: str, *, keep: bool) -> ActionState:
        return self._upgrades.settle(self._instance(machine_id), keep=keep)

    def take_snapshot(self, _machine_id: str, _name: str) -> ActionState:
        refuse(KIND, "snapshot")

    def snapshots(self) -> Sequence[Snapshot]:
        return []

    def restore(self, _machine_id: str, _snapshot_id: str) -> ActionState:
        refuse(KIND, "restore")

    def delete_snapshot(self, _snapshot_id: str) -> None:
        refuse(KIND, "snapshot")

    def reverse_names(self, machine_id: str) -> Mapping[str, str | None]:
        """Hostwinds does not tell them."""
        return dict.fromkeys(self._addresses(machine_id))

    def set_reverse(self, machine_id: str, ip: str, name: str) -> ActionState:
        """Whether Hostwinds looks whose the address is, is not documented: we do."""
        if ip not in self._addresses(machine_id):
            raise refusals.refused(SERVICE, _("{ip} is not an address of this server").format(ip=ip), "")
        self._wire.order("set_rdns", serviceid=machine_id, ip=ip, rdns=name)
        return ActionState(f"reverse:{ip}", "done")

    def usage(self, machine_id: str) -> Usage:
        return parsing.usage(self._instance(machine_id), datetime.now(UTC))

    def charges(self) -> Charges:
        """No call tells them."""
        return Charges(None, None, parsing.CURRENCY, "not told by the Hostwinds API")

    def invoices(self) -> Sequence[Invoice]:
        """No call lists them."""
        return []

    def enter(self, machine_id: str, meet: Callable[[str, Secret, MachineIdentity], str]) -> str:
        raw, password = self._wire.ask_with_password("get_instance", serviceid=machine_id)
        found = parsing.instance(raw)
        if password is None or not found.ipv4:
            raise refusals.busy(SERVICE, found.status)
        return meet(found.ipv4[0], password, found.identity())

    def _instances(self) -> list[parsing.Instance]:
        return parsing.instances(self._wire.ask("get_instances"))

    def _instance(self, machine_id: str) -> parsing.Instance:
        """:raises NotFound: it is gone, also where it is still shown as deleted."""
        found = parsing.instance(self._wire.ask("get_instance", serviceid=machine_id))
        if found.is_gone:
            raise NotFound(_("{service} no longer has this resource.").format(service=SERVICE), detail=found.status)
        return found

    def _machine(self, found: parsing.Instance) -> Machine:
        return parsing.machine(found, self._offers.plan_of(found))

    def _addresses(self, machine_id: str) -> tuple[str, ...]:
        """All of a server's, those beside the main one included."""
        found = self._instance(machine_id)
        more = parsing.addresses_of(self._wire.ask("get_instance_ips", serviceid=machine_id))
        return tuple(dict.fromkeys((*found.ipv4, *found.ipv6, *more)))
