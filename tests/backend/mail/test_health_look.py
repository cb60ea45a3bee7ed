"""The script that looks at a mail server, against servers that greet, begin TLS, or do not."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from backend.core.errors import BadResponse
from backend.mail.health.look import look
from backend.mail.host.docker import ComposeProject
from backend.mailu.certificate import Pair, self_signed
from tests.backend.mail.scripted import LocalShell, Talker, context_of, talking

HOST_NAME = "mx1.example.net"
PROJECT = ComposeProject(cast("Any", None), "mailu", ())
SMTP = {b"EHLO": b"250-mx1\r\n250 STARTTLS\r\n", b"STARTTLS": b"220 go\r\n"}
SIEVE = b'"IMPLEMENTATION" "Dovecot"\r\n"STARTTLS"\r\nOK "ready"\r\n'
QUEUE = [{"queue_id": "A", "arrival_time": 1_700}, {"queue_id": "B", "arrival_time": 900}]
CONTAINERS = '{"Service": "front", "State": "running"}\n'


@pytest.fixture(scope="module")
def pair() -> Pair:
    return self_signed((HOST_NAME,), datetime.now(UTC))


@pytest.fixture
def context(pair: Pair, tmp_path: Path) -> ssl.SSLContext:
    return context_of(pair, tmp_path)


def looked(patch: pytest.MonkeyPatch, servers: dict[int, Talker], **more: Any) -> Any:
    through = {port: server.port for port, server in servers.items()}
    said = {PROJECT.listing: CONTAINERS, "-j": "\n".join(map(json.dumps, QUEUE))}
    shell = cast("Any", LocalShell(patch, through, said))
    with talking(*servers.values()):
        return look(shell, host_name=HOST_NAME, **{"ports": sorted(servers), "project": PROJECT, **more})


def test_all_ports_of_a_server_that_is_well(
    monkeypatch: pytest.MonkeyPatch, context: ssl.SSLContext, pair: Pair
) -> None:
    servers = {
        25: Talker(context, b"220 mx1 ESMTP\r\n", SMTP),
        587: Talker(context, b"220 mx1 ESMTP\r\n", SMTP),
        143: Talker(context, b"* OK ready\r\n", {b"STARTTLS": b"a OK begin\r\n"}),
        110: Talker(context, b"+OK ready\r\n", {b"STLS": b"+OK begin\r\n"}, upgrade=b"STLS"),
        4190: Talker(context, SIEVE, {b"STARTTLS": b'OK "begin"\r\n'}),
        465: Talker(context, b"220 mx1 ESMTP\r\n", {}, is_wrapped=True),
        993: Talker(context, b"* OK ready\r\n", {}, is_wrapped=True),
        443: Talker(context, b"", {}, is_wrapped=True),
        80: Talker(None, b"", {}),
    }

    seen = looked(monkeypatch, servers)

    assert {port: told.state for port, told in seen.ports.items()} == {str(port): "well" for port in servers}
    assert {told.certificate for port, told in seen.ports.items() if port != "80"} == {pair.fingerprint}
    assert seen.ports["993"].banner == "* OK ready"
    assert (seen.queue.messages, seen.queue.oldest_at) == (2, 900)
    assert seen.containers == CONTAINERS
    assert ssl.DER_cert_to_PEM_cert(seen.certificate(pair.fingerprint)).strip() == pair.certificate.strip()


def test_what_is_not_as_it_should_be_is_told_apart(monkeypatch: pytest.MonkeyPatch, context: ssl.SSLContext) -> None:
    servers = {
        25: Talker(None, b"220 mx1 ESMTP\r\n", {b"EHLO": b"250 mx1\r\n", b"STARTTLS": b"502 no\r\n"}),
        587: Talker(context, b"554 go away\r\n", {}),
        993: Talker(None, b"* OK ready\r\n", {}),
    }

    seen = looked(monkeypatch, servers, ports=(25, 587, 993, 465))

    states = {port: told.state for port, told in seen.ports.items()}
    assert states == {"25": "plain", "587": "odd", "993": "plain", "465": "closed"}
    assert seen.ports["587"].banner == "554 go away"


def test_asked_from_another_server_only_ports_are_told(
    monkeypatch: pytest.MonkeyPatch, context: ssl.SSLContext
) -> None:
    seen = looked(monkeypatch, {25: Talker(context, b"220 mx1 ESMTP\r\n", SMTP)}, project=None, address="192.0.2.1")

    assert (seen.ports["25"].state, seen.queue, seen.containers) == ("well", None, "")


def test_docker_that_does_not_answer_is_nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = cast("Any", LocalShell(monkeypatch, {}, {}))

    seen = look(shell, host_name=HOST_NAME, ports=(), project=PROJECT)

    assert (seen.queue, seen.containers) == (None, None)


def test_another_answer_is_said_in_words() -> None:
    class Odd:
        def check(self, _command: str, **_more: Any) -> str:
            return "bash: python3: command not found"

    with pytest.raises(BadResponse, match="did not tell how its mail server is"):
        look(cast("Any", Odd()), host_name=HOST_NAME, ports=())
