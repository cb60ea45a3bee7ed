"""What the demo must know of a cloud that it emulates; each cloud says it as one value, ``demo/<cloud>/twin.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.core.ssh.keys import KeyPair
    from backend.demo.emulator.process import Start
    from backend.demo.emulator.wire import Api


@dataclass(frozen=True)
class Place:
    """Where a server stands: cloud, region, plan and image in the cloud's own words."""

    cloud: str
    region: str
    plan: str
    image: str


@dataclass(frozen=True)
class Order:
    """A server of the demo as its cloud is asked for it: ``login`` is our key, ``tags`` say that it is ours."""

    name: str
    place: Place
    login: KeyPair
    user_data: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Twin:
    """A cloud of the demo.

    ``network`` is one nobody has (RFC 5737), up to its last dot. ``written`` puts an order into the body of the
    cloud's own call. ``larger`` names plans one size up. ``stamp`` is how the cloud writes a time (strftime).
    ``token_ends`` is how long its tokens live, where they end.
    """

    kind: str
    name: str
    network: str
    make_api: Callable[[Start], Api]
    written: Callable[[Order], dict[str, Any]]
    stamp: str
    scopes: str | list[str]
    places: tuple[Place, ...]
    larger: Mapping[str, str] = field(default_factory=dict)
    token_ends: timedelta | None = None
