"""Upgrading a mail server from its tab: when it is offered, what the sheet says, and the request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.pages.servers.upgrade_sheet import UpgradeMailSheet
from backend.bootstrap import Installation
from backend.engine.queries import Jobs
from backend.mail.requests import UpgradeMail
from backend.mail.upgrade.plan import FIRST, LAST
from backend.mailu.settings import VERSION
from backend.overview.queries import Overview
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.app.person import Person
from tests.app.test_mail_page import carried as carried
from tests.app.test_servers_page import open_requests
from tests.backend.store.rows import row_of
from tests.installation import ask
from tests.sample_data.mail import CARRIERS
from tests.sample_data.servers import server_id, server_name

SERVER, OTHER = (server_id(number) for number in CARRIERS)
OLD = "2024.06.55"


@pytest.fixture
def outdated(carried: Installation) -> Installation:
    """The first mail server runs an older version."""
    with carried.store.write(ENGINE_SCOPE) as session:
        session.get_one(MailServer, (AGENCY, SERVER)).version = OLD
    return carried


def upgraded(installation: Installation, server: Any, seconds: int) -> None:
    """One that went well, with mail at a standstill for so long."""
    now = installation.clock.now()
    with installation.store.write(ENGINE_SCOPE) as session:
        job = row_of(Job, AGENCY, kind=UpgradeMail.kind, state="succeeded", about_id=server, requested_at=now)
        session.add(job)
        session.flush()
        for number, (key, ended) in enumerate(((FIRST, 5), (LAST, seconds))):
            times = {"started_at": now, "ended_at": now + timedelta(seconds=ended)}
            session.add(row_of(JobStep, AGENCY, job_id=job.id, number=number, key=key, state="done", **times))


def tab(person: Person, server: Any = SERVER) -> Any:
    page = person.servers()
    page.choose(server)
    page.detail.tabs.setCurrentIndex(2)
    person.settle()
    return page.detail.mail


def test_a_newer_version_is_offered_where_one_is_known(outdated: Installation, watcher: Person) -> None:
    part = tab(watcher)
    assert part.upgrade.isVisible()
    assert watcher.sees(f"Mailu {VERSION}", part)

    assert not tab(watcher, OTHER).upgrade.isVisible()
    assert outdated.lock.is_held


def needed(installation: Installation) -> bool:
    overview = ask(installation, Overview(Jobs(Scope.of(AGENCY), installation.kinds), installation.features))
    return any("Mailu can be upgraded" in need.title for need in overview.needs)


def test_one_that_is_watched_only_is_not_upgraded(outdated: Installation, watcher: Person) -> None:
    assert needed(outdated)
    with outdated.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, SERVER))
        row.is_adopted, row.api_token_ref = True, None

    assert not tab(watcher).upgrade.isVisible()
    assert not needed(outdated)


def test_the_sheet_says_what_is_done_and_asks_for_it(outdated: Installation, watcher: Person) -> None:
    watcher.click(tab(watcher).upgrade)
    sheet = watcher.dialog(UpgradeMailSheet)
    watcher.wait(lambda: watcher.sees(f"{OLD} → {VERSION}", sheet), "the plan")

    for said in ("first, while mail runs", "never the mail", "Mailyard keeps the last 2 copies.", "not known yet"):
        assert watcher.sees(said, sheet)
    watcher.click(sheet.act)
    watcher.wait(lambda: open_requests(outdated, "mail.upgrade"), "the request")
    assert open_requests(outdated, "mail.upgrade") == [{"server_id": str(SERVER), "to_version": VERSION}]


def test_how_long_mail_stood_still_is_told_of_this_server_else_of_others(
    outdated: Installation, watcher: Person
) -> None:
    upgraded(outdated, OTHER, 100)
    watcher.click(tab(watcher).upgrade)
    sheet = watcher.dialog(UpgradeMailSheet)
    watcher.wait(lambda: watcher.sees("as in 1 upgrade of another server", sheet), "the plan")
    assert watcher.sees("about 2 min", sheet)
    sheet.reject()

    upgraded(outdated, SERVER, 40)
    watcher.click(tab(watcher).upgrade)
    sheet = watcher.dialog(UpgradeMailSheet)
    watcher.wait(lambda: watcher.sees("as in 1 upgrade of this server", sheet), "the plan")
    assert watcher.sees("about 40 s", sheet)


def test_a_newer_version_needs_attention_and_leads_to_its_server(outdated: Installation, watcher: Person) -> None:
    page = watcher.overview()
    said = f"{server_name(CARRIERS[0])}: Mailu can be upgraded"
    watcher.wait(lambda: [row for row in page.needs.rows if row.title.text() == said], "the need")
    (row,) = [row for row in page.needs.rows if row.title.text() == said]

    watcher.click(row.button)
    watcher.settle()

    servers: Any = watcher.window.pages["servers"]
    assert servers.isVisible()
    assert servers.detail.name.text() == server_name(CARRIERS[0])
    with outdated.store.read(ENGINE_SCOPE) as session:
        assert session.scalars(select(Job).where(Job.kind == UpgradeMail.kind)).first() is None
