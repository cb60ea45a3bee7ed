"""Regions of EC2 where an account may do nothing: left out and named, not taken for empty; all else is an error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest

from backend.core.errors import MailyardError, ProviderUnavailable, RateLimited, Unauthorized
from backend.providers.network import MAIL
from backend.providers.ports import ComputeProvider, closed_in
from tests.backend.providers.cases import EC2
from tests.backend.providers.conftest import Cloud
from tests.ec2.keys import access_key

HERE, THERE = "us-east-1", "eu-central-1"
FORBIDDEN = "UnauthorizedOperation"
INTENT = uuid4()
LISTS: dict[str, Callable[[ComputeProvider], Sequence[Any]]] = {
    "machines": lambda driver: driver.machines(),
    "find": lambda driver: driver.find(INTENT),
    "snapshots": lambda driver: driver.snapshots(),
    "addresses": lambda driver: driver.reserved.all(),
    "firewalls": lambda driver: driver.firewalls.all(),
}

ec2 = pytest.mark.parametrize("plain_cloud", [EC2], indirect=True, ids=["ec2"])


def _close(cloud: Cloud, code: str, *regions: str) -> None:
    token = cloud.emulator.token
    cloud.emulator.set("tokens", token=token, closed=dict.fromkeys(regions, code))


@ec2
@pytest.mark.parametrize("code", [FORBIDDEN, "AuthFailure", "OptInRequired"])
def test_every_list_leaves_out_a_region_that_is_closed_and_names_it(plain_cloud: Cloud, code: str) -> None:
    plain_cloud.emulator.set("limits", per_second=1_000)
    machine = plain_cloud.driver.create(plain_cloud.order(INTENT))
    plain_cloud.becomes(machine.id, lambda each: each.state == "active")
    taken = plain_cloud.driver.take_snapshot(machine.id, "before")
    plain_cloud.end_of(machine.id, taken)
    plain_cloud.driver.reserved.reserve(machine.id, "kept")
    plain_cloud.firewall(machine, "wall", MAIL)
    _close(plain_cloud, code, THERE)

    for name, ask in LISTS.items():
        listed = ask(plain_cloud.driver)
        assert (len(listed), closed_in(listed)) == (1, frozenset({THERE})), name


@ec2
def test_what_stands_in_a_region_is_listed_again_once_it_is_open(plain_cloud: Cloud) -> None:
    there = plain_cloud.driver.create(plain_cloud.order(changes={"region": THERE}))
    _close(plain_cloud, FORBIDDEN, THERE)
    assert (len(plain_cloud.driver.machines()), closed_in(plain_cloud.driver.machines())) == (0, frozenset({THERE}))

    _close(plain_cloud, FORBIDDEN)

    listed = plain_cloud.driver.machines()
    assert ([each.id for each in listed], closed_in(listed)) == ([there.id], frozenset())


@ec2
@pytest.mark.parametrize("closed", [THERE, HERE])
def test_a_region_that_is_closed_is_not_on_offer_and_all_others_are(plain_cloud: Cloud, closed: str) -> None:
    """The first one too, which usually answers for the account."""
    before = plain_cloud.driver.catalogue()
    _close(plain_cloud, FORBIDDEN, closed)

    now = plain_cloud.driver.catalogue()

    assert {each.slug for each in before.regions} - {each.slug for each in now.regions} == {closed}
    assert ({plan.slug for plan in now.plans}, now.images) == ({plan.slug for plan in before.plans}, before.images)
    assert all(closed not in plan.regions for plan in now.plans)
    plain_cloud.driver.verify()


@ec2
@pytest.mark.parametrize(("fault", "error"), [("500", ProviderUnavailable), ("429", RateLimited)])
def test_a_region_that_is_only_in_trouble_is_not_left_out(
    plain_cloud: Cloud, fault: str, error: type[MailyardError]
) -> None:
    _close(plain_cloud, FORBIDDEN, THERE)
    plain_cloud.emulator.fault(fault, "GET", "/instances", skip=5)

    with pytest.raises(error):
        plain_cloud.driver.machines()


@ec2
def test_a_call_that_is_allowed_nowhere_is_a_right_that_is_missing(plain_cloud: Cloud) -> None:
    token = access_key("token-without-addresses")
    plain_cloud.emulator.set("tokens", token=token, denied=["ec2:DescribeAddresses"])

    with closing(plain_cloud.driver_for(token)) as driver:
        with pytest.raises(Unauthorized, match="does not permit this"):
            driver.reserved.all()
        assert closed_in(driver.machines()) == frozenset()


@ec2
def test_who_may_list_the_regions_nowhere_is_told_which_right_that_takes(plain_cloud: Cloud) -> None:
    token = access_key("token-without-regions")
    plain_cloud.emulator.set("tokens", token=token, denied=["ec2:DescribeRegions"])

    with (
        closing(plain_cloud.driver_for(token)) as driver,
        pytest.raises(Unauthorized, match="not allowed to list") as refused,
    ):
        driver.machines()

    assert "ec2:DescribeRegions" in refused.value.remedy


@ec2
def test_a_key_that_nobody_has_is_a_wrong_key_and_no_closed_region(plain_cloud: Cloud) -> None:
    nobody = plain_cloud.driver_for(access_key("nobody"))
    with closing(nobody), pytest.raises(Unauthorized, match="refused the token"):
        nobody.machines()

    assert [each["path"] for each in plain_cloud.emulator.log()] == ["/DescribeRegions"]
