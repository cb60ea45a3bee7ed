"""A plain boto3 client for the front, as tests use it that have no driver between."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from tests.emulators.process import Emulator


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
