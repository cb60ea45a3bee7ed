"""What the steps of provisioning leave for those after them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.engine.payload import Result
from backend.servers.provider_actions import Ordered


@dataclass(frozen=True)
class PriceNow(Result):
    """A month in micro-units of ``currency``, None where it is not known."""

    monthly_micro: int | None
    currency: str


@dataclass(frozen=True)
class KeysMade(Result):
    """Public halves: of our login key, and of the host key of the first contact."""

    login: str
    contact: str


@dataclass(frozen=True)
class KeyRegistered(Result):
    """The login key as the provider names it; empty where it takes none."""

    key_id: str


@dataclass(frozen=True)
class ServerCreated(Ordered):
    """The machine as the provider names it."""

    machine_id: str


@dataclass(frozen=True)
class ServerActive(Result):
    """Where it can be reached."""

    address: str


@dataclass(frozen=True)
class LoggedIn(Result):
    """``host_key`` is the one that was seen; empty where the machine showed the one handed over."""

    boot_id: str = ""
    host_key: str = ""


@dataclass(frozen=True)
class HostKeyMade(Result):
    """The public half of the lasting host key."""

    public: str
