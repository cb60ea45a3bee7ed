"""A client of the emulated Linode, in the words of tests."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.installation import until

Record = dict[str, Any]

LIMITS = {"lists": 10_000, "image_lists": 10_000, "orders": 10_000, "others": 10_000}
emulated = pytest.mark.emulates("linode", **LIMITS)
#: As it answers today, with what came after the official document.
emulated_live = pytest.mark.emulates("linode", mode="drift", **LIMITS)
INSTANCES = "/v4/linode/instances"
ORDER: Record = {
    "label": "mx1.example.net",
    "region": "eu-central",
    "type": "g6-nanode-1",
    "image": "linode/debian12",
    "root_pass": "aLongEnough-Passw0rd",
    "tags": ["mail"],
}


def events(api: httpx.Client, server: str) -> list[Record]:
    wanted = {"entity.type": "linode", "entity.id": int(server.rsplit("/", 1)[1]), "+order_by": "id"}
    found: list[Record] = api.get("/v4/account/events", headers={"X-Filter": json.dumps(wanted)}).json()["data"]
    return found


def rests(api: httpx.Client, server: str) -> bool:
    """Nothing is under way."""
    return not {event["status"] for event in events(api, server)} & {"scheduled", "started"}


def status(api: httpx.Client, server: str) -> str:
    until(lambda: rests(api, server), "the server to rest")
    return str(api.get(server).json()["status"])


def create_server(api: httpx.Client, **changes: Any) -> str:
    answer = api.post(INSTANCES, json=ORDER | changes)
    assert answer.status_code == 200, answer.text
    return f"{INSTANCES}/{answer.json()['id']}"


def running_server(api: httpx.Client, **changes: Any) -> str:
    server = create_server(api, **changes)
    assert status(api, server) == "running"
    return server


def imagize(api: httpx.Client, server: str, label: str = "before") -> httpx.Response:
    disk = api.get(f"{server}/disks").json()["data"][0]["id"]
    return api.post("/v4/images", json={"disk_id": disk, "label": label})


def image_of(api: httpx.Client, server: str) -> str:
    """The id of an image made of a server."""
    image = str(imagize(api, server).json()["id"])
    until(lambda: rests(api, server), "the image")
    return image


def path_of(image: str) -> str:
    return f"/v4/images/{image.replace('/', '%2F')}"
