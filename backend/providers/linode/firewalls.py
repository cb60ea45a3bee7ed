"""Cloud Firewalls at Linode: of the account and of no region; a server has one that is enabled at most.

A server is of one of two kinds (``interface_generation``). Before one of the older kind a firewall stands as a whole;
of the newer kind each interface to the public network or a VPC stands behind a firewall of its own, and those to VLANs
behind none: API references post-firewall-device and post-linode-interface (2026-05-29).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from backend.core.errors import NotFound
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import record, whole, words
from backend.core.rest.wire import carried_out
from backend.providers.network import Allowed, Firewall, Protocols
from backend.wires.linode import INSTANCES, SERVICE, LinodeWire

FIREWALLS = "/v4/networking/firewalls"
ALL_PORTS = "1-65535"
EVERYTHING = (Allowed("tcp", ALL_PORTS), Allowed("udp", ALL_PORTS), Allowed("icmp", ""))
PROTOCOLS: dict[str, Protocols] = {"TCP": "tcp", "UDP": "udp", "ICMP": "icmp"}
OPEN, SHUT = "ACCEPT", "DROP"
NEWER = "linode"
#: Kinds of interfaces that no firewall is applied to.
UNPROTECTED = ("vlan", "rdma_vpc")
#: Rules and addresses in one order, so that two sets of rules can be compared.
Essence = tuple[str, str, frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]


@dataclass(frozen=True)
class _Entity:
    """What a firewall is attached to, as devices have it."""

    type: str
    id: int

    def is_shown_as(self, raw: Mapping[str, Any]) -> bool:
        return (raw.get("type"), str(raw.get("id"))) == (self.type, str(self.id))


class LinodeFirewalls:
    """A :class:`backend.providers.network.Firewalls`. Owned by the driver."""

    def __init__(self, wire: LinodeWire) -> None:
        self._wire = wire

    def all(self) -> Sequence[Firewall]:
        """The list tells what each is attached to (``entities``), which the document of October 2024 does not know."""
        found = [record(SERVICE, raw, "id") for raw in self._wire.pages(FIREWALLS)]
        return [firewall(raw, self._attached(raw)) for raw in found if raw.get("status") != "deleted"]

    def make(self, _machine_id: str, name: str, allowed: Sequence[Allowed]) -> str:
        answer = self._wire.call("POST", FIREWALLS, body={"label": name, "rules": rules(allowed)})
        with carried_out():
            return str(record(SERVICE, answer, "id")["id"])

    def set_rules(self, firewall_id: str, allowed: Sequence[Allowed]) -> None:
        """One that was switched off is on again: it would let everything in."""
        now, wanted = record(SERVICE, self._wire.call("GET", _path(firewall_id))), rules(allowed)
        if essence(now.get("rules")) != essence(wanted):
            self._wire.call("PUT", f"{_path(firewall_id)}/rules", body=wanted)
        if now.get("status") == "disabled":
            self._wire.call("PUT", _path(firewall_id), body={"status": "enabled"})

    def attach(self, firewall_id: str, machine_id: str) -> None:
        """Between two firewalls there is a moment without one: no call exchanges them in the document."""
        present = [_record(each) for each in self._entities(firewall_id)]
        for path, entity in self._places(machine_id):
            for other in self._wire.pages(f"{path}/firewalls"):
                if str(other.get("id")) != firewall_id:
                    self._take_from(str(other.get("id")), entity.is_shown_as)
            if not any(map(entity.is_shown_as, present)):
                self._wire.call("POST", f"{_path(firewall_id)}/devices", body={"id": entity.id, "type": entity.type})

    def detach(self, firewall_id: str, machine_id: str) -> None:
        self._take_from(firewall_id, lambda entity: machine_id in servers([entity]))

    def delete(self, firewall_id: str) -> None:
        """Linode would delete one that is attached to something too, and leave that open: so we look first."""
        try:
            stands = any(True for _device in self._devices(firewall_id))
        except NotFound:
            return
        if stands:
            raise refusals.refused(SERVICE, _("the firewall is attached to a server"), firewall_id)
        self._wire.delete(_path(firewall_id))

    def _places(self, machine_id: str) -> list[tuple[str, _Entity]]:
        """What a firewall before this server is attached to, each with its path: the server, or its interfaces."""
        path = f"{INSTANCES}/{machine_id}"
        if record(SERVICE, self._wire.call("GET", path)).get("interface_generation") != NEWER:
            return [(path, _Entity("linode", int(machine_id)))]
        found = interfaces(self._wire.call("GET", f"{path}/interfaces"))
        if not found:
            raise refusals.refused(SERVICE, _("the server has no interface that a firewall could protect"), machine_id)
        return [(f"{path}/interfaces/{number}", _Entity("linode_interface", number)) for number in found]

    def _take_from(self, firewall_id: str, is_meant: Callable[[dict[str, Any]], bool]) -> None:
        """No error when the firewall is gone."""
        try:
            devices = list(self._devices(firewall_id))
        except NotFound:
            return
        for device in devices:
            if is_meant(_record(device.get("entity"))):
                self._wire.delete(f"{_path(firewall_id)}/devices/{device.get('id')}")

    def _attached(self, raw: Mapping[str, Any]) -> tuple[str, ...]:
        entities = raw.get("entities")
        return servers(entities if isinstance(entities, list) else self._entities(str(raw["id"])))

    def _entities(self, firewall_id: str) -> list[Any]:
        return [device.get("entity") for device in self._devices(firewall_id)]

    def _devices(self, firewall_id: str) -> Iterator[dict[str, Any]]:
        return self._wire.pages(f"{_path(firewall_id)}/devices")


def firewall(raw: Mapping[str, Any], machine_ids: tuple[str, ...]) -> Firewall:
    return Firewall(str(raw["id"]), str(raw.get("label") or raw["id"]), let_in(raw), machine_ids)


def let_in(raw: Mapping[str, Any]) -> tuple[Allowed, ...]:
    """What rules accept; everything where the firewall is off or lets in what no rule is about."""
    told = _record(raw.get("rules"))
    if raw.get("status") == "disabled" or told.get("inbound_policy") == OPEN:
        return EVERYTHING
    return tuple(dict.fromkeys(each for rule in _rules(told, "inbound") for each in _accepted(rule)))


def rules(allowed: Iterable[Allowed]) -> dict[str, Any]:
    """In the words of the API, for the rules of one firewall."""
    inbound = [_rule(each) for each in allowed]
    return {"inbound": inbound, "inbound_policy": SHUT, "outbound": [], "outbound_policy": OPEN}


def essence(told: Any) -> Essence:
    """Equal for rules that do the same, in whatever order and writing."""
    found = _record(told)
    inbound, outbound = (frozenset(map(_plain, _rules(found, way))) for way in ("inbound", "outbound"))
    return str(found.get("inbound_policy")), str(found.get("outbound_policy")), inbound, outbound


def servers(entities: Iterable[Any]) -> tuple[str, ...]:
    """The servers among the things a firewall is attached to; of an interface the server it belongs to."""
    found = [_record(each) for each in entities]
    owners = [_record(each.get("parent_entity")) or each for each in found]
    return tuple(dict.fromkeys(str(each["id"]) for each in owners if each.get("type") == "linode" and each.get("id")))


def interfaces(raw: Any) -> list[int]:
    """Of a server of the newer kind, those that stand behind a firewall; in the order the system has them.

    The document (API 4.229.1) has a record with a list in it, clients have had pages.

    :raises BadResponse: there is no such list.
    """
    told = _record(raw)
    listed = told.get("interfaces", told.get("data"))
    if not isinstance(listed, list):
        raise refusals.unreadable(SERVICE, "no list of interfaces")
    found = [record(SERVICE, each, "id") for each in listed]
    numbers = [whole(each["id"]) for each in found if not any(each.get(kind) for kind in UNPROTECTED)]
    if None in numbers:
        raise refusals.unreadable(SERVICE, "an interface without a number")
    return [number for number in numbers if number is not None]


def _rule(allowed: Allowed) -> dict[str, Any]:
    """A family without addresses must be left out, and so must the ports of a protocol that has none."""
    v4 = [source for source in allowed.sources if ":" not in source]
    v6 = [source for source in allowed.sources if ":" in source]
    return {
        "action": OPEN,
        "protocol": allowed.protocol.upper(),
        "addresses": {family: found for family, found in (("ipv4", v4), ("ipv6", v6)) if found},
        **({"ports": allowed.ports} if allowed.ports else {}),
    }


def _accepted(rule: Mapping[str, Any]) -> Iterator[Allowed]:
    """One of each part of "22-24, 80"; of protocols that we do not know none."""
    protocol = PROTOCOLS.get(str(rule.get("protocol")))
    if rule.get("action") != OPEN or protocol is None:
        return
    ports = "" if protocol == "icmp" else str(rule.get("ports") or ALL_PORTS)
    for part in ports.split(","):
        yield Allowed(protocol, part.strip(), _sources(rule))


def _plain(rule: Mapping[str, Any]) -> tuple[str, ...]:
    ports = ",".join(sorted(part.strip() for part in str(rule.get("ports") or "").split(",")))
    return str(rule.get("action")), str(rule.get("protocol")), ports, *sorted(_sources(rule))


def _sources(rule: Mapping[str, Any]) -> tuple[str, ...]:
    addresses = _record(rule.get("addresses"))
    return tuple(_network(each) for family in ("ipv4", "ipv6") for each in words(addresses.get(family)))


def _network(text: str) -> str:
    """As everybody writes it; what is no network (a prefix list) stays as it is."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return text


def _rules(told: Mapping[str, Any], way: str) -> list[dict[str, Any]]:
    found = told.get(way)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _record(raw: Any) -> dict[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _path(firewall_id: str) -> str:
    return f"{FIREWALLS}/{firewall_id}"
