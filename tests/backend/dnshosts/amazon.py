"""Route 53 as somebody else calls it, and what its front took."""

from __future__ import annotations

from typing import Any

from backend.dnshosts.ports import Zone
from tests.emulators.process import Emulator

BATCH = ("POST", "/2013-04-01/hostedzone")


def send(amazon: Any, zone: Zone, order: tuple[str, dict[str, Any]]) -> None:
    changes = [{"Action": order[0], "ResourceRecordSet": order[1]}]
    amazon.change_resource_record_sets(HostedZoneId=zone.id, ChangeBatch={"Changes": changes})


def told(amazon: Any, zone: Zone) -> dict[tuple[str, str], dict[str, Any]]:
    found = amazon.list_resource_record_sets(HostedZoneId=zone.id)["ResourceRecordSets"]
    return {(each["Name"], each["Type"]): each for each in found}


def batches(route53: Emulator) -> int:
    return sum(each["path"].endswith("/rrset/") and each["status"] == 200 for each in route53.log())


def valued(*values: str, ttl_s: int = 300) -> dict[str, Any]:
    return {"TTL": ttl_s, "ResourceRecords": [{"Value": each} for each in values]}
