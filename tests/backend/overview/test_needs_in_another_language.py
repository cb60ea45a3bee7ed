"""What somebody should see to is said in the language of whoever reads it, whatever the engine spoke when it wrote it.

In the pseudo-locale everything that is said anew in it is marked.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from backend.accounts.requests import AddAccount
from backend.attention import Need
from backend.bootstrap import Installation
from backend.core.checks import DOMAIN, SERVER, CheckKind, Subject, Verdict
from backend.core.present.message import Message
from backend.core.present.text import OPENING, PSEUDO, activate
from backend.core.secrets.values import Secret
from backend.core.ssh.trouble import unreachable
from backend.engine.queries import Jobs
from backend.feature import Feature
from backend.features import FEATURES
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.verdicts import record_verdict
from backend.mail.queries import MAIL_SECRETS_LAST
from backend.mailu.settings import RELEASE
from backend.monitoring.health import threshold_of
from backend.overview.queries import Overview
from backend.servers.queries import LOGIN_KEY_LASTS
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.mail.world import mail_server
from tests.emulators.process import Emulator
from tests.installation import Driver, ask, held_installation, open_installation
from tests.sample_data.orphans import add_orphans
from tests.sample_data.servers import CLIENTS, add_fleet, client_id, server_id, server_name

PORT = CheckKind("mail.port", "Mail port", SERVER, counts_for_health=True)
SPF = CheckKind("domain.spf", "SPF", DOMAIN, counts_for_health=True)
DOMAIN_NAME = "acme.example"
#: Kinds of needs as the window knows them; whoever brings another one says here how it comes about.
BROUGHT = {"account", "job", "orphans", "server", "server_key", "mail_server", "mail_admin", "mail_token", DOMAIN}
#: Kinds whose title is a name alone.
NAMED = ("server", "server_key", "mail_admin", "mail_token", DOMAIN)


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    yield
    activate("en")


def write(folder: Path, emulator: Emulator) -> None:
    """One need of each kind, by the code that brings it about, in the language spoken now. The orphans are there before
    an engine scans for some: its scan has rows of the same keys.
    """
    with held_installation(folder) as held:
        add_fleet(held, 4)
        add_orphans(held)
    installation = open_installation(folder)
    assert installation.become_engine("test")
    client, driver = installation.client, Driver(installation)
    wrong = client.keep_secret_now("api_keys", AGENCY, Secret("no-token-of-this-account"))
    account = AddAccount(uuid4(), "Refused", "digitalocean", wrong.path, emulator.url)
    assert driver.wait_for(client.submit_now(AGENCY, account)).state == "failed"
    judge(installation)
    grow_old(installation)
    installation.close()


def judge(installation: Installation) -> None:
    silent = Verdict("critical", Message.said(unreachable("192.0.2.7", TimeoutError()).title))
    full = threshold_of("disk").said_of(84.0)
    assert full is not None
    domain, now = Subject(DOMAIN, client_id(CLIENTS[0]), uuid4(), DOMAIN_NAME), installation.clock.now()
    with installation.store.write(ENGINE_SCOPE) as session:
        record_verdict(session, server_subject(server_id(0)), SERVER_SAMPLE, silent, now)
        record_verdict(session, server_subject(server_id(1)), SERVER_SAMPLE, full, now)
        record_verdict(session, server_subject(server_id(2)), PORT, silent, now)
        record_verdict(session, domain, SPF, silent, now)


def grow_old(installation: Installation) -> None:
    """A login key that is due, and a mail server whose Mailu is not the newest nor its secrets."""
    now = installation.clock.now()
    with installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, server_id(1))).login_key_since = now - 2 * LOGIN_KEY_LASTS
        old = now - 2 * MAIL_SECRETS_LAST
        session.add(mail_server(server_id(2), version=f"{RELEASE}.1", installed_at=old))


def read(folder: Path) -> dict[str, Need]:
    """By what they are of; of what several tell, one. As a window reads, which drops no check that it does not know."""
    installation = open_installation(folder)
    scope = Scope.of(AGENCY, *map(client_id, CLIENTS))
    rows = ask(installation, Overview(Jobs(scope, installation.kinds), installation.features))
    installation.close()
    return {f"{need.kind} {need.title if need.kind == 'server' else ''}".strip(): need for need in rows.needs}


def spoken(need: Need) -> dict[str, str]:
    """Its words, but for what is a name alone."""
    title = {} if need.kind in NAMED else {"title": need.title}
    return {**title, "detail": need.detail, "act": need.act}


@pytest.mark.parametrize(("written", "shown"), [("en", PSEUDO), (PSEUDO, "en")], ids=["new", "English again"])
def test_each_need_is_in_the_language_of_the_reader(
    tmp_path: Path, emulator: Emulator, written: str, shown: str
) -> None:
    activate(written)
    write(tmp_path / "data", emulator)
    activate(shown)

    needs = read(tmp_path / "data")

    assert {need.kind for need in needs.values()} == BROUGHT
    assert {f"server {server_name(number)}" for number in range(3)} <= needs.keys()
    for name, need in needs.items():
        for part, words in spoken(need).items():
            assert (OPENING in words) is (shown == PSEUDO), (name, part, words)


def test_a_german_window_shows_the_needs_of_an_english_engine_in_german(tmp_path: Path, emulator: Emulator) -> None:
    write(tmp_path / "data", emulator)
    activate("de")

    needs = read(tmp_path / "data")

    assert needs[f"server {server_name(0)}"].detail == "192.0.2.7 antwortet nicht über SSH."
    assert needs[f"server {server_name(2)}"].detail == "Mail port: 192.0.2.7 antwortet nicht über SSH."
    assert needs["job"].act == "Grund anzeigen"
    assert needs["job"].detail == needs["account"].detail
    assert "Token" in needs["job"].detail


def test_every_feature_with_needs_is_looked_at() -> None:
    """A new one says above what it brings."""
    bringing = {each.name for each in FEATURES.all if inspect.getmodule(each.needs) is not inspect.getmodule(Feature)}

    assert bringing == {"accounts", "activity", "inventory", "mail", "monitoring", "servers"}
