"""The Amazon EC2 driver: instances, snapshots, reverse DNS names and the catalogue behind the compute contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from backend.core.errors import NotFound
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import record
from backend.core.rest.wire import carried_out
from backend.core.secrets.values import Secret
from backend.providers.ec2 import parsing
from backend.providers.ec2.addresses import Addresses
from backend.providers.ec2.elastic import ElasticAddresses
from backend.providers.ec2.error_codes import SERVICE
from backend.providers.ec2.firewalls import SecurityGroups
from backend.providers.ec2.metrics import Metrics
from backend.providers.ec2.network import Network
from backend.providers.ec2.offers import CURRENCY, Offers, ours
from backend.providers.ec2.ordering import Ordering
from backend.providers.ec2.progress import Progress
from backend.providers.ec2.regions import everywhere, parted, together
from backend.providers.ec2.servers import Servers
from backend.providers.ec2.wire import Ec2Wire
from backend.providers.ports import (
    OUR_TAG,
    ActionState,
    Catalogue,
    Charges,
    Invoice,
    Machine,
    Order,
    PowerAction,
    Snapshot,
    TokenDetails,
    Usage,
)
from backend.providers.without_keys import WithoutLoginKeys

#: The call of a power action, what it takes, and the state that ends it. A reboot cannot be seen from outside. Amazon
#: has no call that cuts the power and restores it: its reboot cuts it when the system does not end within minutes.
POWER: dict[PowerAction, tuple[str, dict[str, Any], str]] = {
    "on": ("start_instances", {}, "power:running"),
    "off": ("stop_instances", {"Force": True, "SkipOsShutdown": True}, "power:stopped"),
    "shutdown": ("stop_instances", {}, "power:stopped"),
    "reboot": ("reboot_instances", {}, "reboot:"),
    "power_cycle": ("reboot_instances", {}, "reboot:"),
}


class Ec2(WithoutLoginKeys):
    """A :class:`backend.providers.ports.ComputeProvider` for one access key, in all regions of its account.

    Ids are a region and Amazon's number with a slash between. The id of an action says what to look for:
    ``power:running``, ``reboot:``, ``resize:`` and the plan, ``snapshot:`` and its number, ``restore:`` and the number
    of the task, ``reverse:`` and the address, ``assign:`` and the number of the address, ``unassign:``.
    """

    kind = "ec2"
    repeats_orders = True

    def __init__(self, token: Secret, *, endpoint_url: str | None = None) -> None:
        self._wire = Ec2Wire(token, endpoint_url=endpoint_url)
        self._offers = Offers(self._wire)
        self._servers = Servers(self._wire, self._offers)
        network = Network(self._wire)
        self._ordering = Ordering(self._wire, self._offers, network)
        self._addresses = Addresses(self._wire)
        self.reserved = ElasticAddresses(self._wire, self._offers, self._servers, self._addresses)
        self.firewalls = SecurityGroups(self._wire, self._offers, self._servers, network)
        self._progress = Progress(self._wire, self._servers, self._addresses, self.reserved)
        self._metrics = Metrics(self._wire)

    def close(self) -> None:
        self._wire.close()

    def verify(self) -> TokenDetails:
        found = self._wire.call("get_caller_identity", service="sts")
        return TokenDetails(str(found.get("Arn") or found.get("Account") or ""))

    def catalogue(self) -> Catalogue:
        return self._offers.catalogue()

    def create(self, order: Order) -> Machine:
        """Amazon takes a repeated order for the same while it carries the same intent."""
        return self._servers.new(order.region, self._ordering.place(order), ours().disk_gb)

    def find(self, intent: UUID) -> Sequence[Machine]:
        tag = {f"tag:{parsing.INTENT_KEY}": str(intent)}
        return everywhere(self._offers.regions(), lambda region: self._servers.within(region, **tag))

    def get(self, machine_id: str) -> Machine:
        return self._servers.machine(machine_id)

    def machines(self) -> Sequence[Machine]:
        return everywhere(self._offers.regions(), self._servers.within)

    def delete(self, machine_id: str) -> None:
        with suppress(NotFound):
            region, number = parted(machine_id)
            self._wire.call("terminate_instances", region, InstanceIds=[number])

    def power(self, machine_id: str, action: PowerAction) -> ActionState:
        call, details, action_id = POWER[action]
        region, number = parted(machine_id)
        self._wire.call(call, region, InstanceIds=[number], **details)
        return ActionState(action_id, "done" if action_id == "reboot:" else "running")

    def action(self, machine_id: str, action_id: str) -> ActionState:
        return self._progress.of(machine_id, action_id)

    def resize(self, machine_id: str, plan: str, *, grow_disk: bool) -> ActionState:  # noqa: ARG002 - plans have none
        """The server must be off. Its disk belongs to no plan and stays as it is."""
        region, number = parted(machine_id)
        self._wire.call("modify_instance_attribute", region, InstanceId=number, InstanceType={"Value": plan})
        return ActionState(f"resize:{plan}", "running")

    def take_snapshot(self, machine_id: str, name: str) -> ActionState:
        region, number = parted(machine_id)
        volume = parsing.root_volume(self._servers.instance(machine_id))
        if volume is None:
            raise refusals.refused(SERVICE, _("the server has no disk to take a snapshot of"), "")
        tags = parsing.amazons_form(name, [OUR_TAG], **{parsing.SERVER_KEY: number})
        answer = self._wire.call(
            "create_snapshot",
            region,
            VolumeId=volume,
            Description=name,
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
        )
        with carried_out():
            made = record(SERVICE, answer, "SnapshotId")
        return ActionState(f"snapshot:{made['SnapshotId']}", "running")

    def snapshots(self) -> Sequence[Snapshot]:
        return everywhere(self._offers.regions(), self._snapshots_in)

    def restore(self, machine_id: str, snapshot_id: str) -> ActionState:
        """The server must be on; it starts anew from its snapshot by itself, and its old disk is deleted."""
        words = _("The snapshot is in {place}, the server is in {region}.")
        region, snapshot, number = together(snapshot_id, machine_id, words)
        answer = self._wire.call(
            "create_replace_root_volume_task",
            region,
            InstanceId=number,
            SnapshotId=snapshot,
            DeleteReplacedRootVolume=True,
        )
        with carried_out():
            task = record(SERVICE, answer.get("ReplaceRootVolumeTask"), "ReplaceRootVolumeTaskId")
        return ActionState(f"restore:{task['ReplaceRootVolumeTaskId']}", "running")

    def delete_snapshot(self, snapshot_id: str) -> None:
        try:
            region, number = parted(snapshot_id)
            self._wire.call("delete_snapshot", region, SnapshotId=number)
        except NotFound:
            return

    def reverse_names(self, machine_id: str) -> Mapping[str, str | None]:
        return self._addresses.names(parted(machine_id)[0], self._servers.instance(machine_id))

    def set_reverse(self, machine_id: str, ip: str, name: str) -> ActionState:
        self._addresses.rename(parted(machine_id)[0], self._servers.instance(machine_id), ip, name)
        return ActionState(f"reverse:{ip}", "running")

    def usage(self, machine_id: str) -> Usage:
        """CloudWatch itself knows of no server whether it is there."""
        self._servers.instance(machine_id)
        return self._metrics.usage(machine_id)

    def charges(self) -> Charges:
        """Not asked: Amazon takes money for each look at what is owed."""
        return Charges(None, None, CURRENCY, "not asked: Cost Explorer charges for each call")

    def invoices(self) -> Sequence[Invoice]:
        """Not asked: that takes rights to bills, which the recipe of the key does without."""
        return []

    def _snapshots_in(self, region: str) -> list[Snapshot]:
        found = self._wire.pages("describe_snapshots", region, "Snapshots", OwnerIds=["self"])
        return [parsing.snapshot(region, raw) for raw in found]
