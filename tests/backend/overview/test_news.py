"""What happened while nobody looked: told once, newest first, of what the person may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from backend.attention import MOST_NEWS
from backend.bootstrap import Installation
from backend.core.checks import CERTIFICATE, CheckKind, Subject, Verdict
from backend.core.present.message import Message
from backend.core.present.status import Status
from backend.engine.queries import Jobs
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.verdicts import record_verdict
from backend.overview.news import News, NewsRows
from backend.store.query import Source
from backend.store.schema.fleet import ServerEvent
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.installation import held_installation
from tests.sample_data.jobs import add_jobs
from tests.sample_data.servers import CLIENTS, add_fleet, client_id, server_id, server_name

HOUR = timedelta(hours=1)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Installation]:
    """Twelve servers whose own events are all older than an hour."""
    with held_installation(tmp_path / "data") as installation:
        add_fleet(installation, 12)
        with installation.store.write(ENGINE_SCOPE) as session:
            for event in session.query(ServerEvent):
                event.at = installation.clock.now() - 3 * HOUR
        yield installation


def news(installation: Installation, *workspaces: UUID) -> NewsRows:
    scope = Scope.of(*(workspaces or (AGENCY, *map(client_id, CLIENTS))))
    now = installation.clock.now()
    source = Source(installation.store, installation.metrics, now)
    return News(Jobs(scope, installation.kinds), installation.features, now - HOUR).run(source)


def happen(installation: Installation, number: int, text: str, *, minutes_ago: int) -> None:
    event = ServerEvent(tenant_id=AGENCY, id=uuid4(), server_id=server_id(number), kind="drift", text=text)
    event.at = installation.clock.now() - timedelta(minutes=minutes_ago)
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add(event)


def judge(installation: Installation, number: int, verdict: str, why: str, *, minutes_ago: int) -> None:
    said = Verdict(verdict, Message.said(why))
    say(installation, server_subject(server_id(number)), SERVER_SAMPLE, said, minutes_ago)


def say(installation: Installation, subject: Subject, check: CheckKind, verdict: Verdict, minutes_ago: int) -> None:
    with installation.store.write(ENGINE_SCOPE) as session:
        record_verdict(session, subject, check, verdict, installation.clock.now() - timedelta(minutes=minutes_ago))


def test_nothing_new_is_nothing(fleet: Installation) -> None:
    rows = news(fleet)
    assert (rows.lines, rows.more) == ((), 0)


def test_events_verdicts_and_failed_jobs_stand_newest_first(fleet: Installation) -> None:
    happen(fleet, 3, "Deleted outside Mailyard", minutes_ago=40)
    judge(fleet, 0, "critical", "disk over 90 %", minutes_ago=10)
    judge(fleet, 6, "warning", "CPU over 80 %", minutes_ago=90)
    judge(fleet, 6, "ok", "", minutes_ago=5)
    add_jobs(fleet)

    lines = [(row.about, row.text, row.status) for row in news(fleet).lines]

    assert lines == [
        (server_name(6), "OK", Status.OK),
        (server_name(0), "Critical: disk over 90 %", Status.CRITICAL),
        (server_name(3), f"New server failed: {server_name(3)} does not respond over SSH.", Status.CRITICAL),
        (server_name(3), "Deleted outside Mailyard", None),
    ]


def test_what_was_before_the_last_visit_is_no_news(fleet: Installation) -> None:
    happen(fleet, 3, "Deleted outside Mailyard", minutes_ago=61)
    judge(fleet, 0, "critical", "disk over 90 %", minutes_ago=61)
    assert news(fleet).lines == ()


def test_that_something_new_is_well_is_no_news(fleet: Installation) -> None:
    judge(fleet, 0, "ok", "", minutes_ago=10)
    assert news(fleet).lines == ()


def test_what_was_known_before_doubt_is_no_news_after_it(fleet: Installation) -> None:
    """A restart at which our own network was not proven yet, and a server that is as silent as it was."""
    judge(fleet, 0, "critical", "mx1 does not respond", minutes_ago=90)
    judge(fleet, 0, "inconclusive", "our own network", minutes_ago=20)
    assert [row.status for row in news(fleet).lines] == [Status.INCONCLUSIVE]
    judge(fleet, 0, "critical", "mx1 does not respond", minutes_ago=10)
    assert news(fleet).lines == ()


def test_all_that_was_said_meanwhile_is_told_not_only_the_last(fleet: Installation) -> None:
    judge(fleet, 0, "ok", "", minutes_ago=90)
    judge(fleet, 0, "critical", "mx1 does not respond", minutes_ago=40)
    judge(fleet, 0, "ok", "", minutes_ago=30)
    lines = [(row.about, row.text) for row in news(fleet).lines]
    assert lines == [(server_name(0), "OK"), (server_name(0), "Critical: mx1 does not respond")]


def test_many_changes_are_told_by_the_newest_and_a_count(fleet: Installation) -> None:
    for number in range(MOST_NEWS + 9):
        verdict = "critical" if number % 2 else "warning"
        judge(fleet, 0, verdict, "disk", minutes_ago=MOST_NEWS + 9 - number)
    rows = news(fleet)
    assert (len(rows.lines), rows.more) == (MOST_NEWS, 9)


def test_a_check_of_anything_else_is_told_by_its_name_to_whose_it_is(fleet: Installation) -> None:
    mine = Subject(CERTIFICATE, client_id(CLIENTS[0]), uuid4(), "mail.acme.example")
    expiry = CheckKind("certificate.expiry", "Certificate", CERTIFICATE, counts_for_health=True)
    said = Verdict("critical", Message("ends in {n} days", {"n": 2}))
    say(fleet, mine, expiry, said, 5)
    say(fleet, mine, CheckKind("certificate.chain", "Chain", CERTIFICATE), said, 5)

    (line,) = news(fleet, client_id(CLIENTS[0])).lines

    assert (line.about, line.text) == ("mail.acme.example", "Critical: Certificate: ends in 2 days")
    assert news(fleet, client_id(CLIENTS[1])).lines == ()


def test_a_client_hears_of_its_own_servers_only(fleet: Installation) -> None:
    for number in range(12):
        happen(fleet, number, "Restarted", minutes_ago=number + 1)
        judge(fleet, number, "warning", "CPU over 80 %", minutes_ago=number + 1)

    rows = news(fleet, client_id(CLIENTS[0]))

    whole = {row.about for row in news(fleet).lines}
    assert {row.about for row in rows.lines} < whole
    assert {row.about for row in rows.lines} >= {server_name(0)}


def test_a_long_absence_is_told_by_its_newest_lines_and_a_count(fleet: Installation) -> None:
    for number in range(MOST_NEWS + 9):
        happen(fleet, number % 12, f"Change {number}", minutes_ago=1 + number // 2)

    rows = news(fleet)

    assert (len(rows.lines), rows.more) == (MOST_NEWS, 9)
    assert rows.lines[0].at >= rows.lines[-1].at
