"""From a bare server to mail that is sent, filtered and read; and what stands against a mail server, in words.

The server is a host of the lab with a real Docker, the images come from the lab's registry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_string
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtWidgets import QApplication

from app.cli.output import Exit
from backend.core.secrets.values import Secret
from backend.mail.change.requests import ChangeMail, PowerMail, RenewToken
from backend.mail.host import running
from backend.mail.install.deploy import project
from backend.mail.refs import token_ref
from backend.mail.requests import InstallMail, ReadMail, SetSmartHost, UpgradeMail
from backend.mailu.services import REGISTRY as REGISTRY_OF_MAILU
from backend.mailu.settings import VERSION, SmartHost
from backend.store.schema.operations import Job
from tests.app.cli.command import Commands, NewCommands
from tests.app.cli.plugin import command_forks as command_forks
from tests.app.cli.plugin import new_commands as new_commands
from tests.lab.client import Client
from tests.lab.hosts import LabHost
from tests.lab.mail import relay
from tests.lab.mail.browser import inbox_on_the_web
from tests.lab.mail.filter import image_with_filter
from tests.lab.mail.letters import ALICE, ARRIVES_S, BOB, OUTSIDE, STEP_S, message, nothing_waits, one_more
from tests.lab.mail.person import Person
from tests.lab.nodes.sink import Sink
from tests.lab.recipe import NEXT_SUITE
from tests.lab.waiting import connects, until
from tests.stories.mail_hosts import JOB_S, MailAgency, mail_agency, registry_down
from tests.stories.mail_versions import BROKEN, make_broken, run_older, version_of
from tests.stories.mail_window import add_domain, add_mailbox, ask_for_mail, at_the_window

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

#: Not that of the stack, which may run beside it in the same lab.
HOST, DOMAIN = "mx4.lab.test", "lab.test"
REBOOT_S, WELL_S = 120.0, 600.0
ALL_STEPS = (*("look", "harden", "docker", "secrets", "files", "pull", "start", "well", "admin", "proof", "ready"),)
ADMIN_LOG = "journalctl -q -o cat CONTAINER_TAG=mailu-admin"
REDIS = "docker exec mailu-redis-1 redis-cli -n 2"
#: All but 100 MB of the disk, which the images have no room in.
FILL = "fallocate -l $(($(df --output=avail -B1 /var/lib/docker | tail -1) - 100000000)) /fill"
#: Whatever is a folder there ends Mailu's antispam at each start.
ILL = "/mailu/overrides/rspamd/folder"
#: Holds what apt and dpkg take turns by, as updates do that a server installs by itself.
LOCKS = (
    "import fcntl, time; held = [open('/var/lib/' + each, 'w') for each in ('apt/lists/lock', 'dpkg/lock-frontend')]"
)
HOLD = "for each in held: fcntl.lockf(each, fcntl.LOCK_EX)"
UPDATES = f'systemd-run --quiet --unit=updates python3 -c "{LOCKS}\n{HOLD}\ntime.sleep(30)"'
OTHER_MAIL = "systemd-run --quiet --unit=other-mail python3 -m http.server 25"


@dataclass
class Installed:
    """A mail server that was set up against odds; ``failures`` are what its job said on the way."""

    agency: MailAgency
    host: LabHost
    server: UUID
    job: Job
    failures: list[tuple[str, str]]

    def person(self, address: str) -> Person:
        return self.agency.person(self.host, self.server, address, password(address))

    def is_well(self) -> bool:
        with self.agency.access().session(self.server) as ssh:
            found = project(ssh).containers()
        return bool(found) and all(each.is_well for each in found)


def password(address: str) -> str:
    return f"canary password of {address}"


@pytest.fixture(scope="module")
def world_around(registry: None, packages: None, mail_of_others: dict[str, Sink]) -> None:
    """What servers ask outside: images, packages, and who takes mail."""


@pytest.fixture(scope="module")
def agency(lab: Client, world_around: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailAgency]:
    with mail_agency(tmp_path_factory.mktemp("agency"), lab) as made:
        yield made


@pytest.fixture(scope="module")
def installed(agency: MailAgency, lab: Client, qapp: QApplication) -> Iterator[Installed]:
    """Asked for in the window. Its job failed twice before: another mail service was in the way, then the registry was
    down. At the third time the server installs updates.
    """
    with agency.server(HOST) as (host, server):
        failures = []
        with host.shell() as shell:
            shell.read(OTHER_MAIL)
        assert until(lambda: connects(host.ip, 25), ARRIVES_S, STEP_S)
        with at_the_window(qapp, agency.folder) as person:
            ask_for_mail(person, HOST, DOMAIN)
            page = person.job(f"Install the mail server {HOST}")
            person.wait(lambda: page.detail.badge.text() == "Failed", "the job to fail", JOB_S)
        job = agency.newest(InstallMail)
        failures.append((job.cause, job.remedy))
        with host.shell() as shell:
            shell.read("systemctl stop other-mail")
        with registry_down(lab):
            job = agency.retried(job)
        failures.append((job.cause, job.remedy))
        with host.shell() as shell:
            shell.read(UPDATES)
        job = agency.retried(job)
        yield Installed(agency, host, server, job, failures)


@pytest.fixture(scope="module")
def people(installed: Installed, qapp: QApplication) -> tuple[Person, Person]:
    """Alice and Bob, whose mailboxes were made in the window."""
    with at_the_window(qapp, installed.agency.folder) as person:
        add_domain(person, HOST, "client.test")
        for address in (ALICE, BOB):
            add_mailbox(person, "client.test", address.partition("@")[0], password(address))
    return installed.person(ALICE), installed.person(BOB)


@pytest.mark.proof("a mail server from a bare one")
def test_a_bare_server_becomes_a_mail_server(installed: Installed) -> None:
    agency, job = installed.agency, installed.job

    assert job.state == "succeeded", (job.cause, job.remedy, agency.driver.described(job.id))
    assert [(key, state) for key, state, _note in agency.driver.described(job.id)] == [
        (key, "done") for key in ALL_STEPS
    ]
    row = agency.mail_server(installed.server)
    assert agency.driver.described(job.id)[2][2] == "Docker installed from its own repository"
    assert (row.state, row.sends, row.certificate_kind) == ("running", "direct", "self_signed")
    assert installed.is_well()


def test_the_server_is_hardened_and_keeps_every_line_of_mail(installed: Installed) -> None:
    with installed.host.shell() as shell:
        assert shell.read("fail2ban-client get sshd ignoreip").count("10.77.") == 1
        assert "dport { 22, 25, 80, 443, 465, 587, 993, 4190 }" in shell.read("nft list table inet mailyard")
        assert shell.read("stat -c '%a %U' /opt/mailu/mailu.env") == "600 root"
        assert shell.read("readlink /run/systemd/units/log-rate-limit-burst:docker.service") == "10000000"
        assert shell.read("ls /var/log/journal/*/system.journal") != ""


def test_what_stood_in_the_way_was_said_with_a_remedy(installed: Installed) -> None:
    (another, remedy), (down, then) = installed.failures

    assert another == "Port 25 of the server is in use by python3."
    assert remedy == "Stop and remove that service, then retry."
    assert "could not be fetched" in down
    assert "Retry" in then


def test_mail_is_submitted_filtered_and_read_and_outlives_a_reboot(
    installed: Installed, people: tuple[Person, Person], lab: Client, sinks: dict[str, Sink]
) -> None:
    agency, server, (alice, bob) = installed.agency, installed.server, people

    alice.submit([BOB, OUTSIDE], message(ALICE, BOB, "before the reboot"))
    assert until(bob.mailbox, ARRIVES_S, STEP_S)
    assert until(lambda: sinks["example.com"].received(OUTSIDE), ARRIVES_S, STEP_S)
    with installed.host.shell() as shell:
        assert until(lambda: nothing_waits(shell), ARRIVES_S, STEP_S)
    lab.reboot(HOST, seconds=REBOOT_S)
    installed.host.shell().close()
    assert until(installed.is_well, WELL_S, STEP_S)

    read = [message_from_string(each) for each in one_more(alice, bob, "after it")]
    assert [each["Subject"] for each in read] == ["before the reboot", "after it"]
    assert all(each["X-Spamd-Bar"] for each in read)
    with bob.browser(HOST) as browser:
        assert "after it" in inbox_on_the_web(browser, BOB, password(BOB))
    job = agency.done(ReadMail(server))
    assert "domains: 2, mailboxes: 3" in agency.driver.described(job.id)[-1][2]


def test_a_smart_host_is_proved_by_a_message_and_what_it_refuses_is_said(
    installed: Installed, sinks: dict[str, Sink]
) -> None:
    agency, server, password = installed.agency, installed.server, "canary password of the relay"
    relayed = SmartHost(relay.NAME, relay.PORT, relay.USER, agency.kept(password))
    wrong = replace(relayed, password_ref=agency.kept("another password"))
    with installed.host.shell() as shell:
        image = f"{REGISTRY_OF_MAILU}/postfix:{agency.mail_server(server).version}"
        smart_host = relay.Relay(shell, installed.host.ip, image, password)
        smart_host.start(is_expired=True)
        refused = [agency.job(SetSmartHost(server, relayed, OUTSIDE))]
        smart_host.start(refuses=f"admin@{DOMAIN}")
        refused.append(agency.retried(refused[0]))
        smart_host.start()
        agency.driver.act(refused[0].id, "job.roll_back")
        agency.driver.wait_for(refused[0].id, "rolled_back", seconds=JOB_S)
        refused.append(agency.job(SetSmartHost(server, wrong, OUTSIDE)))
        untouched = shell.read("grep ^RELAY /opt/mailu/mailu.env")
        done = agency.done(SetSmartHost(server, replace(relayed, password_ref=agency.kept(password)), OUTSIDE))
        taken = sinks["example.com"].received(OUTSIDE)[-1]
        agency.done(SetSmartHost(server, None))
        assert shell.read("grep ^RELAY /opt/mailu/mailu.env") == untouched == "RELAYHOST="
        smart_host.stop()

    assert [job.cause for job in refused] == [
        f"The certificate of {relay.NAME} will not do: certificate has expired.",
        f"{relay.NAME} takes no mail from admin@{DOMAIN}.",
        f"{relay.NAME} refused the user or the password.",
    ]
    assert all(job.remedy for job in refused)
    assert "taken by relay.lab.test" in " ".join(note for _key, _state, note in agency.driver.described(done.id))
    assert (taken.greeted_as, taken.sender, taken.by_tls) == (relay.NAME, f"admin@{DOMAIN}", True)


def test_a_token_that_was_changed_is_sent_once_and_locks_nobody_out(installed: Installed) -> None:
    agency, server = installed.agency, installed.server
    right = agency.installation.secrets.read(token_ref(server))
    agency.installation.secrets.keep(token_ref(server), Secret("wrong"))

    jobs = [agency.job(ReadMail(server)) for _turn in range(2)]

    told = {(job.state, job.cause, job.remedy) for job in jobs}
    renew = "It was changed on the server. Renew it in the mail server's menu."
    assert told == {("failed", "Mailu refused the API token.", renew)}
    with installed.host.shell() as shell:
        assert shell.read(f"{ADMIN_LOG} | grep -c '/api/.* 403 '") == "1"
        assert shell.read(f"{REDIS} keys '*auth-ip*'") == ""
    agency.installation.secrets.keep(token_ref(server), right)
    agency.done(ReadMail(server))


def test_settings_are_changed_stopped_and_started_and_what_was_changed_by_hand_stays(installed: Installed) -> None:
    agency, server, host = installed.agency, installed.server, installed.host
    with host.shell() as shell:
        shell.read("sed -i 's#^MESSAGE_RATELIMIT=.*#MESSAGE_RATELIMIT=500/day#' /opt/mailu/mailu.env")
        _job, told = agency.agreed(ChangeMail(server, message_mb=30, ports=(25, 80, 443, 465, 587, 993, 995, 4190)))
        assert shell.read("docker exec mailu-smtp-1 postconf -h message_size_limit") == "30000000"
        assert "0.0.0.0:995->995/tcp" in shell.read("docker ps --filter name=mailu-front-1 --format '{{.Ports}}'")
        assert "MESSAGE_RATELIMIT=500/day" in shell.read("cat /opt/mailu/mailu.env")
        assert shell.read("ls /opt/mailu") == "docker-compose.yml\nmailu.env"
    assert (told["MESSAGE_SIZE_LIMIT"], told["Kept: MESSAGE_RATELIMIT"]) == ("50000000 → 30000000", "500/day")
    assert installed.is_well()

    agency.done(RenewToken(server))
    agency.done(PowerMail(server, "stop"))
    assert (connects(host.ip, 993), agency.mail_server(server).state) == (False, "stopped")
    agency.done(PowerMail(server, "start"))
    assert (connects(host.ip, 995), agency.mail_server(server).state) == (True, "running")
    agency.done(ReadMail(server))


def test_it_is_upgraded_and_goes_back_by_itself_from_a_version_that_is_broken(
    installed: Installed, people: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    agency, server, (alice, bob) = installed.agency, installed.server, people
    mail = one_more(alice, bob, "before the upgrade")
    run_older(agency, installed.host, server)
    assert until(installed.is_well, WELL_S, STEP_S)

    agency.done(UpgradeMail(server))
    assert version_of(installed.host) == agency.mail_server(server).version == VERSION
    make_broken(installed.host)
    monkeypatch.setattr(running, "WELL_LIMIT_S", 90.0)
    broken = agency.job(UpgradeMail(server, BROKEN))

    assert (broken.state, broken.cause) == ("failed", "The container antispam does not become healthy.")
    assert version_of(installed.host) == agency.mail_server(server).version == VERSION
    assert one_more(alice, bob, "after it went back")[: len(mail)] == mail


def test_a_small_server_is_refused_and_a_missing_image_is_taken_back(agency: MailAgency, lab: Client) -> None:
    name = "small.lab.test"
    with agency.server(name, has_docker=True, memory_mb=1024) as (host, server):
        small = agency.job(InstallMail(server, "second.test", has_antivirus=True))
        lab.resize(name, memory_mb=4096, cpus=2.0)
        missing = agency.retried(small)
        agency.driver.act(missing.id, "job.roll_back")
        agency.driver.wait_for(missing.id, "rolled_back", seconds=JOB_S)
        with host.shell() as shell:
            left = shell.read(
                "ls -d /mailu /opt/mailu 2>/dev/null; docker ps -aq; docker network ls -q --filter name=mailu"
            )

    assert small.cause == "The server has 1024 MB of memory; the mail server needs 3700 MB."
    assert small.remedy == "Resize it to a larger plan first, or leave the antivirus out."
    assert missing.cause == "The registry has no image clamav/clamav-debian:1.4."
    assert missing.remedy == "Check the version of Mailu; it may have been withdrawn."
    assert left == ""
    assert agency.mail_server(server).state == "removed"
    assert str(server) not in " ".join(ref.path for ref in agency.installation.secrets.references())


def test_a_full_disk_an_ill_container_and_a_reboot_are_overcome_by_commands(
    agency: MailAgency,
    lab: Client,
    mail_snapshot: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    new_commands: NewCommands,
) -> None:
    name, image = "mx3.lab.test", image_with_filter(mail_snapshot, tmp_path / "image")
    commands = new_commands(agency.folder)
    with agency.server(name, has_docker=True, suite=NEXT_SUITE, image=str(image)) as (host, server):
        with registry_down(lab):
            commands.run("mail", "install", name, "third.test", "--yes", code=Exit.FAILED)
            job = agency.newest(InstallMail)
        with host.shell() as shell:
            shell.read(FILL)
            full = agency.retried(job)
            shell.read(f"rm /fill; mkdir {ILL}")
        with monkeypatch.context() as patch:
            patch.setattr(running, "WELL_LIMIT_S", 30.0)
            ill = agency.retried(full)
        with host.shell() as shell:
            shell.read(f"rmdir {ILL}")
        agency.driver.act(ill.id, "job.retry")
        agency.reaches(ill, "well")
        lab.reboot(name, seconds=REBOOT_S)
        done = agency.ended_again(ill)
        carol = _by_commands(commands, agency, host, server)
        carol.submit([carol.address], message(carol.address, carol.address, "by commands"))
        assert until(carol.mailbox, ARRIVES_S, STEP_S)
        with carol.browser(name) as browser:
            assert "by commands" in inbox_on_the_web(browser, carol.address, carol.password)

    assert (full.cause, full.remedy) == ("The disk of the server is full.", "Free some space or resize it, then retry.")
    assert ill.cause == "The container antispam does not become healthy."
    assert ill.remedy.endswith("Retry when the cause is mended, or roll back.")
    assert done.state == "succeeded", (done.cause, agency.driver.described(done.id))


def _by_commands(commands: Commands, agency: MailAgency, host: LabHost, server: UUID) -> Person:
    """Somebody with a mailbox of a domain, both made by commands."""
    address = "carol@fourth.test"
    commands.run("domain", "add", "fourth.test", "--server", host.name)
    typed = f"{password(address)}\n"
    commands.run("mailbox", "add", address, "--password-stdin", "--keep-password", typed=typed)
    told = commands.asks("mailbox", "list", "fourth.test")
    assert [(each["address"], each["is_enabled"]) for each in told] == [(address, True)]
    return agency.person(host, server, address, password(address))
