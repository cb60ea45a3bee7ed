"""Security groups: moto keeps them and their rules, the front looks after names and after who stands behind them."""

from __future__ import annotations

import ipaddress
import re
import time
from typing import Any

from backend.demo.emulator.process import Start
from backend.demo.emulator.wire import Answer
from backend.providers.ec2.network import GROUP
from tests.ec2 import documents
from tests.ec2.behind import Moto
from tests.ec2.query import Call
from tests.ec2.refusals import XML, bad
from tests.ec2.servers import LEAVING_S, Servers

Record = dict[str, Any]

#: Protocol, first and last port, and where from.
Rule = tuple[str, int, int, str]

#: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html: for each family of addresses.
MOST_RULES, LAST_PORT = 60, 65_535
SOURCE = re.compile(r"(IpPermissions\.\d+)\.(?:IpRanges\.\d+\.CidrIp|Ipv6Ranges\.\d+\.CidrIpv6)\Z")
NAME = re.compile(r"(?!sg-)[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}\Z")


class Groups:
    """Owner of the records of firewalls: of all groups but those that are made for every account or every order."""

    def __init__(self, start: Start, moto: Moto, servers: Servers) -> None:
        self._state = start.state
        self._speed = start.speed
        self._moto = moto
        self._servers = servers

    def make(self, call: Call) -> Answer:
        name = str(call.parameters.get("GroupName"))
        if not NAME.match(name):
            raise bad(call, f"Value ({name}) for parameter GroupName is invalid.")
        answer = self._moto.ask(call)
        number = re.search(r"<groupId>(sg-\w+)</groupId>", answer.text)
        if answer.is_success and number is not None and name != GROUP:
            with self._state.change():
                self._state.put("firewall", number[1], {"id": f"{call.region}/{number[1]}", "name": name})
                self._state.count("firewalls created")
        return Answer(answer.status_code, answer.text, XML)

    def describe(self, call: Call) -> Answer:
        """What is not shown yet is left out of lists, and unknown by its number."""
        asked = call.values("GroupId")
        for number in asked:
            if self._state.late.hides("by_id", "firewall", number):
                raise bad(call, f"The security group '{number}' does not exist", "InvalidGroup.NotFound")
        answer = self._moto.ask(call)
        if not answer.is_success:
            return Answer(answer.status_code, answer.text, XML)
        root = documents.read(answer.text)
        for listed, item in documents.items(root, "securityGroupInfo"):
            if not asked and self._state.late.hides("lists", "firewall", str(item.findtext("groupId"))):
                listed.remove(item)
        return Answer(200, documents.text_of(root), XML)

    def authorize(self, call: Call) -> Answer:
        """All or nothing; moto would put in what comes before that which it refuses."""
        new, there = _asked(call), self._rules(call)
        for protocol, first, last, source in sorted(new):
            if protocol in ("tcp", "udp") and not 0 <= first <= last <= LAST_PORT:
                raise bad(call, f"Invalid {protocol.upper()} port range ({first}-{last})")
            if not _is_network(source):
                raise bad(call, f"CIDR block {source} is malformed")
        if doubled := sorted(new & there):
            protocol, first, last, source = doubled[0]
            rule = f"peer: {source}, {protocol.upper()}, from port: {first}, to port: {last}, ALLOW"
            raise bad(call, f'the specified rule "{rule}" already exists', "InvalidPermission.Duplicate")
        for family in (True, False):
            if len([rule for rule in new | there if (":" in rule[3]) == family]) > MOST_RULES:
                words = "The maximum number of rules per security group has been reached."
                raise bad(call, words, "RulesPerSecurityGroupLimitExceeded")
        answer = self._moto.ask(call)
        return Answer(answer.status_code, answer.text, XML)

    def delete(self, call: Call) -> Answer:
        """Not while a server stands behind it, on its way out too."""
        number = str(call.parameters.get("GroupId"))
        if number in self._used(call.region):
            raise bad(call, f"resource {number} has a dependent object", "DependencyViolation")
        answer = self._moto.ask(call)
        if answer.is_success and self._state.get("firewall", number) is not None:
            with self._state.change():
                self._state.drop("firewall", number)
                self._state.count("firewalls deleted")
        return Answer(answer.status_code, answer.text, XML)

    def give(self, call: Call) -> Answer:
        """Other groups for a server, in place of those it has."""
        server = self._servers.get(call, str(call.parameters.get("InstanceId")))
        wanted = call.values("GroupId")
        asked = {f"GroupId.{place}": number for place, number in enumerate(wanted, 1)}
        parameters = {"Action": "DescribeSecurityGroups", **asked}
        there = self._moto.ask(Call("DescribeSecurityGroups", parameters, "ec2", call.region, call.access_key))
        answer = self._moto.ask(call) if there.is_success else there
        if answer.is_success:
            with self._state.change():
                self._state.put("server", server["id"], server | {"groups": wanted})
        return Answer(answer.status_code, answer.text, XML)

    def _rules(self, call: Call) -> set[Rule]:
        """What the group lets in now; of a group that is none, nothing."""
        named = {f"{name}.1": call.parameters[name] for name in ("GroupId", "GroupName") if name in call.parameters}
        parameters = {"Action": "DescribeSecurityGroups", **named}
        answer = self._moto.ask(Call("DescribeSecurityGroups", parameters, "ec2", call.region, call.access_key))
        found: set[Rule] = set()
        for _list, item in documents.items(documents.read(answer.text), "ipPermissions"):
            ports = [int(item.findtext(f"{end}Port") or -1) for end in ("from", "to")]
            sources = [str(each.text) for tag in ("cidrIp", "cidrIpv6") for each in item.iter(tag)]
            found |= {(str(item.findtext("ipProtocol")), ports[0], ports[1], source) for source in sources}
        return found

    def _used(self, region: str) -> set[str]:
        leaving = [each for each in self._state.all("ended") if self._is_leaving(each)]
        every = [*self._state.all("server"), *leaving]
        return {number for each in every if each["id"].startswith(f"{region}/") for number in each["groups"]}

    def _is_leaving(self, ended: Record) -> bool:
        return bool((time.time() - ended["since"]) * self._speed < LEAVING_S)


def _asked(call: Call) -> set[Rule]:
    """The rules that are to be put in, one for each network."""
    found: set[Rule] = set()
    for name, value in call.parameters.items():
        if match := SOURCE.match(name):
            first, last = (int(call.parameters.get(f"{match[1]}.{end}Port", -1)) for end in ("From", "To"))
            found.add((str(call.parameters[f"{match[1]}.IpProtocol"]), first, last, str(value)))
    return found


def _is_network(source: str) -> bool:
    try:
        ipaddress.ip_network(source, strict=False)
    except ValueError:
        return False
    return "/" in source
