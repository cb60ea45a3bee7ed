"""What only Linode does: scopes, unique names, root passwords, regions that differ, reverse DNS names."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.core.errors import (
    LimitReached,
    MailyardError,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    Refused,
    Unauthorized,
)
from backend.core.secrets.values import Secret
from backend.providers.capabilities import clouds
from backend.providers.linode import parsing
from backend.providers.linode.driver import Linode
from backend.providers.network import MAIL
from backend.providers.ports import OUR_TAG, ActionState, intent_tag
from backend.wires.linode import LinodeWire
from tests.backend.providers.cases import LINODE, both_modes, mode_name
from tests.backend.providers.conftest import Cloud
from tests.backend.providers.recorded import answering

linode = pytest.mark.parametrize("cloud", both_modes(LINODE), indirect=True, ids=mode_name)
plain = pytest.mark.parametrize("plain_cloud", [LINODE], indirect=True, ids=["linode"])

#: What the recipe in Settings > Providers asks for.
RECIPE = [
    *("linodes:read_write", "images:read_write", "ips:read_write", "firewall:read_write"),
    *("account:read_only", "events:read_only"),
]


def _refusal(status: int, *errors: Mapping[str, str]) -> MailyardError:
    """What the driver makes of a refusal to show the profile."""
    with answering({"/v4/profile": (status, {"errors": list(errors)})}) as url:
        driver = Linode(Secret("token"), endpoint_url=url)
        with pytest.raises(MailyardError) as refused:
            driver.verify()
        driver.close()
    return refused.value


def _driver_with(cloud: Cloud, scopes: list[str], **about: str) -> Linode:
    cloud.emulator.set("tokens", token="token-0123456789abcdef", scopes=scopes, **about)
    driver = cloud.driver_for("token-0123456789abcdef")
    assert isinstance(driver, Linode)
    return driver


@linode
def test_a_token_tells_its_scopes_and_when_it_ends(cloud: Cloud) -> None:
    limited = _driver_with(cloud, ["linodes:read_only", "account:read_only"], expiry="2027-03-01T04:05:06")

    whole, part = cloud.driver.verify(), limited.verify()
    limited.close()

    assert (whole.scopes, whole.can_write, whole.expires_at) == (("*",), True, None)
    assert (part.scopes, part.can_write) == (("linodes:read_only", "account:read_only"), False)
    assert part.expires_at == datetime(2027, 3, 1, 4, 5, 6, tzinfo=UTC)


@linode
def test_a_token_that_may_not_look_at_the_account_says_no_more_than_whose_it_is(cloud: Cloud) -> None:
    limited = _driver_with(cloud, ["linodes:read_write"])

    token_details = limited.verify()
    limited.close()

    assert token_details.holder == LINODE.holder
    assert (token_details.scopes, token_details.can_write, token_details.expires_at) == ((), None, None)


@linode
def test_the_scopes_of_the_recipe_are_enough_for_all_we_do(cloud: Cloud) -> None:
    owner = _driver_with(cloud, RECIPE)
    assert owner.verify().can_write
    assert owner.catalogue().plans
    made = owner.create(cloud.order())
    cloud.becomes(made.id, lambda seen: seen.state == "active")
    cloud.emulator.set("forward", name="mail.acme.example", ip=made.ipv4[0])

    owner.set_reverse(made.id, made.ipv4[0], "mail.acme.example")
    assert cloud.end_of(made.id, owner.take_snapshot(made.id, "one")).state == "done"
    (snapshot,) = owner.snapshots()
    begins: list[Callable[[], ActionState]] = [
        lambda: owner.restore(made.id, snapshot.id),
        lambda: owner.resize(made.id, LINODE.larger, grow_disk=True),
        lambda: owner.power(made.id, "reboot"),
    ]
    for begin in begins:
        action = begin()
        cloud.end_of(made.id, action)
        assert owner.action(made.id, action.id).state == "done"
    owner.delete_snapshot(snapshot.id)
    kept = owner.reserved.reserve(made.id, "")
    owner.firewalls.attach(owner.firewalls.make(made.id, "mailyard-1", MAIL), made.id)
    assert owner.usage(made.id).sent_bytes == 0
    assert owner.invoices()
    owner.delete(made.id)
    owner.reserved.release(kept.id)
    assert owner.charges().so_far_micro == 40_000  # an hour of the larger plan, to the cent
    owner.close()


@plain
def test_the_recipe_asks_for_these_scopes_and_no_more(plain_cloud: Cloud) -> None:
    (words,) = [step for step in clouds()["linode"].recipe.steps if step.startswith("Choose: ")]
    writes = "Choose: Linodes, Images, IPs and Firewalls read and write, "
    sure = f"{writes}Account and Events read only; everything else none."

    assert words == sure
    assert set(RECIPE) == parsing.WRITING
    with closing(_driver_with(plain_cloud, [*RECIPE, "account:read_write"])) as wider:
        assert wider.verify().can_write
    for scope in sorted({*RECIPE} - {"account:read_only"}):  # without that one nobody can tell
        with closing(_driver_with(plain_cloud, sorted({*RECIPE} - {scope}))) as narrower:
            assert narrower.verify().can_write is False


@linode
def test_an_order_carries_its_key_and_the_profile_is_left_alone(cloud: Cloud) -> None:
    with closing(_driver_with(cloud, RECIPE)) as owner:
        owner.create(cloud.order())
        with pytest.raises(Refused, match="allows creating tokens"):
            owner.register_key("one", "ssh-ed25519 AAAA")
        owner.remove_key("1")
        assert (list(owner.login_keys()), owner.find_key("one")) == ([], None)

    assert [each["path"] for each in cloud.emulator.log() if "/profile" in each["path"]] == []


@linode
def test_without_the_scope_for_events_nothing_is_begun(cloud: Cloud) -> None:
    machine = cloud.active()
    blind = _driver_with(cloud, ["linodes:read_write"])
    sent = len(cloud.emulator.log())

    with pytest.raises(Unauthorized, match="does not permit this"):
        blind.power(machine.id, "shutdown")
    blind.close()

    assert [each["method"] for each in cloud.emulator.log()[sent:]] == ["GET"]
    assert cloud.driver.get(machine.id).power == "on"


@pytest.mark.parametrize(
    ("status", "errors", "error"),
    [
        (401, [{"reason": "Invalid Token"}], Unauthorized),
        (400, [{"reason": "Account Limit reached. Please open a support ticket."}], LimitReached),
        (400, [{"reason": "You have reached the maximum limit of images"}], LimitReached),
        (400, [{"field": "size", "reason": "Must be within limits"}], ProviderRefused),
        (400, [{"reason": "Linode busy."}], ProviderUnavailable),
        (400, [{"field": "region", "reason": "region is not valid"}, {"reason": "Too bad"}], ProviderRefused),
        (403, [{"reason": "Unauthorized"}], Unauthorized),
        (408, [{"reason": "Please try again"}], ProviderUnavailable),
        (503, [{"reason": "Maintenance"}], ProviderUnavailable),
    ],
)
def test_refusals_are_told_apart_by_their_words(
    status: int, errors: list[Mapping[str, str]], error: type[MailyardError]
) -> None:
    refused = _refusal(status, *errors)

    assert type(refused) is error
    assert all(each["reason"] in refused.detail for each in errors)


@pytest.mark.parametrize(
    "body", [{"errors": None}, {"errors": ["busy"]}, {"errors": [{"field": None, "reason": None}]}, {"errors": {}}]
)
def test_an_error_body_of_another_kind_is_unreadable_not_fatal(body: Mapping[str, Any]) -> None:
    with answering({"/v4/profile": (400, body)}) as url:
        driver = Linode(Secret("token"), endpoint_url=url)
        with pytest.raises(MailyardError, match="could not be read"):
            driver.verify()
        driver.close()


@plain
def test_an_order_that_timed_out_at_their_side_may_have_been_carried_out(plain_cloud: Cloud) -> None:
    order = plain_cloud.order()
    with answering({"/v4/linode/instances": (408, {"errors": [{"reason": "Please try again"}]})}) as url:
        driver = Linode(Secret("token"), endpoint_url=url)
        with pytest.raises(OutcomeUnknown):
            driver.create(order)
        driver.close()


@linode
def test_an_intent_fits_into_a_tag_and_comes_back_as_the_contract_has_it(cloud: Cloud) -> None:
    intent = uuid4()
    made = cloud.driver.create(cloud.order(intent))

    (server,) = cloud.emulator.counters()["servers"]
    assert server["tags"] == [OUR_TAG, f"{OUR_TAG}:intent:{intent.hex}"]
    assert all(len(tag) <= 50 for tag in server["tags"])
    assert made.tags == (OUR_TAG, intent_tag(intent))


def test_tags_of_others_are_left_as_they_are() -> None:
    tags = ["web", f"{OUR_TAG}:intent:no-uuid", f"{OUR_TAG}:intent:{UUID(int=7).hex}"]

    assert parsing.machine({"id": 1, "tags": tags}).tags == (*tags[:2], intent_tag(UUID(int=7)))
    assert parsing.tag_on_wire("web-7") == "web-7"


@linode
def test_a_name_is_given_once_in_an_account(cloud: Cloud) -> None:
    cloud.driver.create(cloud.order())

    with pytest.raises(ProviderRefused, match="label: Label must be unique among your linodes"):
        cloud.driver.create(cloud.order())


@linode
def test_the_addresses_are_known_with_the_answer_to_an_order(cloud: Cloud) -> None:
    made = cloud.driver.create(cloud.order())

    assert (len(made.ipv4), len(made.ipv6)) == (1, 1)
    assert "/" not in made.ipv6[0]
    assert made.created_at is not None
    assert abs((datetime.now(UTC) - made.created_at).total_seconds()) < 60


@linode
def test_root_passwords_are_strong_new_each_time_and_get_nowhere(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[str] = []
    call = LinodeWire.call

    def spy(self: LinodeWire, method: str, path: str, **details: Any) -> Any:
        sent.extend([details["body"]["root_pass"]] if "root_pass" in (details.get("body") or {}) else [])
        return call(self, method, path, **details)

    monkeypatch.setattr(LinodeWire, "call", spy)
    with caplog.at_level(logging.DEBUG, logger="backend"):
        machine = cloud.active()
        cloud.end_of(machine.id, cloud.driver.take_snapshot(machine.id, "one"))
        (snapshot,) = cloud.driver.snapshots()
        started = cloud.driver.restore(machine.id, snapshot.id)
        with pytest.raises(ProviderRefused) as refused:
            cloud.driver.create(cloud.order(changes={"image": "linode/minix3"}))
    seen = f"{machine} {started} {vars(cloud.driver)} {refused.value.sentence()} {refused.value.detail} {caplog.text}"

    assert len(sent) == len(set(sent)) == 3
    for password in sent:
        assert 32 <= len(password) <= 128
        assert password not in seen
        assert password not in str(cloud.emulator.log())


@plain
def test_a_password_that_comes_back_is_read_past(plain_cloud: Cloud) -> None:
    changes = {"root_pass": "canary-4711", "default_password": "canary-4711"}
    plain_cloud.emulator.fault("changed", "POST", LINODE.servers, changes=changes)
    made = plain_cloud.driver.create(plain_cloud.order())
    plain_cloud.emulator.fault("changed", "POST", LINODE.servers, changes=changes, without=["id"])

    with pytest.raises(OutcomeUnknown) as failed:
        plain_cloud.driver.create(plain_cloud.order(changes={"name": "mx2.example.net"}))

    assert "canary-4711" not in f"{made} {failed.value.sentence()} {failed.value.detail}"


@linode
def test_what_takes_no_user_data_is_not_on_offer(cloud: Cloud) -> None:
    names = {image.slug for image in cloud.driver.catalogue().images}

    assert {"linode/debian12", "linode/ubuntu24.04"} <= names
    assert not names & {"linode/slackware15.0", "linode/slackware14.1", "linode/debian11-kube-v1.23.6"}


@linode
def test_regions_in_trouble_without_metadata_or_at_the_edge_are_closed(cloud: Cloud) -> None:
    cloud.emulator.offer("regions", "us-lax", status="outage")
    cloud.emulator.offer("regions", "us-mia", capabilities=["Linodes", "Backups"])
    catalogue = cloud.driver.catalogue()

    regions = {region.slug: region.available for region in catalogue.regions}
    assert (regions["us-lax"], regions["us-mia"], regions["eu-central"]) == (False, False, True)
    assert regions.get("us-den-10", False) is False
    for plan in catalogue.plans:
        assert not {"us-lax", "us-mia", "us-den-10"} & set(plan.regions)


@linode
def test_special_plans_are_where_a_region_has_them_and_not_said_to_be_gone(cloud: Cloud) -> None:
    cloud.emulator.offer("availability", "nl-ams/g7-premium-4", available=False)
    plans = {plan.slug: plan for plan in cloud.driver.catalogue().plans}

    assert "nl-ams" in plans["g7-premium-2"].regions
    assert "nl-ams" not in plans["g7-premium-4"].regions
    assert "eu-central" not in plans["g7-premium-2"].regions
    assert "eu-central" in plans["g6-standard-1"].regions


@linode
def test_what_a_plan_costs_elsewhere_stands_beside_its_price(cloud: Cloud) -> None:
    plan = next(plan for plan in cloud.driver.catalogue().plans if plan.slug == "g6-nanode-1")

    assert [(each.region, each.monthly_micro, each.hourly_micro) for each in plan.overrides] == [
        ("id-cgk", 6_000_000, 9_000),
        ("br-gru", 7_000_000, 10_500),
    ]


@linode
def test_a_reverse_name_must_lead_to_the_address_first(cloud: Cloud) -> None:
    machine = cloud.active()
    (ipv4,), (ipv6,) = machine.ipv4, machine.ipv6
    with pytest.raises(ProviderRefused, match=r"unable to perform a lookup for 'mail\.acme\.example'"):
        cloud.driver.set_reverse(machine.id, ipv4, "mail.acme.example")
    cloud.emulator.set("forward", name="mail.acme.example", ip=ipv6)
    with pytest.raises(ProviderRefused, match="must have a matching forward entry"):
        cloud.driver.set_reverse(machine.id, ipv4, "mail.acme.example")

    cloud.driver.set_reverse(machine.id, ipv6, "mail.acme.example")

    default = f"{ipv4.replace('.', '-')}.ip.linodeusercontent.com"
    assert cloud.driver.reverse_names(machine.id) == {ipv4: default, ipv6: "mail.acme.example"}
    with pytest.raises(ProviderRefused, match="no address"):
        cloud.driver.set_reverse(machine.id, "no address", "mail.acme.example")


@linode
def test_what_a_server_costs_is_owed_also_when_it_is_gone(cloud: Cloud) -> None:
    machine = cloud.active()
    owed = cloud.driver.charges().so_far_micro
    cloud.driver.delete(machine.id)

    assert owed == cloud.driver.charges().so_far_micro == 20_000
