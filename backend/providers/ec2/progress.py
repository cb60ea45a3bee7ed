"""How far an action is: Amazon has none to ask about, so the id of one says what to look for."""

from __future__ import annotations

from collections.abc import Callable

from backend.core.errors import NotFound
from backend.providers.ec2 import parsing
from backend.providers.ec2.addresses import Addresses
from backend.providers.ec2.elastic import ElasticAddresses
from backend.providers.ec2.regions import parted
from backend.providers.ec2.servers import Servers
from backend.providers.ec2.wire import Ec2Wire
from backend.providers.ports import ActionState


class Progress:
    """Looks whether what an action was to bring about has come true. Thread-safe."""

    def __init__(self, wire: Ec2Wire, servers: Servers, addresses: Addresses, elastic: ElasticAddresses) -> None:
        self._wire = wire
        self._servers = servers
        self._addresses = addresses
        self._looks: dict[str, Callable[[str, str], ActionState]] = {
            "power": self._power,
            "reboot": lambda *_about: ActionState("reboot:", "done"),
            "resize": self._resize,
            "snapshot": self._snapshot,
            "restore": self._restore,
            "reverse": self._reverse,
            "assign": elastic.action,
            "unassign": lambda *_about: ActionState("unassign:", "done"),
        }

    def of(self, machine_id: str, action_id: str) -> ActionState:
        """:raises NotFound: server or task are gone."""
        kind, _colon, about = action_id.partition(":")
        return self._looks[kind](machine_id, about)

    def _power(self, machine_id: str, wanted: str) -> ActionState:
        state = str((self._servers.instance(machine_id).get("State") or {}).get("Name"))
        return ActionState(f"power:{wanted}", "done" if state == wanted else "running")

    def _resize(self, machine_id: str, plan: str) -> ActionState:
        is_so = self._servers.instance(machine_id).get("InstanceType") == plan
        return ActionState(f"resize:{plan}", "done" if is_so else "running")

    def _snapshot(self, machine_id: str, number: str) -> ActionState:
        action_id, region = f"snapshot:{number}", parted(machine_id)[0]
        try:
            answer = self._wire.call("describe_snapshots", region, SnapshotIds=[number])
        except NotFound as error:
            return ActionState(action_id, "failed", error.title, is_unknown=True)
        for found in self._wire.listed(answer, "Snapshots"):
            return parsing.snapshot_action(action_id, found)
        return ActionState(action_id, "failed", "gone", is_unknown=True)

    def _restore(self, machine_id: str, number: str) -> ActionState:
        action_id, region = f"restore:{number}", parted(machine_id)[0]
        answer = self._wire.call("describe_replace_root_volume_tasks", region, ReplaceRootVolumeTaskIds=[number])
        for found in self._wire.listed(answer, "ReplaceRootVolumeTasks"):
            return parsing.restore_action(action_id, found)
        return ActionState(action_id, "failed", "gone", is_unknown=True)

    def _reverse(self, machine_id: str, ip: str) -> ActionState:
        return self._addresses.action(f"reverse:{ip}", parted(machine_id)[0], ip)
