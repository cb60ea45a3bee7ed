"""A call of the AWS query protocol: what is asked, of which service, where, and with whose key."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from backend.demo.emulator.wire import Request

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
#: How faults and the log name calls about servers; all others go by the call's own name.
SERVERS = {"DescribeInstances": "GET", "RunInstances": "POST", "TerminateInstances": "DELETE"}
#: What policies call a service, where requests call it otherwise.
PREFIXES = {"monitoring": "cloudwatch"}
READING = ("Describe", "Get", "List")


@dataclass(frozen=True)
class Call:
    """``parameters`` are flat, as EC2 takes them (``Filter.1.Name``); others' are not."""

    action: str
    parameters: dict[str, Any]
    service: str
    region: str
    access_key: str

    @property
    def method(self) -> str:
        """The HTTP method a REST API would have for it."""
        if self.action.startswith(READING):
            return "GET"
        return SERVERS.get(self.action, "DELETE" if self.action.startswith("Delete") else "POST")

    @property
    def path(self) -> str:
        """``/instances``, ``/instances/REGION/ID`` where it is about one; else ``/`` and the action."""
        if self.action not in SERVERS:
            return f"/{self.action}"
        ids = self.values("InstanceId")
        return f"/instances/{self.region}/{ids[0]}" if len(ids) == 1 else "/instances"

    @property
    def right(self) -> str:
        """As policies name it."""
        return f"{PREFIXES.get(self.service, self.service)}:{self.action}"

    @property
    def is_reading(self) -> bool:
        return self.action.startswith(READING)

    def values(self, name: str) -> list[str]:
        """A list parameter: ``name.1``, ``name.2`` and on."""
        found: list[str] = []
        while (key := f"{name}.{len(found) + 1}") in self.parameters:
            found.append(str(self.parameters[key]))
        return found

    def filters(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        number = 1
        while (name := self.parameters.get(f"Filter.{number}.Name")) is not None:
            found[str(name)] = self.values(f"Filter.{number}.Value")
            number += 1
        return found

    def tags(self) -> dict[str, str]:
        """Those of the first kind of resource."""
        found: dict[str, str] = {}
        number = 1
        while (key := self.parameters.get(f"TagSpecification.1.Tag.{number}.Key")) is not None:
            found[str(key)] = str(self.parameters.get(f"TagSpecification.1.Tag.{number}.Value", ""))
            number += 1
        return found

    def having(self, **changes: Any) -> Call:
        """With other parameters; None takes one away."""
        merged = {**self.parameters, **changes}
        return replace(self, parameters={name: value for name, value in merged.items() if value is not None})


def call_of(raw: bytes, headers: dict[str, str]) -> Call:
    """:raises ValueError: it is no call."""
    found = CREDENTIAL.search(headers.get("authorization", ""))
    access_key, region, service = found.groups() if found else ("", "us-east-1", "ec2")
    if "x-amz-target" in headers:
        action = headers["x-amz-target"].rpartition(".")[2]
        return Call(action, json.loads(raw or b"{}"), service, region, access_key)
    parameters: dict[str, Any] = dict(parse_qsl(raw.decode(), keep_blank_values=True))
    return Call(parameters.get("Action", ""), parameters, service, region, access_key)


def call_in(request: Request) -> Call:
    """What the handler read."""
    call: Call = request.body["call"]
    return call
