"""Reserved addresses at Linode: the public IPv4 address of a server is kept from then on, whatever becomes of it.

Reserving turns an address of a server into one of the account, and back; nothing about the server changes. No names
are kept. A server must keep one public IPv4 address: its only one leaves it with the server alone, or in exchange.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from backend.core.errors import NotFound
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import micro, record, whole
from backend.core.rest.wire import carried_out
from backend.providers.models import ActionState
from backend.providers.network import ReservedAddress
from backend.wires.linode import INSTANCES, SERVICE, LinodeWire

HELD = "/v4/networking/reserved/ips"
TYPES = f"{HELD}/types"
ADDRESSES = "/v4/networking/ips"
#: Moves of addresses are done when they are answered.
ACTION = "address"
# Told is 0.0068 USD an hour and no month: recorded answer of 2026-05-11 in github linode/linodego,
# test/integration/fixtures/TestReservedIPTypes_List.yaml. The same whether or not a server has it:
# https://techdocs.akamai.com/cloud-computing/docs/reserved-ips (2026-11-25). A month is the mean one.
HOURS_A_MONTH = 730
EVERYWHERE = ""


class LinodeAddresses:
    """A :class:`backend.providers.network.ReservedAddresses`; an address is its own id. Owned by the driver."""

    def __init__(self, wire: LinodeWire) -> None:
        self._wire = wire

    def all(self) -> Sequence[ReservedAddress]:
        costs = self._costs()
        return [address(raw, costs) for raw in self._wire.pages(HELD)]

    def reserve(self, machine_id: str, _name: str) -> ReservedAddress:
        """The server's own address is held, and stays where it is."""
        costs = self._costs()
        own = own_address(self._wire.call("GET", f"{INSTANCES}/{machine_id}/ips"))
        if own is None:
            raise refusals.refused(SERVICE, _("the server has no public IPv4 address"), machine_id)
        answer = self._keep(own, is_reserved=True)
        with carried_out():
            return address(answer, costs)

    def assign(self, address_id: str, machine_id: str) -> ActionState:
        now = address(self._one(address_id), {})
        if now.machine_id != machine_id:
            move = {"address": now.ip, "linode_id": int(machine_id)}
            self._wire.call("POST", f"{ADDRESSES}/assign", body={"region": now.region, "assignments": [move]})
        return _done(address_id)

    def unassign(self, address_id: str) -> ActionState:
        now = address(self._one(address_id), {})
        if now.machine_id is not None:
            self._wire.delete(f"{INSTANCES}/{now.machine_id}/ips/{now.ip}")
        return _done(address_id)

    def release(self, address_id: str) -> None:
        """A server that has it keeps it as long as it stands: so github linode/terraform-provider-linode,
        docs/resources/networking_ip.md (2026-05-14). Of deleting one that a server has nothing is written.
        """
        try:
            now = self._one(address_id)
            if now.get("linode_id"):
                self._keep(now, is_reserved=False)
            else:
                self._wire.delete(_path(address_id))
        except NotFound:
            return

    def _one(self, address_id: str) -> dict[str, Any]:
        return record(SERVICE, self._wire.call("GET", _path(address_id)), "address")

    def _keep(self, raw: Mapping[str, Any], *, is_reserved: bool) -> Any:
        """The call wants the reverse DNS name too: it is sent as it is."""
        body = {"rdns": raw.get("rdns") or None, "reserved": is_reserved}
        return self._wire.call("PUT", f"{ADDRESSES}/{raw['address']}", body=body)

    def _costs(self) -> dict[str, int | None]:
        return monthly_costs(self._wire.pages(TYPES))


def address(raw: Any, costs: Mapping[str, int | None]) -> ReservedAddress:
    """``costs`` are those of :func:`monthly_costs`. What has it may also be no server: then its kind is attached to.

    :raises BadResponse: it has no address.
    """
    found = record(SERVICE, raw, "address")
    ip, region = str(found["address"]), str(found.get("region") or "")
    cost = costs.get(region, costs.get(EVERYWHERE))
    return ReservedAddress(id=ip, ip=ip, region=region, name="", machine_id=_holder(found), monthly_micro=cost)


def monthly_costs(types: Iterable[Mapping[str, Any]]) -> dict[str, int | None]:
    """A month of an address in micro-units: of all regions, and of those that differ."""
    kind = next(iter(types), {})
    regions = kind.get("region_prices")
    costs = {EVERYWHERE: _a_month(kind.get("price"))}
    for price in regions if isinstance(regions, list) else ():
        if isinstance(price, dict) and price.get("id"):
            costs[str(price["id"])] = _a_month(price)
    return costs


def own_address(raw: Any) -> dict[str, Any] | None:
    """The first public IPv4 address of a server that is not reserved yet, or else the first."""
    v4 = raw.get("ipv4") if isinstance(raw, dict) else None
    listed = [each for kind in ("public", "reserved") for each in (v4 or {}).get(kind) or ()]
    found = [each for each in listed if isinstance(each, dict) and each.get("address")]
    return next((each for each in found if not each.get("reserved")), found[0] if found else None)


def _holder(raw: Mapping[str, Any]) -> str | None:
    if raw.get("linode_id"):
        return str(raw["linode_id"])
    entity = raw.get("assigned_entity")
    if not isinstance(entity, dict) or not entity.get("id"):
        return None
    kind = str(entity.get("type") or "")
    return str(entity["id"]) if kind == "linode" else f"{kind}:{entity['id']}"


def _a_month(price: Any) -> int | None:
    if not isinstance(price, dict):
        return None
    monthly, hourly = micro(price.get("monthly")), micro(price.get("hourly"))
    return whole(hourly * HOURS_A_MONTH) if monthly is None and hourly is not None else monthly


def _done(address_id: str) -> ActionState:
    return ActionState(f"{ACTION}:{address_id}", "done")


def _path(address_id: str) -> str:
    return f"{HELD}/{quote(address_id, safe='')}"
