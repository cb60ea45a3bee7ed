"""Amazon's answers as our rows: unknown fields are read past, unknown words become *unknown*."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from backend.core.rest.values import moment, record, share, sized
from backend.providers.ec2.error_codes import SERVICE
from backend.providers.ec2.offers import CURRENCY, Size
from backend.providers.ec2.regions import joined
from backend.providers.ports import OUR_TAG, ActionState, Machine, MachineState, Power, Snapshot

#: A tag of the contract is a key of EC2; what stands behind the last colon of this one is its value.
INTENT_KEY = f"{OUR_TAG}:intent"
NAME_KEY, SERVER_KEY = "Name", f"{OUR_TAG}:server"

STATES: dict[str, tuple[MachineState, Power]] = {
    "pending": ("creating", "unknown"),
    "running": ("active", "on"),
    "stopping": ("unknown", "unknown"),
    "stopped": ("off", "off"),
    "shutting-down": ("gone", "off"),
    "terminated": ("gone", "off"),
}


def instances(answers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The instances of reservations that are not on their way out: a terminated one is listed for an hour more.

    :raises BadResponse: one has no id.
    """
    found = [raw for answer in answers for raw in answer.get("Instances") or ()]
    return [raw for raw in found if state_of(record(SERVICE, raw, "InstanceId"))[0] != "gone"]


def state_of(instance: Mapping[str, Any]) -> tuple[MachineState, Power]:
    return STATES.get(str((instance.get("State") or {}).get("Name")), ("unknown", "unknown"))


def machine(region: str, raw: Any, size: Size | None, disk_gb: int) -> Machine:
    """``size`` is that of its plan, ``disk_gb`` that of its root volume.

    :raises BadResponse: it has no id: not an instance.
    """
    instance = record(SERVICE, raw, "InstanceId")
    state, power = state_of(instance)
    named, plan = tags(instance), str(instance.get("InstanceType") or "")
    return Machine(
        id=joined(region, str(instance["InstanceId"])),
        name=named.get(NAME_KEY) or str(instance["InstanceId"]),
        region=region,
        plan=plan,
        state=state,
        power=power,
        ipv4=public_ipv4(instance),
        ipv6=ipv6(instance),
        tags=our_form(named),
        vcpus=_vcpus(instance) or (size.vcpus if size else 0),
        memory_mb=size.memory_mb if size else 0,
        disk_gb=disk_gb,
        image=str(instance.get("ImageId") or ""),
        currency=CURRENCY,
        created_at=when(instance.get("LaunchTime")),
    )


def root_volume(instance: Mapping[str, Any]) -> str | None:
    """The id of the volume it starts from; None while there is none."""
    for disk in instance.get("BlockDeviceMappings") or ():
        if disk.get("DeviceName") == instance.get("RootDeviceName"):
            return str((disk.get("Ebs") or {}).get("VolumeId") or "") or None
    return None


def public_ipv4(instance: Mapping[str, Any]) -> tuple[str, ...]:
    """Each once, the main one first."""
    cards = instance.get("NetworkInterfaces") or ()
    every = [each for card in cards for each in card.get("PrivateIpAddresses") or ()]
    further = [(each.get("Association") or {}).get("PublicIp") for each in every]
    return tuple(dict.fromkeys(str(ip) for ip in (instance.get("PublicIpAddress"), *further) if ip))


def ipv6(instance: Mapping[str, Any]) -> tuple[str, ...]:
    cards = instance.get("NetworkInterfaces") or ()
    found = [each.get("Ipv6Address") for card in cards for each in card.get("Ipv6Addresses") or ()]
    return tuple(dict.fromkeys(str(ip) for ip in (instance.get("Ipv6Address"), *found) if ip))


def tags(raw: Mapping[str, Any]) -> dict[str, str]:
    """Keys and values."""
    return {str(tag.get("Key")): str(tag.get("Value") or "") for tag in raw.get("Tags") or ()}


def our_form(named: Mapping[str, str]) -> tuple[str, ...]:
    """Tags as the compute contract writes them, without those that are a name."""
    rest = {key: value for key, value in named.items() if key not in (NAME_KEY, SERVER_KEY)}
    return tuple(f"{key}:{value}" if value else key for key, value in rest.items())


def amazons_form(name: str, contract_tags: Iterable[str], **more: str) -> list[dict[str, str]]:
    """The name and the contract's tags, as EC2 takes tags."""
    named = {NAME_KEY: name, **more}
    for tag in contract_tags:
        key, _colon, value = tag.rpartition(":")
        named |= {key: value} if key == INTENT_KEY else {tag: ""}
    return [{"Key": key, "Value": value} for key, value in named.items()]


def intent_of(contract_tags: Iterable[str]) -> str | None:
    """The intent that one of the tags tells."""
    parts = (tag.rpartition(":") for tag in contract_tags)
    return next((value for key, _colon, value in parts if key == INTENT_KEY), None)


def snapshot(region: str, raw: Any) -> Snapshot:
    """The size is that of the volume: what a snapshot itself takes Amazon does not always tell."""
    found = record(SERVICE, raw, "SnapshotId")
    named = tags(found)
    server = named.get(SERVER_KEY)
    return Snapshot(
        id=joined(region, str(found["SnapshotId"])),
        name=named.get(NAME_KEY) or str(found.get("Description") or found["SnapshotId"]),
        machine_id=joined(region, server) if server else None,
        size_gb=share(found.get("VolumeSize")),
        is_ready=found.get("State") == "completed",
        created_at=when(found.get("StartTime")),
    )


def snapshot_action(action_id: str, raw: Mapping[str, Any]) -> ActionState:
    state = raw.get("State")
    if state == "completed":
        return ActionState(action_id, "done")
    if state == "error":
        return ActionState(action_id, "failed", str(raw.get("StateMessage") or ""))
    return ActionState(action_id, "running")


def restore_action(action_id: str, raw: Mapping[str, Any]) -> ActionState:
    state = str(raw.get("TaskState") or "")
    if state == "succeeded":
        return ActionState(action_id, "done")
    if state.startswith("failed"):
        return ActionState(action_id, "failed", state)
    return ActionState(action_id, "running")


def reverse_action(action_id: str, attribute: Mapping[str, Any]) -> ActionState:
    """An update that has ended leaves a record of it without a status."""
    update = attribute.get("PtrRecordUpdate") or {}
    status = str(update.get("Status") or "").upper()
    if "FAIL" in status:
        return ActionState(action_id, "failed", str(update.get("Reason") or status))
    return ActionState(action_id, "running" if status == "PENDING" else "done")


def when(value: Any) -> datetime | None:
    """botocore reads times itself where it can."""
    return moment(value.isoformat() if isinstance(value, datetime) else value)


def _vcpus(instance: Mapping[str, Any]) -> int:
    """0 where it is not told."""
    options = instance.get("CpuOptions") or {}
    return sized(sized(options.get("CoreCount")) * sized(options.get("ThreadsPerCore")))
