"""Firewalls: security groups of our own beside the one new servers stand in, each in the network of a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backend.core.errors import NotFound
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import record
from backend.core.rest.wire import carried_out
from backend.providers.ec2 import rules
from backend.providers.ec2.error_codes import SERVICE
from backend.providers.ec2.network import GROUP, Network, made_group
from backend.providers.ec2.offers import Offers, filters
from backend.providers.ec2.parsing import amazons_form, tags
from backend.providers.ec2.regions import everywhere, joined, parted, together
from backend.providers.ec2.servers import Servers
from backend.providers.ec2.wire import Ec2Wire
from backend.providers.network import Allowed, Firewall
from backend.providers.ports import OUR_TAG
from backend.wires.aws.wire import Answer


class SecurityGroups:
    """A :class:`backend.providers.network.Firewalls`. Thread-safe.

    A server has as many groups as one likes, and what any of them lets in gets in: one of ours takes the place of all.
    """

    def __init__(self, wire: Ec2Wire, offers: Offers, servers: Servers, network: Network) -> None:
        self._wire = wire
        self._offers = offers
        self._servers = servers
        self._network = network

    def all(self) -> Sequence[Firewall]:
        return everywhere(self._offers.regions(), self._within)

    def make(self, machine_id: str, name: str, allowed: Sequence[Allowed]) -> str:  # noqa: ARG002 - calls of their own
        """Amazon refuses a second one of a name in a network, and names that begin with ``sg-``."""
        if name == GROUP:
            raise refusals.refused(SERVICE, _("{name} is the security group of new servers").format(name=name), "")
        region = parted(machine_id)[0]
        network = str(record(SERVICE, self._servers.instance(machine_id), "VpcId")["VpcId"])
        answer = made_group(self._wire, region, network, name, amazons_form(name, [OUR_TAG]))
        with carried_out():
            return joined(region, str(record(SERVICE, answer, "GroupId")["GroupId"]))

    def set_rules(self, firewall_id: str, allowed: Sequence[Allowed]) -> None:
        region, number = parted(firewall_id)
        answer = self._wire.call("describe_security_groups", region, GroupIds=[number])
        known = {rule for group in self._wire.listed(answer, "SecurityGroups") for rule in rules.known(group)}
        wanted = rules.wanted(allowed)
        self._send("authorize_security_group_ingress", region, number, wanted - known)
        self._send("revoke_security_group_ingress", region, number, known - wanted)

    def attach(self, firewall_id: str, machine_id: str) -> None:
        """In place of the groups that Mailyard made.

        :raises Refused: it is in another region.
        :raises ProviderRefused: the server stands in a group of somebody else's, which we would not give back.
        """
        words = _("The firewall is in {place}, the server is in {region}.")
        region, number, server = together(firewall_id, machine_id, words)
        held = _groups(self._servers.instance(machine_id))
        if held != [number]:
            self._check_ours(region, [each for each in held if each != number])
            self._give(region, server, [number])

    def detach(self, firewall_id: str, machine_id: str) -> None:
        """A server cannot be without a group: where no other is attached to it, the one for new servers does again."""
        try:
            number, held = parted(firewall_id)[1], _groups(self._servers.instance(machine_id))
        except NotFound:
            return
        if number in held:
            region, server = parted(machine_id)
            self._give(region, server, [each for each in held if each != number] or [self._network.group(region)])

    def delete(self, firewall_id: str) -> None:
        """One before a server on its way out cannot be deleted yet."""
        try:
            region, number = parted(firewall_id)
            self._wire.call("delete_security_group", region, GroupId=number)
        except NotFound:
            return

    def _check_ours(self, region: str, numbers: Sequence[str]) -> None:
        if not numbers:
            return
        answer = self._wire.call("describe_security_groups", region, GroupIds=list(numbers))
        for group in self._wire.listed(answer, "SecurityGroups"):
            if OUR_TAG not in tags(group):
                name = str(group.get("GroupName") or group.get("GroupId"))
                raise refusals.refused(SERVICE, _("the server also belongs to {name}").format(name=name), "not ours")

    def _within(self, region: str) -> list[Firewall]:
        marked = filters(tag_key=OUR_TAG)
        listed = self._wire.pages("describe_security_groups", region, "SecurityGroups", Filters=marked)
        groups = [record(SERVICE, raw, "GroupId") for raw in listed if raw.get("GroupName") != GROUP]
        attached = self._attached(region) if groups else []
        return [_firewall(region, raw, attached) for raw in groups]

    def _attached(self, region: str) -> list[tuple[str, list[str]]]:
        """Servers and their groups, those on their way out too: Amazon shows no groups of one that is gone."""
        listed = self._wire.pages("describe_instances", region, "Reservations")
        found = [record(SERVICE, raw, "InstanceId") for each in listed for raw in each.get("Instances") or ()]
        return [(joined(region, str(raw["InstanceId"])), _groups(raw)) for raw in found]

    def _send(self, operation: str, region: str, number: str, changes: Iterable[rules.Rule]) -> None:
        if permissions := rules.permissions(changes):
            self._wire.call(operation, region, GroupId=number, IpPermissions=permissions)

    def _give(self, region: str, server: str, groups: list[str]) -> None:
        self._wire.call("modify_instance_attribute", region, InstanceId=server, Groups=groups)


def _firewall(region: str, raw: Answer, attached: Sequence[tuple[str, list[str]]]) -> Firewall:
    number = str(raw["GroupId"])
    return Firewall(
        id=joined(region, number),
        name=str(raw.get("GroupName") or number),
        allowed=rules.allowed(rules.known(raw)),
        machine_ids=tuple(server for server, groups in attached if number in groups),
    )


def _groups(instance: Mapping[str, Any]) -> list[str]:
    return [str(each.get("GroupId")) for each in instance.get("SecurityGroups") or ()]
