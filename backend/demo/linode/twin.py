"""Linode as a cloud of the demo."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from backend.demo.emulator.twin import Order, Place, Twin

if TYPE_CHECKING:
    from backend.demo.emulator.process import Start
    from backend.demo.linode.api import LinodeApi

KIND = "linode"


def _make_api(start: Start) -> LinodeApi:
    from backend.demo.linode.api import LinodeApi

    return LinodeApi(start)


def _linode(order: Order) -> dict[str, Any]:
    return {
        "label": order.name,
        "region": order.place.region,
        "type": order.place.plan,
        "image": order.place.image,
        "root_pass": secrets.token_urlsafe(24),
        "authorized_keys": [order.login.public],
        "metadata": {"user_data": base64.b64encode(order.user_data.encode()).decode()},
        "tags": [tag.replace("-", "") for tag in order.tags],
    }


TWIN = Twin(
    kind=KIND,
    name="Linode (demo)",
    network="198.51.100.",
    make_api=_make_api,
    written=_linode,
    stamp="%Y-%m-%dT%H:%M:%S",
    scopes="*",
    places=(
        Place(KIND, "eu-central", "g6-standard-1", "linode/debian12"),
        Place(KIND, "us-ord", "g6-standard-2", "linode/debian12"),
    ),
    larger={"g6-standard-1": "g6-standard-2"},
    token_ends=timedelta(days=6),
)
