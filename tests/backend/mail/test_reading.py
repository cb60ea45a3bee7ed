"""Mail servers are read every hour: what was changed elsewhere is seen, and what was not is not written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from backend.mail.contents import MailContents
from backend.mail.queries import Domains, Mailboxes
from backend.mail.reading import hourly
from backend.mail.requests import ReadAllMail
from backend.store.changes import AGES
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.mail.world import CLIENT, DOMAIN, MailWorld
from tests.backend.mailu.emulated import api_of
from tests.installation import ask

INFO = f"info@{DOMAIN}"


@pytest.fixture
def topics(settled: MailWorld) -> Iterator[set[str]]:
    """What was told to have changed."""
    told = set[str]()
    end = settled.installation.store.feed.subscribe(lambda changes: told.update(each.topic for each in changes))
    yield told
    end()


def server(world: MailWorld) -> MailServer:
    with world.installation.store.read(ENGINE_SCOPE) as session:
        return session.get_one(MailServer, (AGENCY, world.server))


def test_what_somebody_changed_in_mailu_is_seen(settled: MailWorld) -> None:
    settled.by_hand("POST", "/user", {"email": INFO, "raw_password": "longenough", "quota_bytes": 5_000_000})

    job = settled.done(ReadAllMail())

    assert settled.mailbox(INFO).quota_bytes == 5_000_000
    assert settled.note(job, "read") == "1 mail server read"


def test_what_was_not_changed_is_not_written(settled: MailWorld, topics: set[str]) -> None:
    settled.by_hand("POST", "/user", {"email": INFO, "raw_password": "longenough"})
    settled.step(ReadAllMail(), "read")
    before, rows = server(settled).seen_at, (settled.mailbox(INFO).seen_at, settled.domain().seen_at)
    topics.clear()

    settled.step(ReadAllMail(), "read")

    assert topics & {"mail", "domains", AGES} == {AGES}
    assert (settled.mailbox(INFO).seen_at, settled.domain().seen_at) == rows
    after = server(settled).seen_at
    assert before is not None
    assert after is not None
    assert after > before
    scope = Scope.of(CLIENT)
    assert [each.seen_at for each in ask(settled.installation, Domains(scope))] == [after]
    assert [each.seen_at for each in ask(settled.installation, Mailboxes(scope))] == [after]


def test_of_one_that_does_not_answer_nothing_is_written(settled: MailWorld, topics: set[str]) -> None:
    before = server(settled).seen_at
    settled.mailu.fault("500", "GET", "/api/v1/alias", times=99)

    job = settled.done(ReadAllMail())

    assert settled.note(job, "read") == "0 mail servers read, 1 does not answer"
    assert "mx1.example.net: " in settled.said(job)
    assert server(settled).seen_at == before
    assert not topics & {"mail", "domains", AGES}


def test_what_was_asked_before_a_change_does_not_take_it_back(settled: MailWorld) -> None:
    contents, now = MailContents(settled.installation.store), settled.installation.clock.now
    begun = now()
    with api_of(settled.mailu) as api:
        old = contents.read(api)
        settled.by_hand("POST", "/user", {"email": INFO, "raw_password": "longenough"})
        contents.keep(settled.server, contents.read(api), now())

    contents.keep(settled.server, old, now(), begun=begun)

    assert settled.addresses() == [INFO]


def test_without_a_mail_server_that_runs_there_is_nothing_to_do(settled: MailWorld) -> None:
    with settled.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(MailServer, (AGENCY, settled.server)).state = "stopped"
    try:
        assert "No mail server runs." in settled.refusal(ReadAllMail())
    finally:
        with settled.installation.store.write(ENGINE_SCOPE) as session:
            session.get_one(MailServer, (AGENCY, settled.server)).state = "running"


def test_it_is_asked_for_every_hour_and_not_at_the_start(settled: MailWorld) -> None:
    with settled.installation.store.read(ENGINE_SCOPE) as session:
        (schedule,) = session.scalars(select(Schedule).where(Schedule.kind == ReadAllMail.kind))

    assert (schedule.every_s, schedule.enabled) == (3_600, True)
    now = settled.installation.clock.now()
    assert (hourly(now).next_at - now).total_seconds() == 3_600
