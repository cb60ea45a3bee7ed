"""What needs attention: found over all features, the most urgent first, and not again once it was seen to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from backend.attention import Need
from backend.bootstrap import Installation
from backend.core.checks import DOMAIN, SERVER, CheckKind, Subject, Verdict
from backend.core.present.message import Message
from backend.core.present.status import Status
from backend.core.present.text import N_
from backend.engine.queries import Jobs
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.verdicts import record_verdict
from backend.overview.queries import Overview, OverviewRows
from backend.store.schema.fleet import Account, Server
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.installation import ask, held_installation
from tests.sample_data.jobs import FAILED, WAITING, add_jobs
from tests.sample_data.orphans import add_orphans
from tests.sample_data.servers import ACCOUNT, CLIENTS, add_fleet, client_id, server_id, server_name


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Installation]:
    with held_installation(tmp_path / "data") as installation:
        yield installation


def overview(installation: Installation, *workspaces: UUID) -> OverviewRows:
    scope = Scope.of(*(workspaces or (AGENCY, *map(client_id, CLIENTS))))
    return ask(installation, Overview(Jobs(scope, installation.kinds), installation.features))


def by_kind(rows: OverviewRows, kind: str) -> list[Need]:
    return [need for need in rows.needs if need.kind == kind]


def change(installation: Installation, kind: Any, key: UUID, **fields: Any) -> None:
    with installation.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(kind, (AGENCY, key))
        for name, value in fields.items():
            setattr(row, name, value)


def test_with_nothing_at_all_it_is_the_first_minute(fleet: Installation) -> None:
    rows = overview(fleet)

    assert rows.is_first_minute
    assert (rows.needs, rows.servers, rows.observed_at) == ((), 0, None)


def test_an_account_without_servers_is_no_first_minute(fleet: Installation) -> None:
    add_fleet(fleet, 0)
    assert not overview(fleet).is_first_minute


def test_servers_that_are_not_well_stand_with_reason_client_and_since_when(fleet: Installation) -> None:
    add_fleet(fleet, 12)
    since = fleet.clock.now() - timedelta(hours=3)
    with fleet.store.write(ENGINE_SCOPE) as session:
        full = Verdict("critical", Message(N_("disk over {limit} %"), {"limit": 90}))
        record_verdict(session, server_subject(server_id(0)), SERVER_SAMPLE, full, since)

    critical, warning = by_kind(overview(fleet), "server")

    assert (critical.title, critical.detail, critical.where) == (server_name(0), "disk over 90 %", CLIENTS[0])
    assert (critical.status, critical.target, critical.since) == (Status.CRITICAL, server_id(0), since)
    assert (warning.title, warning.status, warning.since) == (server_name(1), Status.WARNING, None)


def test_a_made_up_check_of_a_server_makes_it_a_need_and_is_named(fleet: Installation) -> None:
    add_fleet(fleet, 12)
    since, well = fleet.clock.now() - timedelta(hours=1), server_subject(server_id(6))
    mail = CheckKind("mail.port", "Mail port", SERVER, counts_for_health=True)
    with fleet.store.write(ENGINE_SCOPE) as session:
        record_verdict(session, well, SERVER_SAMPLE, Verdict("ok"), since - timedelta(hours=2))
        record_verdict(session, well, mail, Verdict("critical", Message("closed")), since)

    (need,) = (need for need in by_kind(overview(fleet), "server") if need.target == server_id(6))
    assert (need.status, need.detail, need.since) == (Status.CRITICAL, "Mail port: closed", since)


def test_a_made_up_check_of_another_kind_of_subject_is_a_need_of_whose_it_is(fleet: Installation) -> None:
    """One need a subject, by the worst of what counts."""
    add_fleet(fleet, 12)
    domain = Subject(DOMAIN, client_id(CLIENTS[0]), uuid4(), "acme.example")
    since = fleet.clock.now()
    words = {"spf": ("critical", True), "mx": ("warning", True), "bimi": ("critical", False)}
    with fleet.store.write(ENGINE_SCOPE) as session:
        for key, (word, counts) in words.items():
            kind = CheckKind(f"domain.{key}", key.upper(), DOMAIN, counts_for_health=counts)
            record_verdict(session, domain, kind, Verdict(word, Message("missing")), since)

    (need,) = by_kind(overview(fleet, client_id(CLIENTS[0])), DOMAIN)
    assert (need.target, need.status, need.title) == (domain.id, Status.CRITICAL, "acme.example")
    assert (need.detail, need.since) == ("SPF: missing", since)
    assert by_kind(overview(fleet, client_id(CLIENTS[1])), DOMAIN) == []


def test_tiles_count_every_server_once_and_unknown_is_not_good(fleet: Installation) -> None:
    add_fleet(fleet, 12)
    rows = overview(fleet)

    assert sum(rows.fleet.values()) == rows.servers == 12
    assert rows.fleet[Status.UNKNOWN] == 2
    assert rows.fleet[Status.WAITING] == rows.fleet[Status.INCONCLUSIVE] == 1
    assert rows.fleet[Status.OK] == 6


def test_a_question_and_a_failed_job_stand_until_they_are_seen_to(fleet: Installation) -> None:
    add_fleet(fleet, 12)
    add_jobs(fleet)
    failed, waiting = by_kind(overview(fleet), "job")
    assert (waiting.target, waiting.status, waiting.act) == (WAITING, Status.WAITING, "Review")
    assert (failed.target, failed.status) == (FAILED, Status.CRITICAL)
    assert "does not respond" in failed.detail

    change(fleet, Job, WAITING, state="succeeded", ended_at=fleet.clock.now())
    change(fleet, Job, FAILED, ended_at=fleet.clock.now() - timedelta(days=15))

    assert by_kind(overview(fleet), "job") == []


def test_a_failure_that_a_later_run_made_good_is_no_need_any_more(fleet: Installation) -> None:
    add_fleet(fleet, 12)
    add_jobs(fleet)
    with fleet.store.write(ENGINE_SCOPE) as session:
        failed = session.get_one(Job, (AGENCY, FAILED))
        again = Job(
            tenant_id=AGENCY, id=uuid4(), kind=failed.kind, version=1, request=failed.request, about=failed.about
        )
        again.about_id, again.author, again.lane, again.state = failed.about_id, "operator", "x", "succeeded"
        again.direction, again.run, again.requested_at = "forward", 1, fleet.clock.now()
        session.add(again)

    assert [need.target for need in by_kind(overview(fleet), "job")] == [WAITING]


def test_a_question_is_found_behind_any_number_of_newer_jobs_and_a_gone_servers_failure_is_not(
    fleet: Installation,
) -> None:
    add_fleet(fleet, 12)
    add_jobs(fleet)
    with fleet.store.write(ENGINE_SCOPE) as session:
        for number in range(520):
            job = Job(tenant_id=AGENCY, id=uuid4(), kind="inventory.refresh", version=1, request={}, about="Main")
            job.author, job.lane, job.state, job.direction, job.run = "schedule", "x", "succeeded", "forward", 1
            job.requested_at = fleet.clock.now() + timedelta(seconds=number)
            session.add(job)
    assert {need.target for need in by_kind(overview(fleet), "job")} == {WAITING, FAILED}

    with fleet.store.read(ENGINE_SCOPE) as session:
        about = session.get_one(Job, (AGENCY, FAILED)).about_id
    assert about is not None
    change(fleet, Server, about, gone_at=fleet.clock.now())
    assert [need.target for need in by_kind(overview(fleet), "job")] == [WAITING]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"state": "refused", "note": "Invalid token"}, Status.CRITICAL, "Main: Token refused"),
        ({"state": "unreachable"}, Status.INCONCLUSIVE, "Main: Not reachable"),
        ({"ends": -1}, Status.CRITICAL, "The token of Main has expired"),
        ({"ends": 6}, Status.WARNING, "The token of Main expires on"),
        ({"days": 366}, Status.WARNING, "The token of Main is more than a year old"),
        ({"days": 366, "ends": -1}, Status.CRITICAL, "The token of Main has expired"),
    ],
)
def test_an_account_in_trouble_and_a_token_that_ends_stand(
    fleet: Installation, fields: dict[str, Any], status: Status, words: str
) -> None:
    add_fleet(fleet, 1)
    ends, days = fields.pop("ends", None), fields.pop("days", 0)
    fields["token_since"] = fleet.clock.now() - timedelta(days=days)
    fields |= {"token_ends_at": fleet.clock.now() + timedelta(days=ends)} if ends else {}
    change(fleet, Account, ACCOUNT, **fields)
    rows = overview(fleet)

    (need,) = by_kind(rows, "account")
    assert (need.status, need.target) == (status, ACCOUNT)
    assert words in need.title
    assert [each.target for each in rows.endings] == ([ACCOUNT] if ends == 6 else [])


def test_a_token_that_lasts_is_neither_a_need_nor_an_ending(fleet: Installation) -> None:
    add_fleet(fleet, 1)
    now = fleet.clock.now()
    change(fleet, Account, ACCOUNT, token_ends_at=now + timedelta(days=31), token_since=now - timedelta(days=364))
    rows = overview(fleet)

    assert (by_kind(rows, "account"), rows.endings) == ([], ())


def test_orphans_stand_once_with_their_number(fleet: Installation) -> None:
    add_fleet(fleet, 1)
    add_orphans(fleet)

    (need,) = by_kind(overview(fleet), "orphans")
    assert (need.title, need.target) == ("2 orphaned resources", None)


def test_the_most_urgent_stands_first(fleet: Installation) -> None:
    add_fleet(fleet, 12)
    add_jobs(fleet)
    add_orphans(fleet)
    shapes = [need.status for need in overview(fleet).needs]

    assert shapes == sorted(shapes, key=(Status.CRITICAL, Status.WAITING, Status.WARNING).index)


def test_a_client_sees_its_own_servers_and_nothing_of_the_agencys(fleet: Installation) -> None:
    add_fleet(fleet, 12)
    add_jobs(fleet)
    add_orphans(fleet)
    change(fleet, Account, ACCOUNT, state="refused")
    rows = overview(fleet, client_id(CLIENTS[1]))

    assert [(need.kind, need.title) for need in rows.needs] == [("server", server_name(1))]
    assert (rows.servers, rows.accounts, rows.endings) == (2, 0, ())


def test_costs_are_added_by_currency_and_what_has_no_price_is_counted(fleet: Installation) -> None:
    add_fleet(fleet, 4)
    change(fleet, Server, server_id(0), currency="EUR", monthly_micro=7_000_000)
    change(fleet, Server, server_id(1), monthly_micro=None)
    rows = overview(fleet)

    assert (dict(rows.monthly), rows.unpriced) == ({"EUR": 7_000_000, "USD": 36_000_000}, 1)


def test_it_asks_as_often_for_a_hundred_servers_as_for_one(fleet: Installation) -> None:
    def asked() -> int:
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        engine = fleet.store.engine("app")
        event.listen(engine, "before_cursor_execute", note)
        try:
            overview(fleet)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(statements)

    add_fleet(fleet, 1)
    one = asked()
    with fleet.store.write(ENGINE_SCOPE) as session:
        for _each in range(100):
            server = Server(tenant_id=AGENCY, id=uuid4(), account_id=ACCOUNT, name=uuid4().hex, region="fra1")
            server.plan, server.life, server.created_at = "s-1vcpu-2gb", "active", fleet.clock.now()
            session.add(server)
    assert asked() == one
