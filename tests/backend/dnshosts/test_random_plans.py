"""Plans of chance on a zone of 83 records, 7 of them ours, on BIND: what must hold whatever is wanted and there."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest

from backend.authrecords.spf.parser import is_spf
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import Record, SetChange, by_set, record, same, text_value
from backend.dnshosts.rfc2136 import Rfc2136
from backend.domains.plan import Obstacle, SetKey, Wanted, dns_plan
from backend.domains.wanted import MailFacts, wanted_records
from tests.backend.dnshosts.bind import ZONES, Bind

pytestmark = pytest.mark.judged_once

PAIRS, SIZE, OURS = 200, 83, 7
PORTS = (25, 80, 110, 143, 443, 465, 587, 993, 995, 4190)
#: What clients have in their zones, in the way or not.
FOREIGN_TEXTS = ("MS=ms1", "google-site-verification=1", 'a "quoted" one', "v=spf1 include:shop.example ~all")
MORE_TEXTS = ("v=spf1 mx ?all", "v=spf1 -a:mx1.agency.example ?all", "v=spf2 none")


def facts_of_chance(chance: random.Random, zone: str) -> MailFacts:
    return MailFacts(
        zone,
        f"mx{chance.randint(1, 3)}.agency.example",
        f"my{chance.randint(2601, 2604)}",
        chance.choice("ABC") * 392,
        frozenset(chance.sample(PORTS, 6)),
        f"reports{chance.randint(1, 2)}@agency.example",
        chance.choice(("", "relay.example")),
        chance.choice(("", "ca.example")),
        chance.choice(("", "20261202")),
    )


def wanted_of_chance(chance: random.Random, zone: str) -> list[Wanted]:
    every = wanted_records(facts_of_chance(chance, zone), ttl_s=chance.choice((300, 3600)))
    return [each for each in every if chance.random() < 0.8]


def foreign(chance: random.Random, zone: str) -> Iterator[Record]:
    """Records without end, those that may be in the way of ours first."""
    ttl_s = chance.choice((60, 600, 86_400))
    for each in chance.sample(FOREIGN_TEXTS, 3) + [each for each in MORE_TEXTS if chance.random() < 0.2]:
        yield record(zone, "TXT", 600, text_value(each))
    if chance.random() < 0.4:
        yield record(zone, "MX", ttl_s, "5 mail.old.example")
        yield record(zone, "MX", ttl_s, f"10 mx{chance.randint(1, 3)}.agency.example")
    if chance.random() < 0.4:
        yield record(zone, "CAA", ttl_s, '0 issue "other.example"')
    if chance.random() < 0.3:
        yield record(f"_dmarc.{zone}", "TXT", ttl_s, text_value("v=DMARC1; p=reject"))
    if chance.random() < 0.3:
        yield record(f"mta-sts.{zone}", "A", ttl_s, "192.0.2.7")
    if chance.random() < 0.3:
        yield record(f"_imaps._tcp.{zone}", "CNAME", ttl_s, "elsewhere.example")
    if chance.random() < 0.2:
        yield record(f"_domainkey.{zone}", "NS", ttl_s, "ns.mailer.example")
    for number in range(SIZE):
        kind, value = chance.choice(
            (("A", f"192.0.2.{number}"), ("AAAA", f"2001:db8::{number}"), ("TXT", '"cut" "by hand"'))
        )
        yield record(f"h{number}.{zone}", kind, chance.choice((60, 3600)), value)


def live_of_chance(chance: random.Random, zone: Zone, standing: Sequence[Record]) -> tuple[list[Record], set[SetKey]]:
    """83 records, and the sets of ours among them: what an earlier plan made, for other facts."""
    earlier = dns_plan(zone.name, wanted_of_chance(chance, zone.name), ()).set_changes
    made = [each for change in earlier for each in change.after if change.name != zone.name][:OURS]
    ours = {each.set_key for each in made}
    delegated = f"_domainkey.{zone.name}"
    rest = [
        each
        for each in foreign(chance, zone.name)
        if each.set_key not in ours
        and not any(each.name == name for name, _kind in ours)
        and not (each.name == delegated and any(name.endswith(delegated) for name, _kind in ours))
    ]
    return [*standing, *made, *rest[: SIZE - len(made) - len(standing)]], ours


def put(host: Rfc2136, zone: Zone, before: Sequence[Record], wanted: Sequence[Record]) -> None:
    now, then = by_set(before), by_set(wanted)
    host.change(zone, [SetChange(*key, now.get(key, ()), then.get(key, ())) for key in {**now, **then}])


def is_kept(each: Record, adopted: set[SetKey]) -> bool:
    """Whether nobody may touch it: not made by us, not adopted, and no SPF record, which is added to."""
    return each.set_key not in adopted and not (each.type == "TXT" and is_spf(each.content))


@pytest.mark.timeout(300)
def test_whatever_is_wanted_and_there_nothing_of_others_changes(bind: Bind) -> None:
    host = bind.host()
    zone = host.zone(ZONES[1])
    standing = host.records(zone)
    seen: set[str] = set()
    before = standing
    for seed in range(PAIRS):
        chance = random.Random(seed)
        live, ours = live_of_chance(chance, zone, standing)
        assert len(live) == SIZE, seed
        put(host, zone, before, live)
        wanted = wanted_of_chance(chance, zone.name)
        first = dns_plan(zone.name, wanted, live, ours)
        ours |= {key for each in first.obstacles if chance.random() < 0.5 for key in each.keys}
        plan = dns_plan(zone.name, wanted, live, ours)

        host.change(zone, plan.set_changes)

        now = host.records(zone)
        kept = [each for each in live if is_kept(each, ours)]
        assert {each.value for each in kept} <= {each.value for each in now}, seed
        assert {each.sense for each in kept} <= {each.sense for each in now}, seed
        again = dns_plan(
            zone.name, wanted, now, ours | {each.set_key for change in plan.set_changes for each in change.after}
        )
        assert again.changes == (), seed
        assert again.obstacles == plan.obstacles, seed
        host.change(zone, plan.inverse)
        before = host.records(zone)
        assert same(before, live), seed
        seen |= {each.verb for each in plan.changes} | {_kind(each) for each in plan.obstacles}

    assert seen == {"create", "change", "remove", "adoptable", "final"}
    put(host, zone, before, standing)


def _kind(each: Obstacle) -> str:
    return "adoptable" if each.keys else "final"
