"""The emulated EC2 through kill -9: the front knows on disk, moto lives on, no machine is lost or doubled."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.backend.demo.machines import Machines
from tests.ec2.client import becomes, client, instance, named, run
from tests.emulators.process import Emulator
from tests.installation import until


@pytest.fixture
def killable(new_emulator: Callable[..., Emulator]) -> Emulator:
    """One of the test's own."""
    return new_emulator(kind="ec2")


def test_what_was_answered_is_there_after_a_kill_and_goes_on(killable: Emulator) -> None:
    with closing(client(killable)) as ec2:
        number = run(ec2, TagSpecifications=named(("Name", "mx1")))
        killable.kill()
        killable.start()

        assert killable.counters()["servers"] == [{"id": f"us-east-1/{number}", "name": "mx1", "tags": []}]
        assert killable.counters()["tallies"]["servers created"] == 1
        becomes(ec2, number, "running")


def test_an_answer_lost_to_a_kill_is_found_by_its_tag(killable: Emulator) -> None:
    killable.fault("lost_answer", "POST", "/instances")
    with closing(client(killable)) as ec2:
        with pytest.raises(ConnectionClosedError):
            run(ec2, TagSpecifications=named(("mailyard:intent", "1")))
        killable.kill()
        killable.start()

        found = ec2.describe_instances(Filters=[{"Name": "tag:mailyard:intent", "Values": ["1"]}])["Reservations"]
        assert len(found) == 1


def test_moto_outlives_a_kill_and_ends_with_the_front(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path / "front", kind="ec2")
    place = tmp_path / "front/moto.json"
    moto = int(json.loads(place.read_text())["pid"])

    emulator.kill()
    os.kill(moto, 0)
    emulator.start()
    assert json.loads(place.read_text())["pid"] == moto
    emulator.close()

    assert not place.exists()
    until(lambda: not _is_running(moto), "moto to end")


def test_a_machine_under_way_is_asked_for_again_under_its_own_number(
    new_emulator: Callable[..., Emulator], machines: Machines
) -> None:
    emulator = new_emulator(kind="ec2", machines=machines.path)
    with closing(client(emulator)) as ec2:
        number = run(ec2, UserData="#cloud-config\n# canary-4711\n", TagSpecifications=named(("Name", "mx1")))
        until(lambda: len(machines.calls) == 1, "the first order")
        emulator.kill()
        machines.may_answer.set()
        emulator.start()

        assert becomes(ec2, number, "running")["PublicIpAddress"] == "10.77.1.10"
        (first, second) = machines.orders
        assert first == second
        assert first["id"].isdecimal()
        assert (first["op"], first["name"], first["memory_mb"], first["vcpus"]) == ("create", "mx1", 2048, 2)
        assert "canary-4711" in first["user_data"]
        assert "canary-4711" not in json.dumps([emulator.log(), emulator.counters(), str(instance(ec2, number))])


def test_a_machine_is_resized_when_it_starts_and_deleted_in_the_end(
    new_emulator: Callable[..., Emulator], machines: Machines
) -> None:
    emulator = new_emulator(kind="ec2", machines=machines.path)
    machines.may_answer.set()
    with closing(client(emulator)) as ec2:
        number = run(ec2)
        becomes(ec2, number, "running")
        ec2.stop_instances(InstanceIds=[number])
        becomes(ec2, number, "stopped")
        ec2.modify_instance_attribute(InstanceId=number, InstanceType={"Value": "t3.medium"})
        ec2.start_instances(InstanceIds=[number])
        becomes(ec2, number, "running")
        ec2.stop_instances(InstanceIds=[number], SkipOsShutdown=True)
        becomes(ec2, number, "stopped")
        ec2.terminate_instances(InstanceIds=[number])

    until(lambda: machines.calls[-1][0] == "delete", "the deletion")
    done = [(each["op"], each.get("action"), each.get("memory_mb")) for each in machines.orders]
    assert done == [
        ("create", None, 2048),
        ("power", "shutdown", None),
        ("resize", None, 4096),
        ("power", "on", None),
        ("power", "off", None),
        ("delete", None, None),
    ]


def test_a_snapshot_cut_off_by_a_kill_becomes_one_snapshot(
    new_emulator: Callable[..., Emulator], machines: Machines
) -> None:
    emulator = new_emulator(kind="ec2", machines=machines.path)
    machines.may_answer.set()
    with closing(client(emulator)) as ec2:
        number = run(ec2)
        volume = becomes(ec2, number, "running")["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
        machines.may_answer.clear()
        ec2.create_snapshot(VolumeId=volume)
        until(lambda: machines.calls[-1][0] == "snapshot", "the snapshot to begin")
        emulator.kill()
        machines.may_answer.set()
        emulator.start()

        until(lambda: emulator.counters()["tallies"].get("snapshots created") == 1, "the snapshot")
        assert len(ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]) == 1


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
