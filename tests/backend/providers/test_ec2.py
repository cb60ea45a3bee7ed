"""What only EC2 does: regions, orders that are not doubled, answers that are not of one moment."""

from __future__ import annotations

import base64
import logging
from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from backend.core.errors import (
    MailyardError,
    NotFound,
    ProviderUnavailable,
    Refused,
)
from backend.core.secrets.values import Secret
from tests.backend.providers.cases import EC2
from tests.backend.providers.conftest import NAME, Cloud
from tests.ec2.client import client

ec2 = pytest.mark.parametrize("plain_cloud", [EC2], indirect=True, ids=["ec2"])


def _aws(cloud: Cloud, region: str = "us-east-1") -> Any:
    """A client without a driver between."""
    return closing(client(cloud.emulator, region=region))


@ec2
@pytest.mark.parametrize(
    "number", ["", "i-1", "us-east-1", "us-east-1/", "moon/i-0123456789abcdef0", "../i-0123456789abcdef0"]
)
def test_what_is_no_id_of_ours_is_asked_of_nobody(plain_cloud: Cloud, number: str) -> None:
    with pytest.raises(NotFound):
        plain_cloud.driver.get(number)
    plain_cloud.driver.delete(number)
    plain_cloud.driver.delete_snapshot(number)

    assert plain_cloud.emulator.log() == []


@ec2
def test_an_order_repeated_with_its_intent_makes_no_second_server(plain_cloud: Cloud) -> None:
    """Amazon's lists may not show yet what a lost answer was about."""
    order = plain_cloud.order(uuid4())

    first, second = plain_cloud.driver.create(order), plain_cloud.driver.create(order)

    assert first.id == second.id
    assert plain_cloud.emulator.counters()["tallies"]["servers created"] == 1
    assert plain_cloud.driver.create(plain_cloud.order(uuid4())).id != first.id


@ec2
def test_a_server_is_made_with_disk_tags_and_the_newest_image_of_the_systems_own_maker(plain_cloud: Cloud) -> None:
    intent = uuid4()
    made = plain_cloud.driver.create(plain_cloud.order(intent))

    with _aws(plain_cloud) as aws:
        held = aws.describe_instances(InstanceIds=[made.id.partition("/")[2]])
        instance = held["Reservations"][0]["Instances"][0]
        (disk,) = aws.describe_volumes()["Volumes"]
        (image,) = aws.describe_images(ImageIds=[instance["ImageId"]])["Images"]
    tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
    assert tags == {"Name": NAME, "mailyard": "", "mailyard:intent": str(intent)}
    assert (disk["Size"], disk["VolumeType"]) == (40, "gp3")
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert (image["OwnerId"], image["Name"]) == ("136693071363", "debian-12-amd64-20260901")


@ec2
def test_too_much_for_the_first_boot_is_refused_before_anything_is_sent(plain_cloud: Cloud) -> None:
    order = replace(plain_cloud.order(), user_data=Secret("#cloud-config\n" + "ü" * 8_200))

    with pytest.raises(Refused, match="16384 bytes"):
        plain_cloud.driver.create(order)

    assert plain_cloud.emulator.log() == []


@ec2
def test_a_server_unknown_just_after_its_order_is_not_found(plain_cloud: Cloud) -> None:
    """How long that says nothing is for the job to know, the same at every cloud."""
    made = plain_cloud.driver.create(plain_cloud.order())
    plain_cloud.emulator.set("late", by_id=1e9)

    with pytest.raises(NotFound):
        plain_cloud.driver.get(made.id)
    plain_cloud.emulator.set("show")
    assert plain_cloud.driver.get(made.id).id == made.id


@ec2
def test_a_region_that_does_not_answer_makes_the_whole_list_an_error(plain_cloud: Cloud) -> None:
    plain_cloud.active()
    plain_cloud.emulator.fault("500", "GET", "/instances", skip=9)

    with pytest.raises(ProviderUnavailable) as failed:
        plain_cloud.driver.machines()

    assert "describe_instances in " in failed.value.detail
    assert len(plain_cloud.driver.machines()) == 1


@ec2
def test_servers_of_all_regions_are_listed_without_a_call_for_each(plain_cloud: Cloud) -> None:
    plain_cloud.emulator.set("limits", per_second=1_000)
    plain_cloud.fill(30)
    there = plain_cloud.driver.create(plain_cloud.order(changes={"region": "eu-central-1"}))
    sent = len(plain_cloud.emulator.log())

    listed = plain_cloud.driver.machines()

    paths = [each["path"] for each in plain_cloud.emulator.log()[sent:]]
    assert len(listed) == 31
    assert {machine.region for machine in listed} == {"us-east-1", "eu-central-1"}
    assert there.id.startswith("eu-central-1/")
    assert (paths.count("/DescribeRegions"), paths.count("/instances"), paths.count("/DescribeVolumes")) == (1, 17, 2)
    assert len(paths) == 20


@ec2
def test_a_stopped_server_has_no_address_and_gets_another(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.ended(machine.id, "shutdown")
    assert plain_cloud.driver.get(machine.id).ipv4 == ()

    plain_cloud.ended(machine.id, "on")

    assert plain_cloud.driver.get(machine.id).ipv4 not in ((), machine.ipv4)


@ec2
def test_a_power_cycle_is_one_call(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    sent = len(plain_cloud.emulator.log())

    assert plain_cloud.ended(machine.id, "power_cycle").state == "done"

    assert [each["path"] for each in plain_cloud.emulator.log()[sent:]] == ["/RebootInstances"]


@ec2
def test_a_snapshot_tells_whose_it_is_and_goes_back_in_its_own_region_only(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.end_of(machine.id, plain_cloud.driver.take_snapshot(machine.id, "kept"))
    (snapshot,) = plain_cloud.driver.snapshots()
    assert (snapshot.machine_id, snapshot.size_gb) == (machine.id, 40.0)
    sent = len(plain_cloud.emulator.log())

    with pytest.raises(Refused, match=r"snapshot is in us-east-1, the server is in eu-central-1"):
        plain_cloud.driver.restore("eu-central-1/i-0123456789abcdef0", snapshot.id)

    assert len(plain_cloud.emulator.log()) == sent


@ec2
@pytest.mark.parametrize("kind", ["snapshot", "restore", "reverse"])
def test_what_ends_badly_is_told_as_failed(plain_cloud: Cloud, kind: str) -> None:
    machine, driver = plain_cloud.active(), plain_cloud.driver
    if kind == "restore":
        plain_cloud.end_of(machine.id, driver.take_snapshot(machine.id, "kept"))
    plain_cloud.emulator.set("errored", type=kind)
    plain_cloud.emulator.set("elastic", id=machine.id)
    plain_cloud.emulator.set("forward", name="mx1.example.net", ip=machine.ipv4[0])
    started = {
        "snapshot": lambda: driver.take_snapshot(machine.id, "lost"),
        "restore": lambda: driver.restore(machine.id, driver.snapshots()[0].id),
        "reverse": lambda: driver.set_reverse(machine.id, machine.ipv4[0], "mx1.example.net"),
    }[kind]()

    assert plain_cloud.end_of(machine.id, started).state == "failed"


@ec2
def test_what_an_action_was_about_may_be_gone(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()

    for action_id in ("snapshot:snap-0123456789abcdef0", "restore:replacevol-1", "reverse:203.0.113.250"):
        assert plain_cloud.driver.action(machine.id, action_id).state == "failed"
    plain_cloud.driver.delete(machine.id)
    with pytest.raises(NotFound):
        plain_cloud.driver.action(machine.id, "power:running")


@ec2
def test_an_order_leaves_no_secret_in_logs_or_errors(plain_cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    canary = "canary-4711-canary"
    data = f"#cloud-config\n# {canary}\n"
    order = replace(plain_cloud.order(), user_data=Secret(data))
    for name in ("", "urllib3", "botocore", "httpx", "httpcore"):  # wherever an earlier test left them
        caplog.set_level(logging.DEBUG, logger=name)
    logging.getLogger("urllib3").debug("it is heard")
    with closing(plain_cloud.driver_for(plain_cloud.emulator.token)) as driver:
        plain_cloud.emulator.fault("500", "POST", "/instances")
        with pytest.raises(MailyardError) as failed:
            driver.create(order)
        driver.create(order)

    said = caplog.text + repr(failed.value.__dict__) + repr(driver.__dict__)
    assert "it is heard" in said
    refused_call = f'POST {plain_cloud.emulator.url}/ "HTTP/1.1 500'
    assert [record.name for record in caplog.records if refused_call in record.getMessage()] == ["httpx"]
    assert canary not in said
    assert base64.b64encode(data.encode()).decode() not in said
    assert plain_cloud.emulator.token.split(":")[1] not in said


@ec2
def test_many_servers_come_in_pages(plain_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto counts orders, not servers: those here are of ten each."""
    monkeypatch.setattr("backend.providers.ec2.wire.PAGE", 5)
    plain_cloud.fill(75)

    listed = plain_cloud.driver.machines()

    asked = [each["path"] for each in plain_cloud.emulator.log()].count("/instances")
    assert sorted(machine.name for machine in listed) == sorted(f"bulk-{number}" for number in range(75))
    assert asked == 17 + 1
