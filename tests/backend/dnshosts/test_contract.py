"""What every DNS host must do, at each of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from backend.core.errors import NotFound, Refused
from backend.dnshosts.ports import DnsHost, Zone
from backend.dnshosts.records import BadRecord, Record, SetChange, ZoneMoved, by_set, record, same, text_value
from tests.backend.dnshosts.bind import ZONES

pytestmark = pytest.mark.judged_once

DKIM = "v=DKIM1; k=rsa; p=" + "A" * 392
#: (label in front of the zone's name, type, value): one record each, as mail needs them and as others have them.
VALUES = (
    ("", "MX", "10 mx1.agency.example."),
    ("", "TXT", text_value("v=spf1 mx -all")),
    ("", "CAA", '0 issue "letsencrypt.org"'),
    ("dkim._domainkey", "TXT", text_value(DKIM)),
    ("_dmarc", "TXT", text_value("v=DMARC1; p=none; rua=mailto:dmarc@agency.example")),
    ("quoted", "TXT", text_value('a "quoted" word; a \\ and a tab\tin it')),
    ("utf8", "TXT", text_value("Grüße".encode().decode("latin-1"))),
    ("www", "A", "192.0.2.1"),
    ("www", "AAAA", "2001:db8::1"),
    ("autoconfig", "CNAME", "mx1.agency.example."),
    ("_imaps._tcp", "SRV", "0 1 993 mx1.agency.example."),
    ("*", "TXT", text_value("for whoever asks")),
)


def named(zone: Zone, label: str) -> str:
    return f"{label}.{zone.name}" if label else zone.name


def of(zone: Zone, label: str, kind: str, *values: str, ttl_s: int = 3600) -> tuple[Record, ...]:
    """A set in the order in which sets are told."""
    made = [record(named(zone, label), kind, ttl_s, value) for value in values]
    return by_set(made).get((named(zone, label), kind), ())


def change(zone: Zone, label: str, kind: str, before: Sequence[Record], after: Sequence[Record]) -> SetChange:
    return SetChange(named(zone, label), kind, tuple(before), tuple(after))


def live(host: DnsHost, zone: Zone, label: str, kind: str) -> tuple[Record, ...]:
    return by_set(host.records(zone)).get((named(zone, label), kind), ())


def put(host: DnsHost, zone: Zone, label: str, kind: str, *values: str) -> tuple[Record, ...]:
    made = of(zone, label, kind, *values)
    host.change(zone, [change(zone, label, kind, live(host, zone, label, kind), made)])
    return live(host, zone, label, kind)


def taken(host: DnsHost, records: Sequence[Record]) -> bool:
    """Whether the host's limits let them through."""
    try:
        for each in records:
            host.limits.check(each, host.kind)
    except Refused:
        return False
    return True


def goes_and_comes_back(host: DnsHost, zone: Zone, label: str, kind: str, value: str) -> None:
    """A record is read as it was made, and its removal is taken back."""
    wanted = put(host, zone, label, kind, value)
    assert same(wanted, of(zone, label, kind, value))
    gone = change(zone, label, kind, wanted, ())

    host.change(zone, [gone])
    host.change(zone, [gone.inverse])

    assert same(live(host, zone, label, kind), wanted)


def test_the_credentials_are_proved(host: DnsHost) -> None:
    assert host.verify()


def test_a_zone_has_its_name_servers(host: DnsHost, zone: Zone) -> None:
    assert zone.name_servers
    assert zone.is_active


def test_a_zone_that_is_not_there_is_not_found(host: DnsHost) -> None:
    with pytest.raises(NotFound):
        host.zone("not-there.example")


@pytest.mark.parametrize(("label", "kind", "value"), VALUES, ids=[f"{kind} {label}" for label, kind, _value in VALUES])
def test_a_record_is_read_as_it_was_made_and_goes_again(
    host: DnsHost, zone: Zone, label: str, kind: str, value: str
) -> None:
    wanted = of(zone, label, kind, value)
    if not taken(host, wanted):
        with pytest.raises(Refused, match="does not take"):
            host.change(zone, [change(zone, label, kind, (), wanted)])
        assert live(host, zone, label, kind) == ()
        return

    host.change(zone, [change(zone, label, kind, (), wanted)])
    assert same(live(host, zone, label, kind), wanted)

    host.change(zone, [change(zone, label, kind, wanted, ())])
    assert live(host, zone, label, kind) == ()


def test_a_value_beside_others_leaves_them(host: DnsHost, zone: Zone) -> None:
    others = put(host, zone, "", "TXT", text_value("site-verification=1"), text_value("MS=ms1"))
    spf = record(zone.name, "TXT", 3600, text_value("v=spf1 mx -all"))

    host.change(zone, [change(zone, "", "TXT", others, (*others, spf))])

    assert same(live(host, zone, "", "TXT"), (*others, spf))


def test_how_a_text_of_others_is_cut_stays(host: DnsHost, zone: Zone) -> None:
    foreign = put(host, zone, "", "TXT", '"cut" " by" " hand"')
    host.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])

    assert [each.value for each in live(host, zone, "", "TXT")] == [each.value for each in foreign]


def test_a_ttl_is_changed(host: DnsHost, zone: Zone) -> None:
    before = put(host, zone, "www", "A", "192.0.2.1", "192.0.2.2")
    after = of(zone, "www", "A", "192.0.2.1", "192.0.2.2", ttl_s=300)

    host.change(zone, [change(zone, "www", "A", before, after)])

    assert {each.ttl_s for each in live(host, zone, "www", "A")} == {300}


def test_a_record_becomes_an_alias(host: DnsHost, zone: Zone) -> None:
    before = put(host, zone, "www", "A", "192.0.2.1")
    after = of(zone, "www", "CNAME", "site.example.")

    host.change(zone, [change(zone, "www", "A", before, ()), change(zone, "www", "CNAME", (), after)])

    assert live(host, zone, "www", "A") == ()
    assert same(live(host, zone, "www", "CNAME"), after)


def test_a_change_that_happened_already_is_no_change(host: DnsHost, zone: Zone) -> None:
    done = change(zone, "", "MX", (), of(zone, "", "MX", "10 mx1.agency.example."))
    host.change(zone, [done])
    before = host.records(zone)

    host.change(zone, [done])

    assert same(host.records(zone), before)


def test_what_a_change_made_its_inverse_takes_back(host: DnsHost, zone: Zone) -> None:
    put(host, zone, "", "MX", "5 old.example.")
    before = host.records(zone)
    changes = [
        change(zone, "", "MX", live(host, zone, "", "MX"), of(zone, "", "MX", "10 mx1.agency.example.")),
        change(zone, "_dmarc", "TXT", (), of(zone, "_dmarc", "TXT", text_value("v=DMARC1; p=none"))),
    ]
    host.change(zone, changes)

    host.change(zone, [each.inverse for each in changes])

    assert same(host.records(zone), before)


def test_the_second_of_two_writers_is_refused(host: DnsHost, zone: Zone) -> None:
    seen = put(host, zone, "", "MX", "10 mx1.agency.example.")
    put(host, zone, "", "MX", "10 mx2.agency.example.")

    with pytest.raises(ZoneMoved, match="changed meanwhile"):
        host.change(zone, [change(zone, "", "MX", seen, of(zone, "", "MX", "10 mx3.agency.example."))])

    assert [each.value for each in live(host, zone, "", "MX")] == ["10 mx2.agency.example."]


def test_a_refused_change_leaves_the_others_undone(host: DnsHost, zone: Zone) -> None:
    """Looking comes before the first of them."""
    put(host, zone, "www", "A", "192.0.2.9")
    before = host.records(zone)

    with pytest.raises(ZoneMoved):
        host.change(
            zone,
            [
                change(zone, "_dmarc", "TXT", (), of(zone, "_dmarc", "TXT", text_value("v=DMARC1; p=none"))),
                change(zone, "www", "A", of(zone, "www", "A", "192.0.2.1"), of(zone, "www", "A", "192.0.2.2")),
            ],
        )

    assert same(host.records(zone), before)


def test_many_records_are_all_read(host: DnsHost, zone: Zone) -> None:
    """More than any host tells at once."""
    wanted = [change(zone, f"h{n}", "A", (), of(zone, f"h{n}", "A", f"192.0.2.{n}")) for n in range(1, 231)]

    host.change(zone, wanted)

    found = by_set(host.records(zone))
    assert sum(key[0].startswith("h") for key in found) == len(wanted)


def test_what_is_no_record_is_refused_before_it_is_sent() -> None:
    for kind, value in (("A", "192.0.2.256"), ("MX", "mx1.example."), ("TXT", '"open'), ("NONSENSE", "1")):
        with pytest.raises(BadRecord):
            record(ZONES[0], kind, 3600, value)
