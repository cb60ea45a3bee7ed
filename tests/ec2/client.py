"""Calls of EC2 as tests make them that have no driver between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.emulators.process import Emulator
from tests.installation import until

#: The image of Debian 12 before the newest.
IMAGE = "ami-00000001202608010"
ORDER: dict[str, Any] = {"ImageId": IMAGE, "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1}


def client(emulator: Emulator, service: str = "ec2", region: str = "us-east-1", token: str = "") -> Any:
    """Each call goes out once; the caller closes it."""
    access_key, secret = (token or emulator.token).split(":")
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=emulator.url,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1, "mode": "standard"}),
    )


def run(ec2: Any, **changes: Any) -> str:
    return str(ec2.run_instances(**ORDER | changes)["Instances"][0]["InstanceId"])


def named(*tags: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags]}]


def instance(ec2: Any, number: str) -> dict[str, Any]:
    found: dict[str, Any] = ec2.describe_instances(InstanceIds=[number])["Reservations"][0]["Instances"][0]
    return found


def becomes(ec2: Any, number: str, state: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = instance(ec2, number)
        return found if found["State"]["Name"] == state else None

    found = until(look, f"{number} to be {state}")
    assert found is not None
    return found


def code(call: Callable[[], Any]) -> tuple[int, str]:
    """HTTP status and code of the refusal."""
    with pytest.raises(ClientError) as refused:
        call()
    answer = refused.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]
