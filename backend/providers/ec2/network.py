"""The security group that lets in what a mail server needs, one in each region we order in."""

from __future__ import annotations

import threading
from typing import Any

from backend.core.errors import ProviderRefused
from backend.core.present.text import _
from backend.providers import refusals
from backend.providers.ec2.meaning import SERVICE
from backend.providers.ec2.offers import filters
from backend.providers.ec2.reading import amazons_form
from backend.providers.ec2.wire import Answer, Ec2Wire
from backend.providers.ports import OUR_TAG
from backend.providers.values import record

GROUP = "mailyard"
ABOUT = "SSH, mail and web, for servers of Mailyard"
#: SSH, SMTP, HTTP, HTTPS, submissions, submission, IMAPS, POP3S, ManageSieve.
PORTS = (22, 25, 80, 443, 465, 587, 993, 995, 4190)
ANYWHERE: dict[str, Any] = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}


class Network:
    """Where new servers stand. Thread-safe."""

    def __init__(self, wire: Ec2Wire) -> None:
        self._wire = wire
        self._guard = threading.Lock()

    def group(self, region: str) -> str:
        """The id of our group, made when it is not there: by one order, the others wait for it.

        A group with rules is taken as it is: whoever narrowed them meant it. One without any was left half made.

        :raises ProviderRefused: there is no default network to make it in.
        """
        with self._guard:
            network = self._default_network(region)
            found = self._find(region, network)
            number = str(record(SERVICE, found, "GroupId")["GroupId"]) if found else self._make(region, network)
            if not (found or {}).get("IpPermissions"):
                self._wire.call("authorize_security_group_ingress", region, GroupId=number, IpPermissions=_rules())
            return number

    def _default_network(self, region: str) -> str:
        found = list(self._wire.pages("describe_vpcs", region, "Vpcs", Filters=filters(is_default="true")))
        if not found:
            raise ProviderRefused(
                _("There is no default network in {region}.").format(region=region),
                remedy=_("Make one at Amazon, in the VPC console under Actions > Create default VPC, then try again."),
            )
        return str(record(SERVICE, found[0], "VpcId")["VpcId"])

    def _find(self, region: str, network: str) -> Answer | None:
        wanted = {"group-name": GROUP, "vpc-id": network}
        groups = self._wire.pages("describe_security_groups", region, "SecurityGroups", Filters=filters(**wanted))
        return next(groups, None)

    def _make(self, region: str, network: str) -> str:
        """A second one of this name in a network Amazon refuses."""
        tags = {"ResourceType": "security-group", "Tags": amazons_form(GROUP, [OUR_TAG])}
        answer = self._wire.call(
            "create_security_group",
            region,
            GroupName=GROUP,
            Description=ABOUT,
            VpcId=network,
            TagSpecifications=[tags],
        )
        if not answer.get("GroupId"):
            raise refusals.unreadable(SERVICE, "a group without an id")
        return str(answer["GroupId"])


def _rules() -> list[Answer]:
    ports = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **ANYWHERE} for port in PORTS]
    echo = [
        {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": ANYWHERE["IpRanges"]},
        {"IpProtocol": "icmpv6", "FromPort": -1, "ToPort": -1, "Ipv6Ranges": ANYWHERE["Ipv6Ranges"]},
    ]
    return [*ports, *echo]
