"""Pebble, Let's Encrypt's own test server, as a process: a real authority that nobody trusts."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from backend.acme.authorities import Authority
from backend.core.resolver import NameServer
from backend.mailu.certificate import self_signed
from tests.ending import ends_with_us
from tests.requirements import ROOT, lacking

HOST = "127.0.0.1"
START_S, END_S = 60.0, 60.0


@dataclass(frozen=True)
class Kind:
    """How an authority is: the life of its certificates, what it refuses at random, what it wants of customers."""

    valid_for_s: int = 90 * 86_400
    refused_nonces: int = 0
    retry_after_s: int = 0
    binding: dict[str, str] = field(default_factory=dict)


def pebble_program() -> str:
    """Where it is; ends the test where it is absent."""
    wanted = os.environ.get("MAILYARD_PEBBLE") or str(ROOT / ".cache/pebble/usr/bin/pebble")
    if not Path(wanted).exists():
        lacking("pebble", "Pebble 2.6 or newer is not there (MAILYARD_PEBBLE names its program)")
    return wanted


class Pebble:
    """One running authority. It looks names up at ``dns`` and asks hosts on ``http_port``."""

    def __init__(self, folder: Path, dns: NameServer, http_port: int, kind: Kind) -> None:
        program = pebble_program()
        pair = self_signed((HOST,), datetime.now(UTC))
        self.root = pair.certificate
        (folder / "tls.pem").write_text(pair.certificate)
        (folder / "tls.key").write_text(pair.key.reveal())
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "tls.pem", folder / "tls.key")
        self.port, self._management = free_ports(2)
        (folder / "config.json").write_text(json.dumps({"pebble": self._config(folder, http_port, kind)}))
        command = [program, "-config", str(folder / "config.json"), "-dnsserver", f"{dns.address}:{dns.port}"]
        self._log = (folder / "log").open("w")
        self._process = subprocess.Popen(
            ends_with_us(command),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env={
                "PEBBLE_VA_NOSLEEP": "1",
                "PEBBLE_AUTHZREUSE": "100",
                "PEBBLE_ALTERNATE_ROOTS": "1",
                "PEBBLE_WFE_NONCEREJECT": str(kind.refused_nonces),
            },
        )
        self._wait(folder / "log")

    @property
    def authority(self) -> Authority:
        return Authority("custom", "Pebble", f"https://{HOST}:{self.port}/dir", root=self.root)

    def told(self, path: str) -> httpx.Response:
        """What its management says: roots, states of certificates."""
        with httpx.Client(verify=False, trust_env=False) as client:
            return client.get(f"https://{HOST}:{self._management}{path}")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=END_S)
        self._log.close()

    def _config(self, folder: Path, http_port: int, kind: Kind) -> dict[str, Any]:
        return {
            "listenAddress": f"{HOST}:{self.port}",
            "managementListenAddress": f"{HOST}:{self._management}",
            "certificate": str(folder / "tls.pem"),
            "privateKey": str(folder / "tls.key"),
            "httpPort": http_port,
            "tlsPort": http_port,
            "ocspResponderURL": "",
            "certificateValidityPeriod": kind.valid_for_s,
            "externalAccountBindingRequired": bool(kind.binding),
            "externalAccountMACKeys": kind.binding,
            "domainBlocklist": ["blocked.test"],
            "retryAfter": {"authz": kind.retry_after_s, "order": kind.retry_after_s},
        }

    def _wait(self, log: Path) -> None:
        end = datetime.now(UTC).timestamp() + START_S
        while datetime.now(UTC).timestamp() < end and self._process.poll() is None:
            try:
                socket.create_connection((HOST, self.port), 1.0).close()
                return
            except OSError:
                continue
        raise RuntimeError(f"Pebble did not start: {log.read_text()[-2000:]}")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, for programs that cannot say which one the system gave them."""
    held = [socket.create_server((HOST, 0)) for _each in range(count)]
    try:
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()
