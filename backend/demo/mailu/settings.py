"""What a server was set up with: the lines of its mailu.env that its API goes by."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from backend.demo.emulator.records import Records

KEY = "environment"


@dataclass(frozen=True)
class Environment:
    """``exempt`` are the networks that no wrong token locks out, ``wrong_tokens`` how many an hour the others have."""

    host_name: str = "mx1.example.net"
    domain: str = "example.net"
    selector: str = "dkim"
    ports: tuple[int, ...] = (25, 80, 443, 465, 993, 995, 4190)
    tls_flavor: str = "cert"
    rua: str = ""
    ruf: str = ""
    quota_bytes: int = 1_000_000_000
    spam_threshold: int = 80
    exempt: tuple[str, ...] = ()
    wrong_tokens: int = 5
    is_api_on: bool = True


def environment(records: Records) -> Environment:
    kept: dict[str, Any] = records.get("setting", KEY) or {}
    lists = {name: tuple(value) for name, value in kept.items() if isinstance(value, list)}
    return Environment(**{**kept, **lists})


def change_environment(records: Records, changes: dict[str, Any]) -> None:
    """Other lines, and the containers made anew.

    :raises TypeError: there is no such line.
    """
    records.put("setting", KEY, asdict(replace(environment(records), **changes)))
