"""Instances with what belongs to them: the size of their plan and of the disk they start from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.core.errors import NotFound
from backend.core.present.text import _
from backend.core.rest.values import record, sized
from backend.providers.ec2 import parsing
from backend.providers.ec2.error_codes import SERVICE
from backend.providers.ec2.offers import Offers, filters
from backend.providers.ec2.regions import parted
from backend.providers.ec2.wire import Ec2Wire
from backend.providers.ports import Machine
from backend.wires.aws.wire import Answer


class Servers:
    """Reads instances, by two calls a region at most however many there are. Thread-safe."""

    def __init__(self, wire: Ec2Wire, offers: Offers) -> None:
        self._wire = wire
        self._offers = offers

    def instance(self, machine_id: str) -> Answer:
        """Amazon's own record.

        :raises NotFound: it is gone, or on its way out.
        """
        region, number = parted(machine_id)
        answer = self._wire.call("describe_instances", region, InstanceIds=[number])
        for found in parsing.instances(self._wire.listed(answer, "Reservations")):
            return found
        raise NotFound(_("{service} no longer has this resource.").format(service=SERVICE), detail="terminated")

    def machine(self, machine_id: str) -> Machine:
        """:raises NotFound: it is gone, or on its way out."""
        region, number = parted(machine_id)
        instance = self.instance(machine_id)
        return self._row(region, instance, self._disks(region, **{"attachment.instance-id": number}))

    def new(self, region: str, instance: Mapping[str, Any], disk_gb: int) -> Machine:
        """One just ordered: its disk is not made yet."""
        plan = str(instance.get("InstanceType") or "")
        return parsing.machine(region, instance, self._offers.sizes(region, []).get(plan), disk_gb)

    def within(self, region: str, **wanted: str) -> list[Machine]:
        """All in a region that fit the filters."""
        found = self._wire.pages("describe_instances", region, "Reservations", Filters=filters(**wanted))
        instances = parsing.instances(found)
        if not instances:
            return []
        disks = self._disks(region)
        self._offers.sizes(region, {str(each.get("InstanceType") or "") for each in instances})
        return [self._row(region, instance, disks) for instance in instances]

    def _row(self, region: str, instance: Mapping[str, Any], disks: Mapping[str, int]) -> Machine:
        plan = str(instance.get("InstanceType") or "")
        size = self._offers.sizes(region, [plan]).get(plan)
        return parsing.machine(region, instance, size, disks.get(parsing.root_volume(instance) or "", 0))

    def _disks(self, region: str, **wanted: str) -> dict[str, int]:
        """Sizes in GB by number of the volume."""
        found = self._wire.pages("describe_volumes", region, "Volumes", Filters=filters(**wanted))
        return {str(record(SERVICE, raw, "VolumeId")["VolumeId"]): sized(raw.get("Size")) for raw in found}
