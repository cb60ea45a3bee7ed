"""A set-up sheet against a name server on which each mistake was made."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from backend.dnshosts.panels import generic_panel
from backend.dnshosts.records import Record, record, text_value
from backend.domains.plan import Wanted, dns_plan
from backend.domains.sheet import Sheet, set_up_sheet
from backend.domains.sheet_check import CheckedRow, checked
from tests.backend.authrecords.name_server import LoopbackServer

ZONE, SERVER = "client.example", "mx1.agency.example"
KEY = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 12
SPF = f"v=spf1 a:{SERVER} -all"
DMARC = "v=DMARC1; p=none; rua=mailto:dmarc@agency.example"
DKIM_NAME = f"my2612._domainkey.{ZONE}"

MX = Wanted(ZONE, "MX", (f"10 {SERVER}.",), "mail")
DKIM = Wanted(DKIM_NAME, "TXT", (text_value(KEY),), "dkim")
SPF_WANTED = Wanted(ZONE, "TXT", (f"a:{SERVER}",), "spf", "spf")
POLICY = Wanted(f"_dmarc.{ZONE}", "TXT", (text_value(DMARC),), "dmarc")
IMAPS = Wanted(f"_imaps._tcp.{ZONE}", "SRV", (f"0 1 993 {SERVER}.",), "srv")
STS = Wanted(f"mta-sts.{ZONE}", "CNAME", (f"{SERVER}.",), "sts")


def sheet(*wanted: Wanted, live: tuple[Record, ...] = (), adopted: tuple[tuple[str, str], ...] = ()) -> Sheet:
    return set_up_sheet(ZONE, dns_plan(ZONE, wanted, live, adopted), generic_panel())


def looked(made: Sheet, zone: dict[str, Any]) -> list[CheckedRow]:
    with LoopbackServer({ZONE: [{"NS": "ns1.host.example."}], **zone}) as server:
        return list(asyncio.run(checked(server.resolver(), made)))


def the_row(wanted: Wanted, zone: dict[str, Any]) -> CheckedRow:
    (found,) = looked(sheet(wanted), zone)
    return found


def texts(*values: Any) -> list[dict[str, Any]]:
    return [{"TXT": each} for each in values]


def test_what_is_served_as_it_was_wanted_is_right() -> None:
    zone = {
        ZONE: [{"MX": [10, SERVER]}, *texts(SPF, "other=1")],
        DKIM_NAME: texts([KEY[:200], KEY[200:]]),
        f"_dmarc.{ZONE}": texts(DMARC),
        f"_imaps._tcp.{ZONE}": [{"SRV": f"0 1 993 {SERVER.upper()}."}],
        f"mta-sts.{ZONE}": [{"CNAME": f"{SERVER}."}],
        SERVER: [{"A": "192.0.2.7"}],
    }

    rows = looked(sheet(MX, SPF_WANTED, DKIM, POLICY, IMAPS, STS), zone)

    assert [(each.state, each.mistake) for each in rows] == [("right", "")] * 6


def test_what_is_not_served_is_missing() -> None:
    rows = looked(sheet(MX, SPF_WANTED, DKIM, POLICY, IMAPS, STS), {})

    assert [(each.state, each.mistake, each.live) for each in rows] == [("missing", "", ())] * 6


@pytest.mark.parametrize(
    ("wanted", "zone", "mistake"),
    [
        (DKIM, {f"{DKIM_NAME}.{ZONE}": texts(KEY)}, "The zone's name was typed too"),
        (MX, {f"{ZONE}.{ZONE}": [{"MX": [10, SERVER]}]}, "The zone's name was typed too"),
        (SPF_WANTED, {ZONE: texts(f'"{SPF}"')}, "quotation marks"),
        (DKIM, {DKIM_NAME: texts(f'"{KEY[:255]}" "{KEY[255:]}"')}, "quotation marks"),
        (POLICY, {f"_dmarc.{ZONE}": texts(f'\\"{DMARC}\\"')}, "quotation marks"),
        (SPF_WANTED, {ZONE: texts(f"{SPF}.")}, "dot at the end"),
        (DKIM, {DKIM_NAME: texts(f"{KEY[:255]} {KEY[255:]}")}, "a blank between them"),
        (DKIM, {DKIM_NAME: texts(KEY[:255])}, "cut off"),
        (DKIM, {f"my2612.{ZONE}": texts(KEY)}, f"another name: my2612.{ZONE}."),
        (DKIM, {f"_domainkey.{ZONE}": texts(KEY)}, f"another name: _domainkey.{ZONE}."),
        (POLICY, {ZONE: texts(DMARC)}, f"another name: {ZONE}."),
        (SPF_WANTED, {ZONE: texts(SPF, "v=spf1 include:old.example ~all")}, "several SPF records"),
        (POLICY, {f"_dmarc.{ZONE}": texts(DMARC, "v=DMARC1; p=reject")}, "several DMARC records"),
        (
            POLICY,
            {f"_dmarc.{ZONE}": [{"CNAME": "policy.other.example."}], "policy.other.example": texts(DMARC)},
            "is an alias (CNAME) of policy.other.example.",
        ),
        (MX, {ZONE: [{"MX": [10, f"{SERVER}.{ZONE}"]}]}, f"the target: it is {SERVER}.{ZONE}."),
        (IMAPS, {IMAPS.name: [{"SRV": f"0 1 993 {SERVER}.{ZONE}."}]}, "added to the target"),
        (STS, {STS.name: [{"CNAME": f"{SERVER}.{ZONE}."}]}, "added to the target"),
        (MX, {ZONE: [{"MX": [10, SERVER]}], SERVER: [{"A": "104.16.1.2"}]}, "the proxy 104.16.1.2"),
        (MX, {ZONE: [{"MX": [10, SERVER]}], SERVER: [{"AAAA": "2606:4700::1"}]}, "the proxy 2606:4700::1"),
        (MX, {ZONE: [{"MX": [10, "old.example"]}]}, "Something else"),
    ],
)
def test_each_mistake_is_named(wanted: Wanted, zone: dict[str, Any], mistake: str) -> None:
    found = the_row(wanted, zone)

    assert found.state == "wrong"
    assert mistake in found.mistake


def test_other_texts_of_a_name_are_no_mistake() -> None:
    found = the_row(SPF_WANTED, {ZONE: texts("google-site-verification=1")})

    assert (found.state, found.mistake) == ("missing", "")
    assert found.live == ("google-site-verification=1",)


def test_a_record_that_goes_is_right_when_it_is_gone() -> None:
    old = tuple(record(ZONE, "TXT", 300, text_value(each)) for each in ("v=spf1 mx -all", "v=spf1 a ~all"))
    made = sheet(SPF_WANTED, live=old, adopted=((ZONE, "SPF"),))
    assert [each.verb for each in made.rows] == ["change", "remove"]
    merged = made.rows[0].record.content

    gone = looked(made, {ZONE: texts(merged)})
    still = looked(made, {ZONE: texts(merged, made.rows[1].record.content)})

    assert [each.state for each in gone] == ["right", "right"]
    assert [each.state for each in still] == ["wrong", "wrong"]
    assert "still there" in still[1].mistake


def test_an_spf_record_that_was_not_changed_yet_is_named() -> None:
    old = (record(ZONE, "TXT", 300, text_value("v=spf1 mx -all")),)

    (found,) = looked(sheet(SPF_WANTED, live=old), {ZONE: texts("v=spf1 mx -all")})

    assert (found.state, found.mistake) == ("wrong", "Something else stands there.")


def test_where_nobody_answers_it_is_unknown() -> None:
    (found,) = looked(sheet(POLICY), {POLICY.name: [{"RCODE": 2}]})

    assert found.state == "unknown"
    assert "failed" in found.mistake
