"""What is Cloudflare's own: tokens and their rights, its pace, lost answers, what only it knows of a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from backend.core.errors import (
    NotFound,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Unauthorized,
)
from backend.core.secrets.values import Secret
from backend.dnshosts.cloudflare.driver import MOST_AT_ONCE, Cloudflare
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import Record, ZoneMoved, same, text_value
from tests.backend.dnshosts.bind import ZONES
from tests.backend.dnshosts.conftest import opened
from tests.backend.dnshosts.test_contract import change, goes_and_comes_back, live, named, of, put
from tests.emulators.process import Emulator

pytestmark = pytest.mark.judged_once

BATCH = ("POST", "/client/v4/zones")
TOKEN = "cf_another_token_0123456789"


@pytest.fixture
def host(cloudflare: Emulator) -> Iterator[Cloudflare]:
    yield from opened(Cloudflare, cloudflare, cloudflare.url)


@pytest.fixture
def zone(host: Cloudflare) -> Zone:
    return host.zone(ZONES[0])


@pytest.fixture
def other(cloudflare: Emulator) -> Iterator[Cloudflare]:
    """The same account with another token; what it may, a test says by control ``tokens``."""
    yield from opened(Cloudflare, cloudflare, cloudflare.url, TOKEN)


def made(cloudflare: Emulator, zone: Zone, **body: Any) -> dict[str, Any]:
    """A record that somebody else made."""
    with cloudflare.client() as client:
        answer = client.post(f"/client/v4/zones/{zone.id}/dns_records", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["result"]
    return found


def told(cloudflare: Emulator, zone: Zone, name: str) -> list[dict[str, Any]]:
    with cloudflare.client() as client:
        answer = client.get(f"/client/v4/zones/{zone.id}/dns_records").json()
    return [each for each in answer["result"] if each["name"] == name]


def batches(cloudflare: Emulator) -> int:
    return sum(each["path"].endswith("/batch") and each["status"] == 200 for each in cloudflare.log())


def test_a_wrong_token_is_named(other: Cloudflare) -> None:
    for call in (other.verify, other.zones):
        with pytest.raises(Unauthorized, match="Cloudflare refused the token"):
            call()


def test_a_token_that_was_disabled_is_named(cloudflare: Emulator, other: Cloudflare) -> None:
    cloudflare.set("tokens", token=TOKEN, status="disabled")
    with pytest.raises(Unauthorized, match="Cloudflare refused the token"):
        other.verify()


def test_a_token_of_an_account_is_proved_by_what_it_lists(cloudflare: Emulator, other: Cloudflare) -> None:
    cloudflare.set("tokens", token=TOKEN, owner="account")
    assert other.verify() == "Agency"


def test_a_token_sees_its_zones_alone(cloudflare: Emulator, other: Cloudflare, zone: Zone) -> None:
    cloudflare.set("tokens", token=TOKEN, zones=[ZONES[1]])

    assert [each.name for each in other.zones()] == [ZONES[1]]
    with pytest.raises(NotFound, match=r"no zone zone0\.example that this token may see"):
        other.zone(ZONES[0])
    with pytest.raises(Unauthorized, match="does not permit this"):
        other.records(zone)


def test_a_token_that_may_only_read_is_named(cloudflare: Emulator, other: Cloudflare, zone: Zone) -> None:
    cloudflare.set("tokens", token=TOKEN, reads=[ZONES[0]])
    with pytest.raises(Unauthorized, match="does not permit this"):
        other.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])
    assert other.records(zone) == ()


def test_all_zones_are_listed_and_one_that_waits_is_told(cloudflare: Emulator, host: Cloudflare) -> None:
    """More than a page; and one whose name servers still lead elsewhere."""
    for number in range(60):
        cloudflare.set("zone", name=f"client{number}.example", status="pending")

    zones = {each.name: each.is_active for each in host.zones()}

    assert len(zones) == len(ZONES) + 60
    assert zones[ZONES[0]]
    assert not zones["client59.example"]


def test_the_service_asks_us_to_slow_down(cloudflare: Emulator, host: Cloudflare, zone: Zone) -> None:
    cloudflare.fault("429", *BATCH, retry_after=77)
    with pytest.raises(RateLimited) as caught:
        host.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])
    assert caught.value.retry_after_s == 77


def test_a_failure_of_the_service_while_we_look(cloudflare: Emulator, host: Cloudflare, zone: Zone) -> None:
    cloudflare.fault("500", "GET", "/client/v4/zones")
    with pytest.raises(ProviderUnavailable):
        host.records(zone)


@pytest.mark.parametrize("fault", ["500", "500_after", "lost_answer", "close", "cut_body", "malformed"])
def test_a_change_without_an_answer_can_be_made_again(
    cloudflare: Emulator, host: Cloudflare, zone: Zone, fault: str
) -> None:
    wanted = of(zone, "", "MX", "10 mx1.agency.example.", "20 mx2.agency.example.")
    cloudflare.fault(fault, *BATCH)

    with pytest.raises(OutcomeUnknown):
        host.change(zone, [change(zone, "", "MX", (), wanted)])
    host.change(zone, [change(zone, "", "MX", (), wanted)])

    assert same(live(host, zone, "", "MX"), wanted)
    assert batches(cloudflare) == 1


def test_what_others_noted_beside_a_record_survives(cloudflare: Emulator, host: Cloudflare, zone: Zone) -> None:
    """One that stays is not touched; one whose TTL or place is taken keeps its note."""
    stays, longer, spf = (
        made(cloudflare, zone, type=kind, name=name, content=content, ttl=3600, comment="do not touch", tags=["by:web"])
        for kind, name, content in (
            ("A", "www", "192.0.2.1"),
            ("A", "www", "192.0.2.2"),
            ("TXT", "@", '"v=spf1 ~all"'),
        )
    )
    www, apex = live(host, zone, "www", "A"), live(host, zone, "", "TXT")
    after = (*(each for each in www if each.key == stays["id"]), *of(zone, "www", "A", "192.0.2.2", ttl_s=7200))

    host.change(
        zone,
        [
            change(zone, "www", "A", www, (*after, *of(zone, "www", "A", "192.0.2.3"))),
            change(zone, "", "TXT", apex, of(zone, "", "TXT", text_value("v=spf1 mx -all"))),
        ],
    )

    found = {each["id"]: each for name in (named(zone, "www"), zone.name) for each in told(cloudflare, zone, name)}
    assert len(found) == 4
    assert found[stays["id"]] == stays
    assert found[longer["id"]]["ttl"] == 7200
    assert found[spf["id"]]["content"] == '"v=spf1 mx -all"'
    assert {(found[each["id"]]["comment"], *found[each["id"]]["tags"]) for each in (longer, spf)} == {
        ("do not touch", "by:web")
    }


def test_a_proxied_record_is_told_and_comes_back_as_one(cloudflare: Emulator, host: Cloudflare, zone: Zone) -> None:
    made(cloudflare, zone, type="A", name="www", content="192.0.2.1", proxied=True)
    (before,) = live(host, zone, "www", "A")
    assert before.is_proxied
    gone = change(zone, "www", "A", [before], ())

    host.change(zone, [gone])
    host.change(zone, [gone.inverse])

    (again,) = told(cloudflare, zone, named(zone, "www"))
    assert (again["proxied"], again["ttl"]) == (True, 1)


def test_an_automatic_ttl_is_what_it_is_served_with(cloudflare: Emulator, host: Cloudflare, zone: Zone) -> None:
    made(cloudflare, zone, type="A", name="www", content="192.0.2.1", ttl=1)
    wanted = of(zone, "www", "A", "192.0.2.1", ttl_s=300)
    assert same(live(host, zone, "www", "A"), wanted)

    host.change(zone, [change(zone, "www", "A", (), wanted)])

    assert told(cloudflare, zone, named(zone, "www"))[0]["ttl"] == 1


def test_a_text_of_the_time_before_quotes_is_read(cloudflare: Emulator, host: Cloudflare, zone: Zone) -> None:
    made(cloudflare, zone, type="TXT", name="@", content="v=spf1 include:spf.example -all; Grüße")
    (found,) = live(host, zone, "", "TXT")
    assert found.content.encode("latin-1").decode() == "v=spf1 include:spf.example -all; Grüße"


@pytest.mark.parametrize(
    ("label", "kind", "value"),
    [
        ("_25._tcp.mx1", "TLSA", "3 1 1 " + "ab" * 32),
        ("mx1", "SSHFP", "4 2 " + "cd" * 32),
        ("sub", "DS", "12345 13 2 " + "ef" * 32),
        ("sub", "NS", "ns1.agency.example."),
        ("none", "MX", "0 ."),
        ("", "CAA", '0 iodef "mailto:security@agency.example"'),
    ],
)
def test_other_types_go_and_come_back(host: Cloudflare, zone: Zone, label: str, kind: str, value: str) -> None:
    goes_and_comes_back(host, zone, label, kind, value)


def test_a_type_that_could_not_come_back_is_not_taken_away(host: Cloudflare, zone: Zone) -> None:
    with pytest.raises(Refused, match="makes no records of type HTTPS at Cloudflare"):
        host.change(zone, [change(zone, "", "HTTPS", (), of(zone, "", "HTTPS", "1 . alpn=h2"))])


@pytest.mark.parametrize(
    ("kind", "value", "ttl_s", "words"),
    [
        ("A", "192.0.2.1", 30, "a TTL of less than 60 s"),
        ("A", "192.0.2.1", 86_401, "a TTL of more than 86400 s"),
        ("TXT", text_value("x" * 2049), 300, "a TXT record of more than 2048 octets"),
        ("TXT", '""', 300, "an empty TXT record"),
    ],
)
def test_what_the_service_does_not_take_is_not_sent(
    cloudflare: Emulator, host: Cloudflare, zone: Zone, kind: str, value: str, ttl_s: int, words: str
) -> None:
    with pytest.raises(Refused, match=f"Cloudflare does not take {words}"):
        host.change(zone, [change(zone, "www", kind, (), of(zone, "www", kind, value, ttl_s=ttl_s))])
    assert batches(cloudflare) == 0


def test_a_large_change_goes_in_calls_that_the_service_takes(
    cloudflare: Emulator, host: Cloudflare, zone: Zone
) -> None:
    """What happens to one name stays in one call; where the second call is lost, the whole is made again."""
    labels = [f"h{n:03}" for n in range(MOST_AT_ONCE)]
    host.change(zone, [change(zone, each, "A", (), of(zone, each, "A", "192.0.2.1")) for each in labels])
    assert batches(cloudflare) == 1
    to_alias = [
        one
        for each in labels
        for one in (
            change(zone, each, "A", of(zone, each, "A", "192.0.2.1"), ()),
            change(zone, each, "CNAME", (), of(zone, each, "CNAME", "site.example.")),
        )
    ]
    cloudflare.fault("lost_answer", *BATCH, skip=1)

    with pytest.raises(OutcomeUnknown):
        host.change(zone, to_alias)
    host.change(zone, to_alias)

    assert {each.type for each in host.records(zone)} == {"CNAME"}


def overtaken(host: Cloudflare, monkeypatch: pytest.MonkeyPatch, faster: Sequence[Any]) -> None:
    """Somebody else does this between our next look and our batch."""
    looked, left = host._found, list(faster)

    def found(zone: Zone) -> Any:
        seen = looked(zone)
        while left:
            left.pop()()
        return seen

    monkeypatch.setattr(host, "_found", found)


def test_a_record_that_goes_between_look_and_change_is_noticed(
    cloudflare: Emulator, host: Cloudflare, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Cloudflare(Secret(cloudflare.token), endpoint_url=cloudflare.url)
    seen = put(host, zone, "www", "A", "192.0.2.1")
    overtaken(host, monkeypatch, [lambda: other.change(zone, [change(zone, "www", "A", seen, ())])])

    with pytest.raises(ZoneMoved):
        host.change(
            zone,
            [
                change(zone, "www", "A", seen, of(zone, "www", "A", "192.0.2.2")),
                change(zone, "_dmarc", "TXT", (), of(zone, "_dmarc", "TXT", text_value("v=DMARC1; p=none"))),
            ],
        )

    assert host.records(zone) == ()
    other.close()


def test_an_alias_beside_an_address_is_refused_and_nothing_is_done(host: Cloudflare, zone: Zone) -> None:
    put(host, zone, "www", "A", "192.0.2.1")
    before: Sequence[Record] = host.records(zone)

    with pytest.raises(ProviderRefused, match="with that host already exists"):
        host.change(
            zone,
            [
                change(zone, "a", "A", (), of(zone, "a", "A", "192.0.2.7")),
                change(zone, "www", "CNAME", (), of(zone, "www", "CNAME", "site.example.")),
            ],
        )

    assert same(host.records(zone), before)


def test_a_set_with_a_record_that_has_no_form_here_is_told_to_nobody_and_changed_by_nobody(
    cloudflare: Emulator, host: Cloudflare, zone: Zone
) -> None:
    put(host, zone, "www", "A", "192.0.2.1", "192.0.2.2")
    path = f"/client/v4/zones/{zone.id}/dns_records"
    cloudflare.fault("changed", "GET", path, times=2, changes={"result.0.content": "an alias of its own"})

    assert host.records(zone) == ()
    with pytest.raises(Refused, match="records here that Mailyard cannot read"):
        host.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.3"))])

    assert len(live(host, zone, "www", "A")) == 2
