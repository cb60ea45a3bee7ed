"""Parts of the stand-ins for Mailu's programs that need no container: where mail goes, and how Dovecot is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.standins.admin.addresses import destinations, like, resolved, senders, transport
from tests.lab.standins.admin.database import opened, prepare
from tests.lab.standins.settings import advised_ports, open_ports
from tests.lab.standins.tables import escaped, plain


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with a domain, two users and two aliases."""
    monkeypatch.setenv("RECIPIENT_DELIMITER", "+")
    file = tmp_path / "main.db"
    prepare(file)
    with opened(file) as database:
        database.insert("domain", {"name": "bücher.test"})
        database.insert("domain", {"name": "client.test"})
        database.insert("alternative", {"name": "other.test", "domain_name": "client.test"})
        forward = {"forward_enabled": True, "forward_destination": ["else@example.com"], "forward_keep": False}
        database.insert("user", {"email": "alice@client.test", "password": "x"})
        database.insert("user", {"email": "bob@client.test", "password": "x", **forward})
        database.insert("alias", {"email": "info@client.test", "destination": ["alice@client.test"]})
        catch_all = {"email": "%@client.test", "destination": ["bob@client.test"], "wildcard": True}
        database.insert("alias", catch_all)
    return file


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("alice@client.test", ["alice@client.test"]),
        ("alice+tag@client.test", ["alice+tag@client.test"]),
        ("alice@other.test", ["alice@client.test"]),
        ("bob@client.test", ["else@example.com"]),
        ("info+tag@client.test", ["alice@client.test"]),
        ("anybody@client.test", ["bob@client.test"]),
        ("anybody@bücher.test", []),
    ],
)
def test_mail_finds_its_way(file: Path, address: str, found: list[str]) -> None:
    with opened(file) as database:
        assert destinations(database, *resolved(database, address)) == found


def test_who_forwards_everything_away_still_may_send(file: Path) -> None:
    with opened(file) as database:
        assert senders(database, "bob@client.test") == ["bob@client.test", "else@example.com"]


def test_names_are_kept_in_ascii_and_shown_as_people_write_them(file: Path) -> None:
    with opened(file) as database:
        assert database.row("domain", "xn--bcher-kva.test") == database.row("domain", "Bücher.test")
        assert [row["name"] for row in database.rows("domain")] == ["client.test", "bücher.test"]


def test_a_domain_takes_with_it_what_hangs_on_it(file: Path) -> None:
    with opened(file) as database:
        database.delete("domain", name="client.test")

        assert [database.rows(table) for table in ("user", "alias", "alternative")] == [[], [], []]


@pytest.mark.parametrize(
    ("smtp", "way"),
    [
        ("", "smtp:away.test"),
        ("mx.away.test", "smtp:[mx.away.test]"),
        ("[mx.away.test]:2525", "smtp:[mx.away.test]:2525"),
        ("mx:other.test", "smtp:other.test"),
        ("lmtp:mx.away.test:24", "lmtp:mx.away.test:24"),
        ("lmtp:", None),
        ("mx:[other.test]", None),
        ("mx.away.test:port", None),
    ],
)
def test_relayed_domains_have_a_way_or_none(smtp: str, way: str | None) -> None:
    assert transport({"name": "away.test", "smtp": smtp}) == way


@pytest.mark.parametrize(
    ("text", "pattern", "fits"),
    [("sales-eu", "sales%", True), ("a[b]", "a[_]", True), ("sales", "s_les", True), ("xsales", "sales%", False)],
)
def test_patterns_are_those_of_sql(text: str, pattern: str, fits: bool) -> None:
    assert like(text, pattern) is fits


def test_what_dovecot_would_take_for_an_end_is_escaped() -> None:
    text = "tab\there\nline\rmark\x01one\x00nothing"

    assert plain(escaped(text)) == text
    assert not set("\t\n\r\x00") & set(escaped(text))


@pytest.mark.parametrize(
    ("value", "listens", "advised"),
    [
        ("25,80,443,465,587,993", {25, 80, 443, 465, 587, 993}, {25, 80, 443, 465, 587, 993}),
        ("25,80,443,465, 587,993", {25, 80, 443, 465, 993}, {25, 80, 443, 465, 587, 993}),
        ("587", {25, 465, 587, 993}, {25, 465, 587, 993}),
    ],
)
def test_a_port_behind_a_blank_stays_shut_although_it_is_advised(
    monkeypatch: pytest.MonkeyPatch, value: str, listens: set[int], advised: set[int]
) -> None:
    monkeypatch.setenv("PORTS", value)

    assert (open_ports(), advised_ports()) == (listens, advised)
