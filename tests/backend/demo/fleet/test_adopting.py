"""A Mailu that somebody else set up on a server of ours: looked at without a change, then taken over as agreed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from backend.core.errors import SshError
from backend.core.secrets.redactor import MASK
from backend.core.ssh.session import SshSession
from backend.demo.fleet.mail import UNKNOWN
from backend.demo.fleet.mail_files import ELSEWHERE, OLDER
from backend.demo.fleet.servers import CLIENTS, client_id
from backend.engine.payload import Request
from backend.mail.adopt import opening
from backend.mail.adopt.finding import MailFound
from backend.mail.adopt.queries import MailFinding, MailFindings
from backend.mail.adopt.requests import AdoptMail, LookAtMail
from backend.mail.change.requests import ChangeMail, PowerMail, RenewToken
from backend.mail.host import running as running_containers
from backend.mail.host.docker import ComposeProject
from backend.mail.queries import Domains, MailServers
from backend.mail.refs import relay_ref, secret_key_ref, token_ref
from backend.mail.requests import AddDomain, ReadMail, SetSmartHost, UpgradeMail
from backend.mailu.settings import VERSION, SmartHost
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import Job, JobLog, JobStep, RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.demo.fleet.opened import Opened, opened_demo
from tests.installation import ask, until

EVERYBODY = Scope.of(AGENCY, *(client_id(client) for client in CLIENTS))
(THERE,) = UNKNOWN
BARE, OURS = "mx2.acme-dental.example", "mail.cedar-legal.example"
ENV, COMPOSE = f"{ELSEWHERE}/mailu.env", f"{ELSEWHERE}/docker-compose.yml"
OVERRIDE = f"{ELSEWHERE}/overrides/postfix/postfix.cf"
WATCHED = (ENV, COMPOSE, OVERRIDE, f"{ELSEWHERE}/certs/cert.pem")
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_demo(tmp_path_factory.mktemp("adopt"), has_engine=True) as made:
        yield made


@pytest.fixture(autouse=True)
def _nothing_replaces_its_files() -> Iterator[None]:
    """They are written anew as they stand: their owner, their mode and what links to them are somebody else's."""
    paths, put = list[str](), SshSession.put

    def noted(session: SshSession, path: str, content: bytes, **more: Any) -> None:
        paths.append(path)
        put(session, path, content, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SshSession, "put", noted)
        yield
    assert not {ENV, COMPOSE, OVERRIDE}.intersection(paths)


class Person:
    """What somebody does to the server that has the Mailu, by hand and by Mailyard."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.installation = opened.installation
        self.server = opened.servers()[THERE].id

    def files(self) -> list[bytes]:
        with self.installation.servers.session(self.server) as ssh:
            return [ssh.get(path) for path in WATCHED]

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        """By hand: each text becomes the other."""
        with self.installation.servers.session(self.server) as ssh:
            text = ssh.get(path).decode()
            for before, after in changes:
                assert before in text
                text = text.replace(before, after)
            ssh.rewrite(path, text.encode())

    def line(self, key: str) -> str:
        lines = self.files()[0].decode().splitlines()
        return next((line.partition("=")[2] for line in lines if line.startswith(f"{key}=")), "")

    def done(self, request: Request) -> Job:
        job = self.opened.driver.wait_for(self.opened.driver.submit(request), seconds=180)
        assert job.state == "succeeded", (job.cause, job.remedy, self.opened.driver.described(job.id))
        return job

    def refusal(self, request: Request) -> str:
        asked = self.opened.driver.submit(request)

        def look() -> str | None:
            with self.installation.store.read(ENGINE_SCOPE) as session:
                return session.get_one(RequestRow, (AGENCY, asked)).refusal

        return str(until(look, "the refusal", 120))

    def finding(self) -> MailFinding:
        return ask(self.installation, MailFindings(EVERYBODY, self.server))

    def looked(self) -> MailFinding:
        self.done(LookAtMail(self.server))
        return self.finding()

    def row(self) -> MailServer | None:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return session.get(MailServer, (AGENCY, self.server))

    def domains(self) -> Sequence[str]:
        return [each.name for each in ask(self.installation, Domains(EVERYBODY)) if each.server == THERE]

    def written(self) -> str:
        """Everything that jobs left in rows."""
        with self.installation.store.read(ENGINE_SCOPE) as session:
            steps = [(each.note, each.result) for each in session.scalars(select(JobStep))]
            jobs = [(each.request, each.cause, each.remedy) for each in session.scalars(select(Job))]
            return repr((steps, jobs, list(session.scalars(select(JobLog.text)))))


@pytest.fixture(scope="module")
def person(running: Opened) -> Person:
    return Person(running)


def names(finding: MailFinding) -> dict[str, tuple[Any, Any]]:
    return {each.name: (each.found, each.ours) for each in shown(finding).differences}


def shown(finding: MailFinding) -> MailFound:
    assert finding.found is not None
    return finding.found


def test_looking_changes_nothing_and_names_what_differs(person: Person) -> None:
    before = person.files()

    finding = person.looked()

    found, told = shown(finding), names(finding)
    assert person.files() == before
    assert person.row() is None
    assert (found.mailu_version, found.env_file, found.root, found.files) == (OLDER, ENV, ELSEWHERE, (COMPOSE,))
    assert (found.api, found.domains, found.mailboxes) == ("open", 2, 13)
    assert found.overrides == ("postfix/postfix.cf",)
    assert told["SESSION_TIMEOUT"] == ("7200", None)
    assert told["AUTH_RATELIMIT_EXEMPTION"][0] is None
    assert told["TZ"] == ("Europe/Berlin", "Etc/UTC")
    assert not [name for name in told if name.endswith(("volume", "image", "port"))]
    assert "MESSAGE_RATELIMIT" not in told  # a setting of ours, read as it is
    assert found.settings.messages_per_day == 500


def test_nothing_secret_is_kept_before_it_is_agreed_to_nor_ever_written(person: Person) -> None:
    key, token = person.line("SECRET_KEY"), person.line("API_TOKEN")

    assert shown(person.looked()).settings.domain in UNKNOWN[THERE]

    refs = person.installation.secrets.references()
    assert not {secret_key_ref(person.server), token_ref(person.server)} & set(refs)
    assert all(secret not in person.written() for secret in (key, token))


def test_what_was_not_agreed_to_is_not_taken_over(person: Person) -> None:
    stamp = shown(person.looked()).stamp
    person.edit(ENV, ("SESSION_TIMEOUT=7200", "SESSION_TIMEOUT=7300"))

    asked = person.opened.driver.submit(AdoptMail(person.server, stamp))
    job = person.opened.driver.wait_for(asked, "failed", seconds=120)

    assert job.cause == "The mail server is set up otherwise than when it was shown."
    person.edit(ENV, ("SESSION_TIMEOUT=7300", "SESSION_TIMEOUT=7200"))
    assert person.row() is None
    assert person.refusal(AdoptMail(person.server, "another")).startswith(job.cause)


def test_servers_without_one_and_with_ours_are_told_apart(person: Person) -> None:
    servers = person.opened.servers()
    asked = person.opened.driver.submit(LookAtMail(servers[BARE].id))
    job = person.opened.driver.wait_for(asked, "failed", seconds=120)
    assert job.cause == "Docker does not answer on this server."
    finding = ask(person.installation, MailFindings(EVERYBODY, servers[BARE].id))
    assert (finding.found, finding.is_looking, finding.trouble) == (None, False, job.cause)

    person.done(LookAtMail(servers[OURS].id))
    finding = ask(person.installation, MailFindings(EVERYBODY, servers[OURS].id))
    assert shown(finding).differences == ()
    said = person.refusal(AdoptMail(servers[OURS].id, shown(finding).stamp))
    assert said.startswith(f"{OURS} has a mail server already.")


def test_an_api_that_does_not_come_up_is_closed_again_to_the_byte(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = person.line("API_TOKEN")
    person.edit(ENV, ("API=true", "API=false"), (f"API_TOKEN={token}\n", ""))
    before, stamp = person.files(), shown(person.looked()).stamp
    monkeypatch.setattr(ComposeProject, "containers", lambda _project: [])
    monkeypatch.setattr(running_containers, "WELL_LIMIT_S", 0.0)

    def went_on() -> None:
        monkeypatch.undo()

    monkeypatch.setattr(opening, "close_again", _after(went_on, opening.close_again))
    asked = person.opened.driver.submit(AdoptMail(person.server, stamp, opens_api=True))
    job = person.opened.driver.wait_for(asked, "rolled_back", "failed", seconds=120)

    assert (job.state, job.cause) == ("failed", "The container ? does not become healthy.")
    assert (person.files(), person.row()) == (before, None)
    assert not [each for each in person.installation.secrets.references() if each.path.endswith("lines_before")]
    person.edit(ENV, ("API=false\n", f"API=true\nAPI_TOKEN={token}\n"))


def _after(first: Callable[[], None], act: Callable[..., None]) -> Callable[..., None]:
    def both(*given: Any) -> None:
        first()
        act(*given)

    return both


def test_one_whose_api_is_off_is_watched_or_opened_as_a_person_says(person: Person) -> None:
    token = person.line("API_TOKEN")
    person.edit(ENV, ("API=true", "API=false"), (f"API_TOKEN={token}\n", ""))
    before = person.files()
    found = shown(person.looked())
    assert (found.api, found.can_open_api, names(person.finding())["API_TOKEN"]) == ("off", True, (None, MASK))
    said = person.refusal(AdoptMail(person.server, found.stamp))
    assert said.startswith("The API of this mail server is not open: switched off.")

    person.done(AdoptMail(person.server, found.stamp, with_api=False))

    row = person.row()
    assert row is not None
    assert (row.state, row.is_adopted, row.api_token_ref) == ("running", True, None)
    assert (person.files(), person.domains()) == (before, [])
    for request in (
        ChangeMail(person.server, message_mb=30),
        UpgradeMail(person.server, VERSION),
        PowerMail(person.server, "stop"),
        RenewToken(person.server),
        SetSmartHost(person.server, None),
    ):
        assert person.refusal(request).startswith("Mailyard has no access to the API of a mail server there."), request

    person.done(AdoptMail(person.server, found.stamp, opens_api=True, client=client_id("Cedar Legal")))

    assert person.line("API") == "true"
    made = person.installation.secrets.read(token_ref(person.server)).reveal()
    assert (made, len(made) >= 40, made in person.written()) == (person.line("API_TOKEN"), True, False)
    assert person.domains() == sorted(UNKNOWN[THERE])
    assert not [each for each in person.installation.secrets.references() if each.path.endswith("lines_before")]


def test_it_is_run_as_one_of_ours_and_what_is_changed_by_hand_is_seen_and_kept(person: Person) -> None:
    relay = "RELAYHOST=[smtp.before.example]:587\nRELAYUSER=cedar\nRELAYPASSWORD=CANARY-relay-91aa"
    person.edit(ENV, ("RELAYHOST=", relay))
    person.done(AdoptMail(person.server, shown(person.looked()).stamp))
    assert person.finding().changed == ()
    assert person.installation.secrets.read(relay_ref(person.server)).reveal() == "CANARY-relay-91aa"
    assert "CANARY-relay-91aa" not in person.written()
    person.edit(ENV, ("SESSION_TIMEOUT=7200", "SESSION_TIMEOUT=60"), ("PORTS=25,80", "PORTS=25,80,110"))

    finding = person.looked()

    told = {each.name: (each.found, each.ours) for each in finding.changed}
    assert told["SESSION_TIMEOUT"] == ("60", None)
    assert told["PORTS"] == ("25,80,110,443,465,587,993,4190", "25,80,443,465,587,993,4190")
    person.done(AddDomain(person.server, "cedar-choir.example", client_id("Cedar Legal")))
    person.done(SetSmartHost(person.server, SmartHost("smtp.else.example", 587)))
    assert (person.line("SESSION_TIMEOUT"), person.line("RELAYHOST")) == ("60", "[smtp.else.example]:587")
    person.done(RenewToken(person.server))
    person.done(ReadMail(person.server))
    assert "cedar-choir.example" in person.domains()
    (row,) = [each for each in ask(person.installation, MailServers(EVERYBODY)) if each.server == THERE]
    assert (row.is_adopted, row.version, row.domains) == (True, OLDER, 3)

    person.done(AdoptMail(person.server, shown(person.looked()).stamp))
    assert person.looked().changed == ()


def test_its_ports_stay_however_its_compose_file_gives_them_out(person: Person) -> None:
    person.edit(COMPOSE, ("0.0.0.0:", "203.0.113.5:"))
    person.done(AdoptMail(person.server, shown(person.looked()).stamp))
    before, ports = person.files(), shown(person.finding()).settings.ports
    closed = ChangeMail(person.server, ports=tuple(port for port in ports if port != 4190))

    job = person.opened.driver.wait_for(
        person.opened.driver.submit(closed), "failed", "waiting_for_you", "succeeded", seconds=120
    )

    assert job.cause == "This would change the compose file, which somebody else wrote: ~ front."
    assert person.files() == before
    with person.installation.servers.session(person.server) as ssh, pytest.raises(SshError):
        ssh.get("/etc/mailyard/filter.nft")
    person.edit(COMPOSE, ("203.0.113.5:", "0.0.0.0:"))


def test_another_release_is_adopted_to_be_watched_only(person: Person) -> None:
    person.edit(COMPOSE, (f":{OLDER}", ":2.0.50"))

    found = shown(person.looked())

    assert (found.mailu_version, found.api, found.is_supported) == ("2.0.50", "unsupported", False)
    assert "manages no other release" in found.api_note
    assert person.refusal(AdoptMail(person.server, found.stamp)).startswith("The API of this mail server is not open")
    assert person.refusal(AdoptMail(person.server, found.stamp, opens_api=True)).startswith("The API cannot be")
    person.done(AdoptMail(person.server, found.stamp, with_api=False))
    said = "Mailyard has no access to the API of a mail server there."
    assert person.refusal(SetSmartHost(person.server, None)).startswith(said)
    person.edit(COMPOSE, (":2.0.50", f":{OLDER}"))
