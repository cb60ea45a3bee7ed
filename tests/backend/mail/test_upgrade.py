"""An upgrade of Mailu on an emulated host: what is changed and kept, what is refused, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from backend.demo.fleet import mail_commands
from backend.engine.context import StepContext
from backend.engine.jobs import StepOutcome
from backend.mail.host import running
from backend.mail.requests import UpgradeMail
from backend.mailu.files import COMPOSE_PATH, ENV_PATH
from backend.mailu.settings import VERSION
from backend.store.schema.fleet import ServerEvent
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.mail.upgrade_site import BY_HAND, IP, OLD, SECONDS, World, ill_at, mail_site, watched
from tests.installation import Driver, open_installation, until

STEPS = ("look", "pull", "stop", "copy", "files", "start", "well", "proof", "note")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("upgrade")
    with mail_site(folder / "site") as site:
        installation = open_installation(folder / "data", endpoint=site.endpoint)
        try:
            assert installation.become_engine("test")
            site.settle(installation)
            yield World(installation, site, Driver(installation))
        finally:
            installation.close()


@pytest.fixture
def world(shared: World) -> World:
    shared.site.as_new(shared.installation)
    return shared


def test_only_the_lines_that_name_the_version_change_and_what_was_changed_by_hand_stays(world: World) -> None:
    before, env = world.site.compose, world.site.host.files[ENV_PATH]
    assert (world.plan.version, world.plan.is_outdated, world.plan.downtime_s) == (OLD, True, None)

    job = world.job()

    assert job.state == "succeeded", (job.cause, world.driver.described(job.id))
    changed = [
        (old, new) for old, new in zip(before.splitlines(), world.site.compose.splitlines(), strict=True) if old != new
    ]
    assert len(changed) == 9  # eight images of Mailu's own, and the head
    assert all(old.replace(OLD, VERSION) == new for old, new in changed)
    assert BY_HAND in world.site.compose
    assert world.site.host.files[ENV_PATH] == env
    (copy,) = world.site.copies.values()
    assert (copy[COMPOSE_PATH], copy[ENV_PATH]) == (before, env)
    row = world.row
    assert (row.state, row.version, (row.settings or {})["mailu_version"]) == ("running", VERSION, VERSION)
    assert world.plan.downtime_s is not None
    assert (world.plan.runs, world.plan.is_own, world.plan.is_outdated) == (1, True, False)


def test_what_it_took_is_told_in_the_job_and_on_the_timeline(world: World) -> None:
    job = world.job()

    notes = world.notes(job)
    assert tuple(notes) == STEPS
    assert notes["look"] == f"Mailu {OLD}; all containers are healthy"
    assert notes["pull"] == "8 of 9 images fetched"
    assert notes["proof"] == "API, IMAP, a message to admin@cedar-legal.example"
    assert notes["note"].startswith("without mail for ")
    with world.installation.store.read(ENGINE_SCOPE) as session:
        (event,) = session.scalars(select(ServerEvent).where(ServerEvent.kind == "mail")).all()
    assert str(event.text).startswith(f"Mail server upgraded from Mailu {OLD} to {VERSION}; without mail for ")


def test_the_last_two_copies_and_the_images_of_two_versions_are_kept(world: World) -> None:
    world.site.mail.record["copies"] = {f"{name}-older": {} for name in ("first", "second")}
    world.site.mail.record["images"] = [f"ghcr.io/mailu/{name}" for name in ("admin:2024.06.9", "nginx:2024.06.8")]

    job = world.job()

    assert list(world.site.copies) == ["second-older", f"{OLD}-{str(job.id)[:8]}"]
    assert world.notes(job)["note"].endswith("older copies removed: 1")
    versions = {image.rpartition(":")[2] for image in world.site.mail.record["images"] if "ghcr.io/mailu/" in image}
    assert versions == {OLD, VERSION}


def test_of_a_server_with_two_versions_the_images_of_both_are_kept_beside_a_copy(world: World) -> None:
    files, kept = world.site.host.files, "2024.06.50"
    files[COMPOSE_PATH] = files[COMPOSE_PATH].replace(f"mailu/webmail:{OLD}", f"mailu/webmail:{kept}")

    job = world.job()

    assert job.state == "succeeded", (job.cause, world.driver.described(job.id))
    assert list(world.site.copies) == [f"{kept}-{OLD}-{str(job.id)[:8]}"]
    versions = {image.rpartition(":")[2] for image in world.site.mail.record["images"] if "ghcr.io/mailu/" in image}
    assert versions == {kept, OLD, VERSION}


def test_a_version_that_never_gets_well_goes_back_by_itself_with_the_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.site.compose
    monkeypatch.setattr(running, "WELL_LIMIT_S", 0.0)
    ill_at(monkeypatch, VERSION)

    job = world.job()

    assert (job.state, job.cause) == ("failed", "The container antispam does not become healthy.")
    assert job.remedy == "All is as it was before. Request it again when the cause is mended."
    assert world.is_as_before(before)
    assert world.plan.downtime_s is None


def test_one_that_is_cancelled_while_mail_stands_still_goes_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.site.compose
    ill_at(monkeypatch, VERSION)
    asked = world.driver.submit(UpgradeMail(world.site.id))
    until(lambda: world.states(asked).get("well") == "running", "the wait", SECONDS)
    assert world.row.state == "upgrading"
    world.driver.act(asked, "job.cancel")

    assert world.driver.wait_for(asked, seconds=SECONDS).state == "cancelled"
    assert world.is_as_before(before)


def test_one_that_is_ill_on_its_way_back_is_looked_at_by_the_checks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind: Any = world.installation.kinds[UpgradeMail.kind]
    stop = kind._steps.stop

    def falls_ill(ctx: StepContext[UpgradeMail]) -> StepOutcome:
        for version in (OLD, VERSION):
            ill_at(monkeypatch, version)
        outcome: StepOutcome = stop(ctx)
        return outcome

    monkeypatch.setattr(running, "WELL_LIMIT_S", 0.0)
    monkeypatch.setattr(kind._steps, "stop", falls_ill)

    job = world.job()

    assert (job.state, world.states(job.id)["stop"]) == ("failed", "failed")
    assert (world.row.state, world.site.mail.record["is_up"]) == ("running", True)


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_one_that_proved_itself_runs_and_is_not_taken_back(
    world: World, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    kind: Any = world.installation.kinds[UpgradeMail.kind]
    prove = kind._steps.prove

    def prove_and_cancel(ctx: StepContext[UpgradeMail]) -> StepOutcome:
        outcome: StepOutcome = prove(ctx)
        world.driver.act(ctx.job.id, "job.cancel")
        until(lambda: (job := world.driver.job(ctx.job.id)) and job.cancel_requested, "the wish", SECONDS)
        return outcome

    monkeypatch.setattr(kind._steps, "prove", prove_and_cancel)
    asked = world.driver.submit(UpgradeMail(world.site.id))
    assert world.driver.wait_for(asked, seconds=SECONDS).state == "cancelled"
    assert (world.states(asked)["note"], world.row.state) == ("pending", "running")
    after = world.site.compose
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(MailServer, (AGENCY, world.site.id)).state = state
    world.driver.act(asked, "job.roll_back")

    job = world.driver.wait_for(asked, "failed", seconds=SECONDS)
    assert (job.cause, job.remedy) == (
        "The new version proved itself and carries mail: what came since would be lost.",
        "Mail runs. Leave it as it is.",
    )
    assert (world.site.compose, world.site.mail.record["is_up"]) == (after, True)


def test_one_that_fails_before_the_stop_leaves_mail_running(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.site.compose
    no_registry = (re.compile("^docker pull "), lambda _call: (1, ""))
    monkeypatch.setattr(mail_commands, "TABLE", (no_registry, *mail_commands.TABLE))

    job = world.job()

    assert (job.state, job.remedy) == (
        "failed",
        "The registry does not answer or the connection was cut. Retry: what was fetched is kept.",
    )
    assert world.is_as_before(before)
    assert world.states(job.id)["stop"] == "pending"


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("2024.06.55", f"Mailu 2024.06.55 is older than {OLD}, which is installed."),
        (OLD, f"Mailu {OLD} is installed already."),
        ("2024.10.1", "Mailyard does not know Mailu 2024.10.1. It upgrades inside release 2024.06."),
        ("2024.06", "Mailyard does not know Mailu 2024.06. It upgrades inside release 2024.06."),
        ("2024.06.57; reboot", "Mailyard does not know Mailu 2024.06.57; reboot."),
    ],
)
def test_a_version_that_is_none_to_go_to_is_refused(world: World, version: str, said: str) -> None:
    assert world.refusal(version).startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"settings": None}, "How this mail server was set up is not known."),
        ({"state": "stopped"}, "The mail server does not run."),
        ({"state": "removed"}, "This server has no mail server."),
    ],
)
def test_a_mail_server_that_is_none_to_upgrade_is_refused(world: World, changes: dict[str, object], said: str) -> None:
    with world.installation.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, world.site.id))
        for key, value in changes.items():
            setattr(row, key, value)

    assert world.refusal(VERSION).startswith(said)


def test_one_that_is_not_well_is_refused_before_anything_is_done(world: World) -> None:
    world.site.mail.record["restarting"] = ["webmail"]

    job = world.job()

    assert (job.state, job.cause) == ("failed", "The mail server is not well: webmail.")
    assert job.remedy == "Mend that first, then request the upgrade again."
    assert world.site.mail.record["images"] == []


def test_a_disk_without_room_for_images_and_copy_is_refused(world: World) -> None:
    world.site.host.record["disk_gb"] = 3

    job = world.job()

    assert job.cause.startswith("The disk of the server has ")
    assert job.remedy == "Free some space or resize it, then retry."


def test_a_server_that_was_upgraded_by_hand_is_known_to_be(world: World) -> None:
    files = world.site.host.files
    files[COMPOSE_PATH] = files[COMPOSE_PATH].replace(OLD, VERSION)

    job = world.job()

    assert (job.state, job.cause) == ("failed", f"Mailu {VERSION} is installed already.")
    assert (world.row.version, world.plan.is_outdated) == (VERSION, False)


def test_a_server_that_does_not_answer_is_told(world: World) -> None:
    world.site.hosts.change("one", is_silent=True)

    asked = world.driver.submit(UpgradeMail(world.site.id))
    job = world.driver.wait_for(asked, "waiting_until", "failed", seconds=SECONDS)

    assert job.cause == f"{IP} does not respond over SSH."
    assert world.states(asked)["pull"] == "pending"


def test_what_nobody_could_write_the_version_into_is_refused_before(world: World) -> None:
    files = world.site.host.files
    files[COMPOSE_PATH] = files[COMPOSE_PATH].replace("image: ghcr.io/mailu/admin", "image: &admin ghcr.io/mailu/admin")

    job = world.job()

    assert job.cause == "The compose file does not name the version of Mailu where Mailyard could change it."
    assert world.states(job.id)["pull"] == "pending"


@pytest.mark.parametrize("is_adopted", [True, False])
def test_containers_that_others_added_to_their_own_project_stay(
    world: World, monkeypatch: pytest.MonkeyPatch, *, is_adopted: bool
) -> None:
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(MailServer, (AGENCY, world.site.id)).is_adopted = is_adopted
    ended = watched(monkeypatch, rf"^{mail_commands.CHANGED}down\b")
    monkeypatch.setattr(running, "WELL_LIMIT_S", 0.0)
    ill_at(monkeypatch, VERSION)

    assert world.job().state == "failed"
    assert [line.endswith(" --remove-orphans") for line in ended] == [not is_adopted] * 2  # stopped, and taken down


@pytest.mark.parametrize("line", ["DB_FLAVOR=mysql", "SQLALCHEMY_DATABASE_URI=mysql://mailu@db/mailu"])
def test_one_with_its_database_elsewhere_is_refused_before(world: World, line: str) -> None:
    world.site.host.files[ENV_PATH] += f"{line}\n"

    job = world.job()

    assert job.cause == "The mail server keeps its database in mysql, so an upgrade could not put it back."
    assert (job.remedy, world.states(job.id)["pull"]) == ("Upgrade this mail server by hand.", "pending")


def test_one_that_was_adopted_is_proved_by_what_mailyard_has_access_to(world: World) -> None:
    with world.installation.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, world.site.id))
        row.is_adopted, row.admin_ref = True, None

    job = world.job()

    assert (job.state, world.notes(job)["proof"]) == ("succeeded", "API")
