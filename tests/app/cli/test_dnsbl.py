"""``mailyard dnsbl check``: an address or a domain at the known blocklists, over a name server on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.cli.output import Exit
from backend.authrecords.dnsbl.catalogue import known_lists
from tests.app.cli.command import Commands
from tests.backend.authrecords.name_server import LoopbackServer, Zone

ZEN, DBL = "zen.spamhaus.org", "dbl.spamhaus.org"
ZONE: Zone = {
    f"2.0.0.127.{ZEN}": [{"A": "127.0.0.2"}],
    f"66.2.0.192.{ZEN}": [{"A": "127.0.0.2"}, {"A": "127.0.0.10"}, {"TXT": "\x1b[31mSee https://list.example/66"}],
    f"67.2.0.192.{ZEN}": [{"A": "127.255.255.254"}],
    f"test.{DBL}": [{"A": "127.0.1.2"}],
    f"xn--bcher-kva.example.{DBL}": [{"A": "127.0.1.4"}],
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with LoopbackServer(ZONE) as running:
        yield running.option


def test_an_address_is_asked_of_all_lists_of_its_family(commands: Commands, server: str) -> None:
    def said(address: str) -> dict[str, object]:
        answer = commands.run("dnsbl", "check", address, "--resolver", server, "--json", passphrase=None).json
        assert list(answer) == ["subject", "lists"]
        assert all(list(each) == ["zone", "state", "codes", "reason"] for each in answer["lists"])
        assert len(answer["lists"]) == sum(each.of == "addresses" for each in known_lists())
        assert {each["state"] for each in answer["lists"] if each["zone"] != ZEN} == {"dead"}
        (zen,) = [each for each in answer["lists"] if each["zone"] == ZEN]
        return {"subject": answer["subject"], **zen}

    listed = {"zone": ZEN, "state": "listed", "codes": ["127.0.0.2", "127.0.0.10"]}
    words = "\x1b[31mSee https://list.example/66"
    assert said("::ffff:192.0.2.66") == {"subject": "192.0.2.66", **listed, "reason": words}
    refused = said("192.0.2.67")
    assert (refused["state"], refused["codes"]) == ("refused", ["127.255.255.254"])
    assert "resolver" in str(refused["reason"])
    assert said("192.0.2.1")["state"] == "clean"


def test_a_domain_is_asked_of_lists_of_domains(commands: Commands, server: str) -> None:
    told = commands.run("dnsbl", "check", "B\u00fccher.example", "--resolver", server, passphrase=None).out

    count = sum(each.of == "domains" for each in known_lists())
    assert told.splitlines()[0] == f"xn--bcher-kva.example: listed by 1 of {count}"
    assert told.splitlines()[2].split() == [DBL, "listed", "127.0.1.4", "phish"]


def test_what_a_list_says_steers_no_terminal(commands: Commands, server: str) -> None:
    assert "\x1b" not in commands.run("dnsbl", "check", "192.0.2.66", "--resolver", server, passphrase=None).out


@pytest.mark.parametrize("subject", ["mx", "192.0.2.256", "fe80::1%eth0", ""])
def test_what_is_neither_is_refused(commands: Commands, subject: str) -> None:
    refused = commands.run("dnsbl", "check", subject, passphrase=None, code=Exit.USAGE)

    assert "neither an address nor a domain" in refused.err or "of one network only" in refused.err
