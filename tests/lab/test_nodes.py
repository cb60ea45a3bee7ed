"""The world around the hosts: signed DNS that takes updates, a blocklist, an ACME server, a registry, others' mail."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import dns.update
import pytest

from tests.lab.authority import lab_authority
from tests.lab.hosts import LabHost
from tests.lab.nodes.acme import Acme
from tests.lab.nodes.dns import ask, is_validated, replace, texts
from tests.lab.nodes.plan import (
    BLOCKLIST,
    BLOCKLIST_ZONE,
    PLAYED,
    REGISTRY,
    REGISTRY_NAMES,
    RESOLVER,
    RESOLVERS,
    REVERSE,
    SINKS,
    ZONES,
    Node,
)
from tests.lab.nodes.registry import start_registry
from tests.lab.nodes.servers import Servers
from tests.lab.nodes.sink import Sink
from tests.lab.waiting import until

pytestmark = pytest.mark.lab

#: A resolver keeps what it heard for up to half a minute, also that there is nothing.
HEARD_S = 90.0
STEP_S = 0.05


@pytest.mark.usefixtures("lab_dns")
def test_resolvers_vouch_for_names_of_the_real_world() -> None:
    for resolver in RESOLVERS:
        for name, address in PLAYED.items():
            answer = ask(resolver.ip, name, "A")

            assert is_validated(answer), (resolver, name)
            assert texts(answer, "A") == {address}


@pytest.mark.usefixtures("lab_dns")
def test_an_updated_record_is_signed_and_reaches_resolvers() -> None:
    replace("client.test", "www", "TXT", '"one"', '"two"')

    assert until(lambda: texts(ask(ZONES.ip, "www.client.test", "TXT"), "TXT") == {'"one"', '"two"'}, HEARD_S, STEP_S)
    for resolver in RESOLVERS:
        assert until(lambda ip=resolver.ip: _is_heard(ip, "www.client.test", "TXT"), HEARD_S, STEP_S)  # type: ignore[misc]


@pytest.mark.usefixtures("lab_dns")
def test_updates_without_the_key_are_refused() -> None:
    update = dns.update.UpdateMessage("client.test")
    update.add("intruder", 5, "A", "10.77.1.1")

    assert dns.query.tcp(update, ZONES.ip, timeout=10).rcode() == dns.rcode.REFUSED


@pytest.mark.usefixtures("lab_dns")
def test_addresses_have_names() -> None:
    replace(REVERSE, "10.1", "PTR", "mx1.lab.test.")

    name = f"10.1.{REVERSE}"
    assert until(lambda: texts(ask(ZONES.ip, name, "PTR"), "PTR") == {"mx1.lab.test."}, HEARD_S, STEP_S)
    assert texts(ask(RESOLVER, name, "PTR"), "PTR") == {"mx1.lab.test."}


@pytest.mark.usefixtures("lab_dns")
def test_an_address_is_listed_a_moment_after_it_was_written_down(servers: Servers) -> None:
    assert texts(ask(RESOLVER, f"2.0.0.127.{BLOCKLIST_ZONE}", "A"), "A") == {"127.0.0.2"}
    name = f"11.1.77.10.{BLOCKLIST_ZONE}"
    assert texts(ask(BLOCKLIST.ip, name, "A"), "A") == set()

    with (servers.place(BLOCKLIST) / "listed").open("a") as listed:
        listed.write("10.77.1.11\n")

    assert until(lambda: texts(ask(BLOCKLIST.ip, name, "A"), "A") == {"127.0.0.2"}, HEARD_S, STEP_S)


def test_the_acme_server_shows_its_directory_and_its_root(acme: Acme) -> None:
    assert {"newNonce", "newAccount", "newOrder", "revokeCert"} <= set(acme.endpoints())
    assert acme.root().startswith("-----BEGIN CERTIFICATE-----")


@pytest.mark.usefixtures("lab_dns")
def test_the_registry_answers_under_the_real_names(servers: Servers, tmp_path: Path) -> None:
    node = Node("other-registry", "10.77.0.72")
    start_registry(servers, tmp_path, node)
    trust = ssl.create_default_context(cafile=lab_authority().path)

    for name in REGISTRY_NAMES:
        with (
            socket.create_connection((node.ip, 443), timeout=10) as line,
            trust.wrap_socket(line, server_hostname=name) as connection,
        ):
            connection.sendall(f"GET /v2/ HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())

            assert connection.recv(64).startswith(b"HTTP/1.0 200 OK")


def test_mail_of_others_is_kept_with_its_envelope(sinks: dict[str, Sink]) -> None:
    message = "Subject: hello\r\nFrom: a@client.test\r\n\r\nGrüße\r\n"
    trust = ssl.create_default_context(cafile=lab_authority().path)
    with smtplib.SMTP(SINKS["example.com"].ip, 25, "mx1.lab.test", timeout=30) as line:
        line.starttls(context=trust)
        refused = line.sendmail(
            "a@client.test", ["kept@example.com", "refused@example.com", "deferred@example.com"], message.encode()
        )

    assert {address: code for address, (code, _text) in refused.items()} == {
        "refused@example.com": 550,
        "deferred@example.com": 451,
    }
    (received,) = sinks["example.com"].received("kept@example.com")
    assert (received.sender, received.recipients) == ("a@client.test", ["kept@example.com"])
    assert (received.peer, received.greeted_as, received.by_tls) == ("10.77.0.2", "mx1.lab.test", True)
    assert received.message == message
    assert sinks["example.net"].received() == []


@pytest.mark.usefixtures("lab_dns")
def test_a_host_finds_names_by_the_labs_resolver(lab_host: Callable[..., LabHost]) -> None:
    with lab_host(resolver=RESOLVER).shell() as shell:
        found = shell.read("getent ahostsv4 ghcr.io mx.example.com | awk '{print $1}' | sort -u").split()

    assert found == [REGISTRY.ip, SINKS["example.com"].ip]


def _is_heard(resolver: str, name: str, kind: str) -> bool:
    answer: dns.message.Message = ask(resolver, name, kind)
    return is_validated(answer) and texts(answer, kind) == {'"one"', '"two"'}
