"""Amazon EC2 as moto and the front before it have it, with the price of July 2026."""

from __future__ import annotations

from tests.backend.providers.cases.case import Case
from tests.ec2.keys import access_key

EC2 = Case(
    kind="ec2",
    name="Amazon EC2",
    document="",
    holder="arn:aws:iam::111122223333:user/mailyard",
    server_limit=None,
    limit_words="more vCPU capacity than your current vCPU limit",
    source="AWS Price List; disk and address cost extra",
    order={"region": "us-east-1", "plan": "t3.small", "image": "debian-12"},
    larger="t3.medium",
    size=(2, 2048, 40, None),
    price=(15_184_000, 20_800),
    closed_region=None,
    repriced={"hourly": {"us-east-1": 0.0312}},
    plans="plans",
    refused=(
        ({"region": "moon-east-1"}, "no region moon-east-1"),
        ({"plan": "t3.gigantic"}, "Invalid value 't3.gigantic' for InstanceType"),
        ({"image": "plan9-4"}, "no operating system plan9-4"),
    ),
    servers="/instances",
    server="instancesSet.0",
    listed="reservationSet",
    keys="/ImportKeyPair",
    account="/GetCallerIdentity",
    must_be_off_to_resize=True,
    charges=(None, None),
    credential=access_key,
    ipv6=0,
    grows_disk=False,
    tells_total=False,
    elastic=True,
    record_id="instanceId",
    untagged={"tagSet": None},
    status="instanceState.name",
    name_is_tag=True,
    names_reserved=True,
    counts="",
    tells_cpu=True,
    reserved_micro=(3_650_000, 3_650_000),
    reading_words=("/Describe", "/Get"),
)
