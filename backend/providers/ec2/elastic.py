"""Elastic IP addresses: one takes the place of the address that a server has by itself, and stays the account's."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from backend.core.errors import NotFound
from backend.core.present.text import _
from backend.core.rest.values import record
from backend.core.rest.wire import carried_out
from backend.providers.ec2.addresses import Addresses
from backend.providers.ec2.error_codes import SERVICE
from backend.providers.ec2.offers import CURRENCY, Offers, ours
from backend.providers.ec2.parsing import NAME_KEY, amazons_form, tags
from backend.providers.ec2.regions import everywhere, joined, parted, together
from backend.providers.ec2.servers import Servers
from backend.providers.ec2.wire import Ec2Wire
from backend.providers.network import ReservedAddress
from backend.providers.ports import OUR_TAG, ActionState
from backend.wires.aws.wire import Answer

#: $0.005, at a server or at none, in every region, since 2024-02-01 (https://aws.amazon.com/vpc/pricing/, as of
#: 2026-11-25). One out of a range that somebody brought to Amazon costs nothing there.
HOURLY_MICRO = 5_000
AMAZONS_POOL = "amazon"


class ElasticAddresses:
    """A :class:`backend.providers.network.ReservedAddresses`. Thread-safe."""

    def __init__(self, wire: Ec2Wire, offers: Offers, servers: Servers, names: Addresses) -> None:
        self._wire = wire
        self._offers = offers
        self._servers = servers
        self._names = names

    def all(self) -> Sequence[ReservedAddress]:
        return everywhere(self._offers.regions(), self._within)

    def reserve(self, machine_id: str, name: str) -> ReservedAddress:
        """In the server's region, at no server yet. :raises NotFound: the server is gone; nothing is reserved."""
        region = parted(machine_id)[0]
        self._servers.instance(machine_id)
        tags = amazons_form(name, [OUR_TAG])
        tagged = [{"ResourceType": "elastic-ip", "Tags": tags}]
        answer = self._wire.call("allocate_address", region, Domain="vpc", TagSpecifications=tagged)
        with carried_out():
            return _address(region, {**answer, "Tags": tags})

    def assign(self, address_id: str, machine_id: str) -> ActionState:
        """The server's own address is lost; an Elastic IP address that it had is held on. Given to something that is
        no server, it is not taken from there.

        :raises Refused: it is in another region.
        """
        words = _("The address is in {place}, the server is in {region}.")
        region, number, server = together(address_id, machine_id, words)
        found, action_id = self._one(region, number), f"assign:{number}"
        if found.get("InstanceId") == server:
            return ActionState(action_id, "done")
        may_take = bool(found.get("InstanceId") or not found.get("AssociationId"))
        given: Answer = {"AllocationId": number, "InstanceId": server, "AllowReassociation": may_take}
        self._wire.call("associate_address", region, **given)
        return ActionState(action_id, "running")

    def unassign(self, address_id: str) -> ActionState:
        """A server that is on gets another address of its own within minutes, one that is off when it starts."""
        region, number = parted(address_id)
        self._take(region, self._one(region, number))
        return ActionState("unassign:", "done")

    def release(self, address_id: str) -> None:
        """Its server loses it. Amazon releases none that has a reverse DNS name, so that is taken from it first.

        :raises ProviderUnavailable: it still has one; later it will do.
        """
        region, number = parted(address_id)
        with suppress(NotFound):
            found = self._one(region, number)
            self._names.forget(region, number)
            self._take(region, found)
            self._wire.call("release_address", region, AllocationId=number)

    def action(self, machine_id: str, number: str) -> ActionState:
        """How far it is that a server gets an address."""
        region, server = parted(machine_id)
        action_id = f"assign:{number}"
        try:
            owner = self._one(region, number).get("InstanceId")
        except NotFound as error:
            return ActionState(action_id, "failed", error.title, is_unknown=True)
        if owner and owner != server:
            return ActionState(action_id, "failed", _("It is assigned to another server."))
        return ActionState(action_id, "done" if owner else "running")

    def _within(self, region: str) -> list[ReservedAddress]:
        """The call knows no pages."""
        listed = self._wire.listed(self._wire.call("describe_addresses", region), "Addresses")
        return [_address(region, raw) for raw in listed]

    def _one(self, region: str, number: str) -> Answer:
        answer = self._wire.call("describe_addresses", region, AllocationIds=[number])
        for found in self._wire.listed(answer, "Addresses"):
            return found
        raise NotFound(_("{service} no longer has this resource.").format(service=SERVICE), detail="not listed")

    def _take(self, region: str, found: Answer) -> None:
        """From the server that has it, if any."""
        if found.get("InstanceId"):
            number = str(record(SERVICE, found, "AssociationId")["AssociationId"])
            with suppress(NotFound):  # the server is gone meanwhile
                self._wire.call("disassociate_address", region, AssociationId=number)


def _address(region: str, raw: Any) -> ReservedAddress:
    """:raises BadResponse: it is none."""
    found = record(SERVICE, raw, "AllocationId", "PublicIp")
    server = found.get("InstanceId")
    is_amazons = found.get("PublicIpv4Pool") in (AMAZONS_POOL, None)
    return ReservedAddress(
        id=joined(region, str(found["AllocationId"])),
        ip=str(found["PublicIp"]),
        region=region,
        name=tags(found).get(NAME_KEY, ""),
        machine_id=joined(region, str(server)) if server else None,
        monthly_micro=HOURLY_MICRO * ours().hours_a_month if is_amazons else None,
        currency=CURRENCY,
    )
