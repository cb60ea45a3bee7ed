"""The plan of a zone, on cases that each have one thing in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.dnshosts.records import Record, Records, record, same, text_value
from backend.domains.plan import DnsPlan, Obstacle, Wanted, dns_plan, retired
from backend.domains.wanted import MailFacts, wanted_records

ZONE, SERVER = "client.example", "mx1.agency.example"
PORTS = frozenset({25, 80, 443, 465, 993, 4190})
FACTS = MailFacts(ZONE, SERVER, "my2612", "A" * 392, PORTS, "dmarc@agency.example")
MX = Wanted(ZONE, "MX", (f"10 {SERVER}.",), "mail")
SPF = Wanted(ZONE, "TXT", (f"a:{SERVER}",), "spf", "spf")


def texts(*contents: str, name: str = ZONE, ttl_s: int = 600) -> Records:
    return tuple(record(name, "TXT", ttl_s, text_value(each)) for each in contents)


def planned(*wanted: Wanted, live: Records = (), ours: tuple[tuple[str, str], ...] = ()) -> DnsPlan:
    return dns_plan(ZONE, wanted, live, ours)


def after(plan: DnsPlan) -> list[str]:
    return [each.content for change in plan.set_changes for each in change.after]


def the_obstacle(plan: DnsPlan) -> Obstacle:
    assert plan.changes == ()
    (found,) = plan.obstacles
    return found


def test_an_empty_zone_gets_all_that_mail_needs() -> None:
    plan = dns_plan(ZONE, wanted_records(FACTS), ())

    assert {each.verb for each in plan.changes} == {"create"}
    assert [(each.change.name.removesuffix(ZONE), each.change.type) for each in plan.changes] == [
        ("", "MX"),
        ("", "TXT"),
        ("my2612._domainkey.", "TXT"),
        ("_dmarc.", "TXT"),
        ("_smtp._tls.", "TXT"),
        ("_submissions._tcp.", "SRV"),
        ("_submission._tcp.", "SRV"),
        ("_imaps._tcp.", "SRV"),
        ("_imap._tcp.", "SRV"),
        ("_pop3s._tcp.", "SRV"),
        ("_pop3._tcp.", "SRV"),
        ("_autodiscover._tcp.", "SRV"),
    ]
    assert all(each.reason for each in plan.changes)


def test_the_second_plan_of_an_empty_zone_is_empty() -> None:
    first = dns_plan(ZONE, wanted_records(FACTS), ())
    live = tuple(each for change in first.set_changes for each in change.after)

    assert dns_plan(ZONE, wanted_records(FACTS), live).changes == ()


def test_the_mail_of_others_is_not_taken_without_a_word() -> None:
    live = (record(ZONE, "MX", 3600, "5 mail.old.example"),)

    obstacle = the_obstacle(planned(MX, live=live))
    assert (obstacle.keys, obstacle.records) == (((ZONE, "MX"),), live)

    adopted = planned(MX, live=live, ours=obstacle.keys)
    (change,) = adopted.changes
    assert (change.verb, after(adopted)) == ("change", [f"10 {SERVER}."])


def test_a_record_that_is_right_is_nobodys_to_change() -> None:
    assert planned(MX, live=(record(ZONE, "MX", 60, f"10 {SERVER}"),)).changes == ()


def test_a_set_that_has_some_of_what_is_wanted_gets_the_rest() -> None:
    both = replace(MX, values=(f"10 {SERVER}.", "20 mx2.agency.example."))

    plan = planned(both, live=(record(ZONE, "MX", 60, f"10 {SERVER}"),))

    assert sorted(after(plan)) == [f"10 {SERVER}.", "20 mx2.agency.example."]


def test_a_text_beside_the_spf_record_stays_as_it_is() -> None:
    live = (*texts("v=spf1 include:shop.example ~all"), record(ZONE, "TXT", 600, '"site" "-verification"'))

    (change,) = planned(SPF, live=live).set_changes

    assert {each.value for each in change.after if "site" in each.value} == {'"site" "-verification"'}
    assert {each.ttl_s for each in change.after} == {600}
    assert [each.content for each in change.added] == [f"v=spf1 include:shop.example a:{SERVER} ~all"]


def test_two_spf_records_become_one_only_when_that_is_wanted() -> None:
    live = texts("v=spf1 mx -all", "v=spf1 include:shop.example ~all", "other")

    obstacle = the_obstacle(planned(SPF, live=live))
    plan = planned(SPF, live=live, ours=obstacle.keys)

    assert after(plan) == ["other", f"v=spf1 include:shop.example mx a:{SERVER} ~all"]


def test_an_spf_record_that_refuses_the_server_is_in_the_way() -> None:
    obstacle = the_obstacle(planned(SPF, live=texts(f"v=spf1 -a:{SERVER} ?all")))
    assert (obstacle.keys, "refuses this server" in obstacle.text) == ((), True)


def test_a_policy_of_others_is_good_enough() -> None:
    wanted = [each for each in wanted_records(FACTS) if each.name.startswith("_dmarc")]
    live = texts("v=DMARC1; p=reject; rua=mailto:x@client.example", name=f"_dmarc.{ZONE}")

    plan = dns_plan(ZONE, wanted, live)
    assert (plan.changes, plan.obstacles) == ((), ())


def test_an_alias_is_in_the_way_of_every_other_record() -> None:
    wanted = replace(SPF, name=f"www.{ZONE}")
    live = (record(wanted.name, "CNAME", 60, "site.example"),)

    obstacle = the_obstacle(planned(wanted, live=live))
    plan = planned(wanted, live=live, ours=obstacle.keys)

    assert "is an alias" in obstacle.text
    assert [each.verb for each in plan.changes] == ["remove", "create"]


def test_an_alias_that_is_wanted_stands_alone() -> None:
    wanted = Wanted(f"mta-sts.{ZONE}", "CNAME", (f"{SERVER}.",), "policy")
    live = (record(wanted.name, "A", 60, "192.0.2.1"), record(wanted.name, "AAAA", 60, "2001:db8::1"))

    obstacle = the_obstacle(planned(wanted, live=live))
    plan = planned(wanted, live=live, ours=obstacle.keys)

    assert set(obstacle.keys) == {(wanted.name, "A"), (wanted.name, "AAAA")}
    assert [each.verb for each in plan.changes] == ["remove", "remove", "create"]


def test_nothing_is_put_where_other_servers_answer() -> None:
    live = (record(f"_domainkey.{ZONE}", "NS", 60, "ns.mailer.example"),)

    obstacle = the_obstacle(planned(Wanted(f"s1._domainkey.{ZONE}", "TXT", ('"k"',), "key"), live=live))

    assert (obstacle.keys, obstacle.records) == ((), live)


def test_a_ca_is_named_only_beside_others() -> None:
    wanted = Wanted(ZONE, "CAA", ('0 issue "ca.example"',), "certificates", "member_if_any")

    assert planned(wanted).changes == ()
    beside = (record(ZONE, "CAA", 60, '0 issue "other.example"'),)
    assert after(planned(wanted, live=beside)) == ['0 issue "other.example"', '0 issue "ca.example"']
    assert planned(wanted, live=(record(ZONE, "CAA", 60, '0 issue "ca.example"'),)).changes == ()


def test_a_ttl_of_ours_follows_and_one_of_others_stays() -> None:
    live = (record(ZONE, "MX", 300, f"10 {SERVER}"),)

    assert planned(MX, live=live).changes == ()
    assert {
        each.ttl_s for change in planned(MX, live=live, ours=((ZONE, "MX"),)).set_changes for each in change.after
    } == {3600}


def test_what_is_wanted_no_more_goes_and_only_if_it_is_ours() -> None:
    key = (f"old._domainkey.{ZONE}", "TXT")
    live = (*texts("v=DKIM1; p=", name=key[0]), *texts("foreign", name=f"foreign.{ZONE}"))

    (gone,) = retired([key, (f"never.{ZONE}", "TXT")], wanted_records(FACTS), live)

    assert (gone.verb, gone.change.name) == ("remove", key[0])


@pytest.mark.parametrize(("others", "asks"), [(7, False), (8, True), (3, True)])
def test_much_of_a_zone_at_once_is_typed(others: int, asks: bool) -> None:
    """More than 30 % of a zone of 10 or more: four of eleven, not three."""
    wanted = [Wanted(f"h{n}.{ZONE}", "A", (f"192.0.2.{n}",), "move") for n in range(4 if asks else 3)]
    moved: tuple[Record, ...] = tuple(record(each.name, "A", 60, "198.51.100.1") for each in wanted)
    rest = tuple(record(f"x{n}.{ZONE}", "A", 60, "192.0.2.1") for n in range(others))

    plan = dns_plan(ZONE, wanted, (*moved, *rest), [(each.name, "A") for each in wanted])

    assert plan.needs_typing is (asks and len(moved) + others >= 10)
    assert plan.untouched == others


def test_the_way_back_ends_where_it_began() -> None:
    live = (*texts("v=spf1 mx -all"), record(ZONE, "MX", 60, "5 old.example"))
    plan = dns_plan(ZONE, wanted_records(FACTS), live, [(ZONE, "MX")])
    now = {key: value for key, value in _applied(live, plan).items() if value}

    back = dict(now)
    for each in plan.inverse:
        assert same(back.get((each.name, each.type), ()), each.before)
        back[each.name, each.type] = each.after

    assert same([one for each in back.values() for one in each], live)


def _applied(live: Records, plan: DnsPlan) -> dict[tuple[str, str], Records]:
    sets: dict[tuple[str, str], Records] = {}
    for each in live:
        sets[each.set_key] = (*sets.get(each.set_key, ()), each)
    return {**sets, **{(each.name, each.type): each.after for each in plan.set_changes}}
