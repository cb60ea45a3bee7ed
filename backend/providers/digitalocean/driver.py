"""The DigitalOcean driver: droplets, keys, actions and the catalogue behind the compute contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.core.errors import AnswerUnknown, BadAnswer, NotFound
from backend.core.secrets.values import Secret
from backend.providers.digitalocean import reading
from backend.providers.digitalocean.wire import DigitalOceanWire, unreadable
from backend.providers.ports import (
    ActionState,
    Catalogue,
    Machine,
    Order,
    PowerAction,
    Standing,
    intent_tag,
)

ACTIONS: dict[PowerAction, str] = {
    "on": "power_on",
    "off": "power_off",
    "shutdown": "shutdown",
    "reboot": "reboot",
    "power_cycle": "power_cycle",
}


class DigitalOcean:
    """A :class:`backend.providers.ports.ComputeProvider` for one token."""

    kind = "digitalocean"

    def __init__(self, token: Secret, *, endpoint_url: str | None = None) -> None:
        self._wire = DigitalOceanWire(token, endpoint_url=endpoint_url)

    def close(self) -> None:
        self._wire.close()

    def verify(self) -> Standing:
        account = self._one(self._wire.call("GET", "/v2/account"), "account")
        team = account.get("team") or {}
        holder = str(account.get("email") or team.get("name") or account.get("uuid") or "")
        limit = account.get("droplet_limit")
        return Standing(
            holder=holder,
            note=str(account.get("status_message") or ""),
            server_limit=int(limit) if isinstance(limit, (int, float)) else None,
        )

    def catalogue(self) -> Catalogue:
        regions = tuple(reading.region(raw) for raw in self._wire.pages("/v2/regions", "regions"))
        plans = tuple(reading.plan(raw) for raw in self._wire.pages("/v2/sizes", "sizes"))
        images = self._wire.pages("/v2/images", "images", params={"type": "distribution"})
        return Catalogue(regions, plans, tuple(reading.image(raw) for raw in images), "DigitalOcean API v2")

    def register_key(self, name: str, public_key: str) -> str:
        answer = self._wire.call("POST", "/v2/account/keys", body={"name": name, "public_key": public_key})
        return str(self._created(answer, "ssh_key")["id"])

    def find_key(self, name: str) -> str | None:
        for key in self._wire.pages("/v2/account/keys", "ssh_keys"):
            if key.get("name") == name and key.get("id"):
                return str(key["id"])
        return None

    def remove_key(self, key_id: str) -> None:
        self._delete(f"/v2/account/keys/{key_id}")

    def create(self, order: Order) -> Machine:
        body = {
            "name": order.name,
            "region": order.region,
            "size": order.plan,
            "image": order.image,
            "ssh_keys": [int(order.key_id)],
            "user_data": order.user_data.reveal(),
            "tags": list(order.tags),
            "ipv6": True,
            "monitoring": False,
            "backups": False,
        }
        return self._read_created(self._wire.call("POST", "/v2/droplets", body=body))

    def find(self, intent: UUID) -> Sequence[Machine]:
        found = self._wire.pages("/v2/droplets", "droplets", params={"tag_name": intent_tag(intent)})
        return [reading.machine(raw) for raw in found]

    def get(self, machine_id: str) -> Machine:
        return reading.machine(self._one(self._wire.call("GET", f"/v2/droplets/{machine_id}"), "droplet"))

    def machines(self) -> Sequence[Machine]:
        return [reading.machine(raw) for raw in self._wire.pages("/v2/droplets", "droplets")]

    def delete(self, machine_id: str) -> None:
        self._delete(f"/v2/droplets/{machine_id}")

    def power(self, machine_id: str, action: PowerAction) -> ActionState:
        path = f"/v2/droplets/{machine_id}/actions"
        return reading.action(self._created(self._wire.call("POST", path, body={"type": ACTIONS[action]}), "action"))

    def action(self, machine_id: str, action_id: str) -> ActionState:
        path = f"/v2/droplets/{machine_id}/actions/{action_id}"
        return reading.action(self._one(self._wire.call("GET", path), "action"))

    def _delete(self, path: str) -> None:
        try:
            self._wire.call("DELETE", path)
        except NotFound:
            return

    def _one(self, answer: Any, key: str) -> dict[str, Any]:
        found = answer.get(key) if isinstance(answer, dict) else None
        if not isinstance(found, dict):
            raise unreadable(f"no '{key}' in the answer")
        return found

    def _created(self, answer: Any, key: str) -> dict[str, Any]:
        """The thing was made, whatever the answer looks like: unreadable means *look*, not *again*."""
        try:
            return self._one(answer, key)
        except BadAnswer as error:
            raise AnswerUnknown(error.title, detail=error.detail) from error

    def _read_created(self, answer: Any) -> Machine:
        try:
            return reading.machine(self._created(answer, "droplet"))
        except BadAnswer as error:
            raise AnswerUnknown(error.title, remedy=error.remedy, detail=error.detail) from error
