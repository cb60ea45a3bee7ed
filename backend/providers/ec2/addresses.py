"""The reverse DNS names of a server's addresses: Amazon gives them to Elastic IP addresses alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.core.errors import ProviderUnavailable, Refused
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import record
from backend.providers.ec2 import parsing
from backend.providers.ec2.error_codes import SERVICE
from backend.providers.ec2.offers import filters
from backend.providers.ec2.wire import Ec2Wire
from backend.providers.ports import ActionState
from backend.wires.aws.wire import Answer


class Addresses:
    """Elastic IP addresses and their names. Thread-safe."""

    def __init__(self, wire: Ec2Wire) -> None:
        self._wire = wire

    def names(self, region: str, instance: Mapping[str, Any]) -> dict[str, str | None]:
        """By public address; None where it has none."""
        elastic = self._elastic(region, **{"instance-id": str(instance["InstanceId"])})
        attributes = self._attributes(region, list(elastic.values()))
        named = {ip: _name(attributes.get(number) or {}) for ip, number in elastic.items()}
        return {ip: named.get(ip) for ip in (*parsing.public_ipv4(instance), *parsing.ipv6(instance))}

    def rename(self, region: str, instance: Mapping[str, Any], ip: str, name: str) -> None:
        """Amazon looks whether the name leads to the address.

        :raises ProviderRefused: it does not, or the address is not this server's.
        :raises Refused: it is not an Elastic IP address.
        """
        if ip not in (*parsing.public_ipv4(instance), *parsing.ipv6(instance)):
            raise refusals.refused(SERVICE, _("{ip} is not an address of this server").format(ip=ip), "")
        number = self._elastic(region, **{"instance-id": str(instance["InstanceId"])}).get(ip)
        if number is None:
            raise Refused(
                _("{ip} is not an Elastic IP address: Amazon sets reverse DNS for Elastic IP addresses only.").format(
                    ip=ip
                ),
                remedy=_("Reserve an address for the server, then retry."),
            )
        self._wire.call("modify_address_attribute", region, AllocationId=number, DomainName=name)

    def forget(self, region: str, number: str) -> None:
        """Take the name from an address; Amazon takes minutes. Nothing is sent where there is none.

        :raises ProviderUnavailable: it still has one.
        """
        attribute = self._attributes(region, [number]).get(number) or {}
        if _name(attribute) is None:
            return
        if parsing.reverse_action("", attribute).state != "running":
            self._wire.call("reset_address_attribute", region, AllocationId=number, Attribute="domain-name")
        raise ProviderUnavailable(
            _("Amazon EC2 is removing the reverse DNS entry of the address."),
            remedy=_("Mailyard retries automatically."),
        )

    def action(self, action_id: str, region: str, ip: str) -> ActionState:
        """How far the renaming of an address is."""
        number = self._elastic(region, **{"public-ip": ip}).get(ip)
        if number is None:
            return ActionState(action_id, "failed", f"{ip} is gone")
        return parsing.reverse_action(action_id, self._attributes(region, [number]).get(number) or {})

    def _elastic(self, region: str, **wanted: str) -> dict[str, str]:
        """Numbers of Elastic IP addresses by address. The call knows no pages."""
        answer = self._wire.call("describe_addresses", region, Filters=filters(**wanted))
        found = [record(SERVICE, raw, "PublicIp") for raw in self._wire.listed(answer, "Addresses")]
        return {str(raw["PublicIp"]): str(raw["AllocationId"]) for raw in found if raw.get("AllocationId")}

    def _attributes(self, region: str, numbers: list[str]) -> dict[str, Answer]:
        """By number; an address that never had a name has none."""
        if not numbers:
            return {}
        wanted: Answer = {"Attribute": "domain-name", "AllocationIds": numbers}
        found = self._wire.listed(self._wire.call("describe_addresses_attribute", region, **wanted), "Addresses")
        return {str(raw.get("AllocationId")): raw for raw in found}


def _name(attribute: Mapping[str, Any]) -> str | None:
    """Amazon writes names with the dot at their end."""
    return str(attribute.get("PtrRecord") or "").rstrip(".") or None
