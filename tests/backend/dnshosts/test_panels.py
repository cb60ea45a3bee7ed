"""The forms of DNS hosts: which one it is, and what a person types into it."""

from __future__ import annotations

import pytest

from backend.dnshosts.forms import typed
from backend.dnshosts.panels import GENERIC, Panel, generic_panel, panel_of, panels, usual_labels
from backend.dnshosts.records import Record, record, text_value

ZONE = "client.example"
KEY = "v=DKIM1; k=rsa; p=" + "A" * 392
DKIM = record(f"my._domainkey.{ZONE}", "TXT", 3600, text_value(KEY))
SPF = record(ZONE, "TXT", 3600, '"v=spf1 mx -all"')
MX = record(ZONE, "MX", 3600, "10 mx1.agency.example.")
SRV = record(f"_imaps._tcp.{ZONE}", "SRV", 3600, "0 1 993 mx1.agency.example.")
NO_SRV = record(f"_imap._tcp.{ZONE}", "SRV", 3600, "0 0 0 .")
ALIAS = record(f"mta-sts.{ZONE}", "CNAME", 3600, "mx1.agency.example.")
CAA = record(ZONE, "CAA", 3600, '0 issue "letsencrypt.org"')


def fields(panel: Panel, one: Record) -> dict[str, str]:
    return {each.key: each.text for each in typed(panel, ZONE, one)}


@pytest.mark.parametrize(
    ("servers", "host"),
    [
        (["ada.ns.cloudflare.com.", "bob.NS.cloudflare.com"], "cloudflare"),
        (["ns-1.awsdns-08.co.uk", "ns-2.awsdns-61.net"], "route53"),
        (["ns1.awsdns.com"], GENERIC),
        (["dns1.registrar-servers.com"], "namecheap"),
        (["ns1.evilcloudflare.com"], GENERIC),
        (["ns.cloudflare.com.evil.example"], GENERIC),
        (["ns1.own.example", "ada.ns.cloudflare.com"], "cloudflare"),
        (["ns1.gandi.net", "ada.ns.cloudflare.com"], GENERIC),
        (["ns1.gandi.net", "ns2.gandi.net", "ada.ns.cloudflare.com"], "gandi"),
        ([], GENERIC),
        (["", "."], GENERIC),
    ],
)
def test_the_name_servers_tell_whose_form_it_is(servers: list[str], host: str) -> None:
    assert panel_of(servers).id == host


def test_the_longer_suffix_wins() -> None:
    suffixes = [suffix for each in panels().values() for suffix in each.suffixes]
    nested = [(one, other) for one in suffixes for other in suffixes if one.endswith(f".{other}")]

    assert len(set(suffixes)) == len(suffixes), "a suffix of two hosts"
    for longer, _shorter in nested:
        assert longer in panel_of([f"a.{longer}"]).suffixes


@pytest.mark.parametrize("host", panels())
def test_each_form_takes_each_record(host: str) -> None:
    panel = panels()[host]

    assert set(panel.fields) <= set(usual_labels())
    assert panel.where
    for one in (DKIM, SPF, MX, SRV, NO_SRV, ALIAS, CAA):
        made = typed(panel, ZONE, one)
        assert len({each.key for each in made}) == len(made)
        assert not any(ZONE in each.text for each in made if each.key == "host") or not panel.appends_zone
        text = " ".join(each.text for each in made)
        for part in one.content.replace('"', "").split():
            assert part.removesuffix(".") in text.replace('" "', "")


def test_a_form_that_has_a_field_for_each_part() -> None:
    panel = panels()["cloudflare"]

    assert fields(panel, MX) == {
        "type": "MX", "host": "@", "mail_server": "mx1.agency.example", "priority": "10", "ttl": "3600"
    }  # fmt: skip
    assert fields(panel, SRV)["host"] == "_imaps._tcp"
    assert [fields(panel, SRV)[key] for key in ("priority", "weight", "port")] == ["0", "1", "993"]
    assert fields(panel, DKIM)["value"] == KEY
    assert fields(panel, CAA)["value"] == "letsencrypt.org"
    assert {each.key: each.label for each in typed(panel, ZONE, SPF)}["value"] == "Content"


def test_a_form_that_wants_strings_in_quotes_and_values_in_one_field() -> None:
    panel = panels()["route53"]

    assert fields(panel, DKIM)["value"] == f'"{KEY[:255]}" "{KEY[255:]}"'
    assert fields(panel, SPF) == {"type": "TXT", "host": "", "value": '"v=spf1 mx -all"', "ttl": "3600"}
    assert fields(panel, MX)["value"] == "10 mx1.agency.example"
    assert fields(panel, SRV)["value"] == "0 1 993 mx1.agency.example"


def test_only_long_texts_are_quoted_where_the_form_splits_by_hand() -> None:
    panel = panels()["he"]

    assert fields(panel, SPF)["value"] == "v=spf1 mx -all"
    assert fields(panel, DKIM)["value"].startswith('"v=DKIM1')
    assert fields(panel, SPF)["host"] == ZONE
    assert fields(panel, DKIM)["host"] == f"my._domainkey.{ZONE}"


def test_a_name_keeps_its_dot_where_the_form_would_add_the_zone() -> None:
    assert fields(panels()["gandi"], ALIAS)["target"] == "mx1.agency.example."
    assert fields(panels()["cloudflare"], ALIAS)["target"] == "mx1.agency.example"
    assert fields(generic_panel(), NO_SRV)["target"] == "."


def test_service_and_protocol_have_fields_of_their_own() -> None:
    made = fields(panels()["godaddy"], SRV)

    assert (made["service"], made["protocol"], made["host"]) == ("_imaps", "_tcp", "@")
    odd = fields(panels()["godaddy"], record(f"odd.{ZONE}", "SRV", 3600, SRV.value))
    assert "service" not in odd
    assert odd["host"] == "odd"


def test_the_ttl_is_one_that_the_form_takes() -> None:
    assert panels()["namesilo"].ttl_s(300) == 3600
    assert panels()["linode"].ttl_s(4000) == 3600
    assert panels()["cloudflare"].ttl_s(300) == 300
    assert "ttl" not in fields(panels()["dynadot"], MX)


def test_what_a_form_would_not_take_is_said() -> None:
    assert panels()["loopia"].troubles(DKIM) == ()
    long = record(DKIM.name, "TXT", 3600, text_value("A" * 451))
    assert panels()["loopia"].troubles(long) == ("The form takes texts of up to 450 characters.",)
    assert len(panels()["loopia"].troubles(NO_SRV)) == 1
    quotes = record(ZONE, "TXT", 3600, text_value('a"b'))
    assert len(panels()["namecheap"].troubles(quotes)) == 1
