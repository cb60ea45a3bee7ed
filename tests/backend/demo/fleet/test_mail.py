"""The demo's mail servers: what they have is read over their API, changed, and one is set up on a bare server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from backend.core.secrets.values import Secret
from backend.demo.fleet.mail import FULL, OUTDATED, RESTARTING, SIZES
from backend.demo.fleet.servers import CLIENTS, client_id
from backend.engine.payload import Request
from backend.fleet.checks import server_subject
from backend.mail.health.checks import CONTAINERS, INBOUND, MAIL_CHECKS
from backend.mail.health.probe import WatchMail
from backend.mail.queries import Aliases, Domains, Mailboxes, MailServers
from backend.mail.relay_queries import Relays
from backend.mail.requests import (
    AddDomain,
    AddMailboxes,
    InstallMail,
    NewMailbox,
    ReadMail,
    SetAlias,
    SetMailbox,
    SetSmartHost,
    UpgradeMail,
)
from backend.mailu.settings import VERSION, SmartHost
from backend.store.schema.mail import MailServer
from backend.store.schema.observations import Check
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.demo.fleet.opened import Opened, opened_demo
from tests.installation import ask

EVERYBODY = Scope.of(AGENCY, *(client_id(client) for client in CLIENTS))
MAIL, ILL, OLD = "mail.acme-dental.example", next(iter(RESTARTING)), next(iter(OUTDATED))
BARE = "mx2.acme-dental.example"
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_demo(tmp_path_factory.mktemp("mail")) as made:
        yield made


@pytest.fixture(scope="module")
def running(opened: Opened) -> Opened:
    assert opened.installation.become_engine("test")
    return opened


def done(opened: Opened, request: Request) -> Job:
    job = opened.driver.wait_for(opened.driver.submit(request), seconds=180)
    assert job.state == "succeeded", (job.cause, job.remedy, opened.driver.described(job.id))
    return job


def id_of(opened: Opened, name: str) -> Any:
    return opened.servers()[name].id


def told(opened: Opened) -> tuple[Any, ...]:
    """All rows of mail, without the ages."""
    found: list[Any] = []
    for query in (Domains(EVERYBODY), Mailboxes(EVERYBODY), Aliases(EVERYBODY), Relays(EVERYBODY)):
        found.append(
            [{k: v for k, v in vars(row).items() if k != "seen_at"} for row in ask(opened.installation, query)]
        )
    return tuple(found)


def test_three_servers_carry_fourteen_domains_and_two_hundred_mailboxes(opened: Opened) -> None:
    servers = ask(opened.installation, MailServers(EVERYBODY))
    mailboxes = ask(opened.installation, Mailboxes(EVERYBODY))

    assert [(row.server, row.state, row.sends) for row in servers] == [(name, "running", "direct") for name in SIZES]
    assert (sum(row.domains for row in servers), len(mailboxes)) == (14, 200)
    assert [row.address for row in mailboxes if (row.used_share or 0) >= 1] == [FULL]
    assert {row.workspace for row in ask(opened.installation, Domains(EVERYBODY))} == set(CLIENTS)
    relays = ask(opened.installation, Relays(EVERYBODY))
    assert [(row.server, row.workspace) for row in relays] == [(MAIL, "Acme Dental"), (OLD, "Cedar Legal")]
    for client, domain in CLIENTS.items():
        scope = Scope.of(client_id(client))
        assert [row.server for row in ask(opened.installation, MailServers(scope))] == [f"mail.{domain}"]
        assert all(row.workspace == client for row in ask(opened.installation, Domains(scope)))


def test_read_over_its_api_it_has_what_the_rows_say(running: Opened) -> None:
    before = told(running)

    for name in SIZES:
        done(running, ReadMail(id_of(running, name)))

    assert told(running) == before


def test_what_is_changed_stays_over_a_restart(running: Opened) -> None:
    server, domain = id_of(running, MAIL), "new-branch.example"
    ref = running.installation.client.keep_secret_now("smtp", AGENCY, Secret("CANARY-demo-3f1a"))
    done(running, AddDomain(server, domain, client_id("Acme Dental")))
    done(running, AddMailboxes(server, domain, (NewMailbox("info", ref.path, "Info", 10_000_000),)))
    done(running, SetMailbox(server, f"info@{domain}", display_name="Front desk"))
    done(running, SetAlias(server, f"hello@{domain}", (f"info@{domain}", "away@else.example")))
    before = told(running)

    running.close()
    running.open()
    assert running.installation.become_engine("test")
    done(running, ReadMail(server))

    assert told(running) == before
    assert [row.display_name for row in ask(running.installation, Mailboxes(EVERYBODY, domain))] == ["Front desk"]


def verdicts(opened: Opened, name: str) -> dict[str, tuple[str, str]]:
    asked = select(Check).where(Check.subject_id == server_subject(id_of(opened, name)).id)
    with opened.installation.store.read(ENGINE_SCOPE) as session:
        return {row.check_key: (row.verdict, row.reason.text()) for row in session.scalars(asked)}


def test_what_its_checks_say_is_what_a_look_finds(running: Opened) -> None:
    kinds = {check.key for check in MAIL_CHECKS}
    installation = running.installation
    before = {name: verdicts(running, name) for name in SIZES}
    watch = WatchMail(installation.store, installation.servers, installation.clock)

    for name in SIZES:
        for _look in range(2):  # what is not well is looked at twice
            watch.observe(id_of(running, name))

    for name in SIZES:
        said = verdicts(running, name)
        assert {key: said[key] for key in kinds} == {key: before[name][key] for key in kinds}
        assert said[INBOUND.key][0] == "ok"
        ill = RESTARTING.get(name)
        assert said[CONTAINERS.key] == (("warning", f"{ill[0]} starts again and again") if ill else ("ok", ""))
    assert "webmail starts again and again" in running.servers()[ILL].health_note


def test_a_bare_server_becomes_a_mail_server(running: Opened) -> None:
    server = id_of(running, BARE)

    done(running, InstallMail(server, "fresh.example", client=client_id("Acme Dental")))

    (row,) = [row for row in ask(running.installation, MailServers(EVERYBODY)) if row.server == BARE]
    assert (row.state, row.sends, row.certificate_kind) == ("running", "direct", "self_signed")
    done(running, ReadMail(server))
    assert [each.address for each in ask(running.installation, Mailboxes(EVERYBODY, "fresh.example"))] == [
        "admin@fresh.example"
    ]


def test_mail_leaves_through_a_smart_host_that_was_tried_and_by_itself_again(running: Opened) -> None:
    server, installation = id_of(running, MAIL), running.installation
    ref = installation.client.keep_secret_now("smtp", AGENCY, Secret("CANARY-relay-77c0"))
    relay = SmartHost("smtp.else.example", 587, "agency", ref.path)

    job = done(running, SetSmartHost(server, relay, "somebody@else.example"))

    notes = {key: note for key, _state, note in running.driver.described(job.id)}
    assert "smtp.else.example" in notes["message"]
    assert sends(running, MAIL) == ("smart_host", "Mail leaves through smtp.else.example.")
    done(running, SetSmartHost(server, None))
    assert sends(running, MAIL) == ("direct", "Port 25 is open to the outside.")
    assert ref not in installation.secrets.references()


def test_a_smart_host_that_does_not_answer_changes_nothing(running: Opened) -> None:
    server, before = id_of(running, MAIL), sends(running, MAIL)

    asked = running.driver.submit(SetSmartHost(server, SmartHost("smtp.invalid", 587)))
    job = running.driver.wait_for(asked, "failed", "waiting_until", seconds=120)

    assert job.cause == "smtp.invalid does not answer on port 587."
    running.driver.act(job.id, "job.cancel")
    assert sends(running, MAIL) == before


def sends(opened: Opened, name: str) -> tuple[str, str]:
    with opened.installation.store.read(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, id_of(opened, name)))
        return row.sends, row.sends_note


def test_one_that_is_not_at_the_newest_version_is_upgraded(running: Opened) -> None:
    ((name, old),) = OUTDATED.items()
    before = told(running)
    assert versions(running) == {each: OUTDATED.get(each, VERSION) for each in (*SIZES, BARE)}

    job = done(running, UpgradeMail(id_of(running, name)))

    notes = {key: note for key, _state, note in running.driver.described(job.id)}
    assert notes["look"].startswith(f"Mailu {old};")
    assert set(versions(running).values()) == {VERSION}
    done(running, ReadMail(id_of(running, name)))
    assert told(running) == before


def versions(opened: Opened) -> dict[str, str]:
    return {row.server: row.version for row in ask(opened.installation, MailServers(EVERYBODY))}
