"""The one writer of verdicts: intervals without holes, ages that outlast doubt, health composed of what counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from backend.core.checks import CERTIFICATE, SERVER, CheckKind, Subject, Verdict
from backend.core.present.message import Message
from backend.core.present.text import N_
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.verdicts import drop_checks_without_kind, record_verdict
from backend.store.database import Store
from backend.store.schema.fleet import Account, Server
from backend.store.schema.observations import Check, CheckInterval
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import row_of

MAIL = CheckKind("mail.port", N_("Mail port"), SERVER, counts_for_health=True)
BANNER = CheckKind("mail.banner", N_("Banner"), SERVER)
EXPIRY = CheckKind("certificate.expiry", N_("Certificate"), CERTIFICATE, counts_for_health=True)
FULL = Message(N_("disk over {limit} %"), {"limit": 90})
SILENT = Message.said("mx1 does not answer over SSH.")
DOUBT = Verdict("inconclusive", Message.said("our own network is down"))
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server_id(any_store: Store) -> UUID:
    account = row_of(Account, AGENCY)
    server = row_of(Server, AGENCY, id=uuid4(), account_id=account.id, health="unknown", health_note="")
    with any_store.write(ENGINE_SCOPE) as session:
        session.add(account)
        session.flush()
        session.add(server)
    return server.id


def say(store: Store, subject: Subject, check: CheckKind, verdict: Verdict, minute: float) -> None:
    with store.write(ENGINE_SCOPE) as session:
        record_verdict(session, subject, check, verdict, NOW + minute * MINUTE)


def now_of(store: Store, subject: Subject, check: CheckKind) -> Check:
    with store.read(ENGINE_SCOPE) as session:
        of_subject = Check.subject_id == subject.id, Check.check_key == check.key
        return session.scalars(select(Check).where(*of_subject)).one()


def past_of(store: Store, subject: Subject) -> list[CheckInterval]:
    with store.read(ENGINE_SCOPE) as session:
        of_subject = select(CheckInterval).where(CheckInterval.subject_id == subject.id)
        found = list(session.scalars(of_subject))
    return sorted(found, key=lambda each: (each.since, each.until is None, each.until))


def health(store: Store, server_id: UUID) -> tuple[str, str]:
    with store.read(ENGINE_SCOPE) as session:
        server = session.get_one(Server, (AGENCY, server_id))
        return server.health, Message.stored(server.health_note, server.health_values).text()


def test_a_verdict_keeps_since_when_it_holds_and_the_last_look(any_store: Store, server_id: UUID) -> None:
    mx = server_subject(server_id)
    for minute in (0, 5, 10):
        say(any_store, mx, SERVER_SAMPLE, Verdict("critical", FULL), minute)

    row = now_of(any_store, mx, SERVER_SAMPLE)
    assert (row.verdict, row.reason.text()) == ("critical", "disk over 90 %")
    assert (row.since, row.observed_at) == (NOW, NOW + 10 * MINUTE)
    (holding,) = past_of(any_store, mx)
    assert (holding.since, holding.until, holding.before) == (NOW, None, "")


def test_a_stretch_of_doubt_ends_nothing_that_was_known(any_store: Store, server_id: UUID) -> None:
    """As after a restart while our own network was not proven yet: critical is as old as it was."""
    mx = server_subject(server_id)
    for minute, verdict in ((0, Verdict("critical", SILENT)), (42, DOUBT), (43, Verdict("critical", SILENT))):
        say(any_store, mx, SERVER_SAMPLE, verdict, minute)

    assert now_of(any_store, mx, SERVER_SAMPLE).since == NOW
    assert [(each.verdict, each.before) for each in past_of(any_store, mx)] == [
        ("critical", ""),
        ("inconclusive", "critical"),
        ("critical", "critical"),
    ]


def test_another_verdict_after_a_stretch_of_doubt_begins_then(any_store: Store, server_id: UUID) -> None:
    mx = server_subject(server_id)
    for minute, verdict in ((0, Verdict("critical", SILENT)), (42, DOUBT), (43, Verdict("ok")), (50, DOUBT)):
        say(any_store, mx, SERVER_SAMPLE, verdict, minute)

    row = now_of(any_store, mx, SERVER_SAMPLE)
    assert (row.verdict, row.since) == ("inconclusive", NOW + 50 * MINUTE)
    assert (row.known_verdict, row.known_since) == ("ok", NOW + 43 * MINUTE)


def test_another_reason_for_the_same_verdict_is_another_interval_and_no_younger_verdict(
    any_store: Store, server_id: UUID
) -> None:
    mx = server_subject(server_id)
    say(any_store, mx, SERVER_SAMPLE, Verdict("critical", FULL), 0)
    say(any_store, mx, SERVER_SAMPLE, Verdict("critical", SILENT), 5)
    assert now_of(any_store, mx, SERVER_SAMPLE).since == NOW
    assert [each.reason for each in past_of(any_store, mx)] == [FULL, SILENT]


def test_a_value_that_moves_is_no_other_reason(any_store: Store, server_id: UUID) -> None:
    mx = server_subject(server_id)
    for minute in range(4):
        waiting = Message(N_("{n} messages wait"), {"n": minute})
        say(any_store, mx, MAIL, Verdict("warning", waiting), minute)
    assert len(past_of(any_store, mx)) == 1
    assert now_of(any_store, mx, MAIL).reason.text() == "3 messages wait"


def test_a_reason_of_any_length_goes_on(any_store: Store, server_id: UUID) -> None:
    mx = server_subject(server_id)
    for minute in range(3):
        say(any_store, mx, MAIL, Verdict("warning", Message.said("x" * 10_000)), minute)
    assert len(past_of(any_store, mx)) == 1


WORDS = st.sampled_from(["ok", "warning", "critical", "inconclusive"])
REASONS = st.sampled_from([Message(), FULL, SILENT])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(WORDS, REASONS, st.integers(-30, 60)), min_size=1, max_size=25))
def test_intervals_never_overlap_and_leave_no_hole(sqlite_store: Store, said: list[tuple[str, Message, int]]) -> None:
    """Whatever is said in whatever order, also by a clock that is set back; checked after every word."""
    subject, minute, first = Subject(CERTIFICATE, AGENCY, uuid4()), 0, NOW
    closed: dict[UUID, datetime] = {}
    for number, (word, why, step) in enumerate(said):
        minute += step if number else 0
        say(sqlite_store, subject, EXPIRY, Verdict(word, why), minute)
        past = past_of(sqlite_store, subject)
        assert past[0].since == first
        assert [each.until for each in past[:-1]] == [each.since for each in past[1:]]
        assert all(each.until is None or each.since <= each.until for each in past)
        assert [each.id for each in past if each.until is None] == [past[-1].id]
        assert (past[-1].verdict, past[-1].why) == (word, why.msgid)
        ended = {each.id: each.until for each in past if each.until is not None}
        assert closed.items() <= ended.items()
        closed = ended
        assert all(one.since <= other.since for one, other in pairwise(past))
        row = now_of(sqlite_store, subject, EXPIRY)
        assert first <= row.since <= max(past[-1].since, row.since)
        known = [each.verdict for each in past if each.verdict != "inconclusive"]
        assert row.known_verdict == (known[-1] if known else None)


def test_health_is_the_worst_of_what_counts_and_names_it(any_store: Store, server_id: UUID) -> None:
    mx = server_subject(server_id)
    say(any_store, mx, SERVER_SAMPLE, Verdict("ok"), 0)
    say(any_store, mx, BANNER, Verdict("critical", Message.said("wrong name")), 0)
    assert health(any_store, server_id) == ("ok", "")

    say(any_store, mx, MAIL, Verdict("critical", Message.said("connection refused")), 1)
    assert health(any_store, server_id) == ("critical", "Mail port: connection refused")

    say(any_store, mx, SERVER_SAMPLE, Verdict("warning", FULL), 2)
    assert health(any_store, server_id) == ("critical", "Mail port: connection refused")

    say(any_store, mx, MAIL, Verdict("ok"), 3)
    assert health(any_store, server_id) == ("warning", "disk over 90 %")


def test_of_two_that_are_as_bad_the_older_one_is_named(any_store: Store, server_id: UUID) -> None:
    mx = server_subject(server_id)
    say(any_store, mx, SERVER_SAMPLE, Verdict("critical", FULL), 0)
    say(any_store, mx, MAIL, Verdict("critical"), 1)
    assert health(any_store, server_id) == ("critical", "disk over 90 %")


@pytest.mark.parametrize("other", ["ok", "inconclusive"])
def test_what_is_not_known_is_not_well(any_store: Store, server_id: UUID, other: str) -> None:
    mx = server_subject(server_id)
    say(any_store, mx, SERVER_SAMPLE, Verdict(other), 0)
    say(any_store, mx, MAIL, DOUBT, 1)
    assert health(any_store, server_id)[0] == "inconclusive"


def test_a_server_that_is_gone_meanwhile_gets_no_verdict(any_store: Store) -> None:
    say(any_store, server_subject(uuid4()), SERVER_SAMPLE, Verdict("ok"), 0)
    with any_store.read(ENGINE_SCOPE) as session:
        assert session.scalars(select(Check)).first() is None
        assert session.scalars(select(CheckInterval)).first() is None


def test_a_check_that_nobody_makes_any_more_counts_no_longer(any_store: Store, server_id: UUID) -> None:
    mx = server_subject(server_id)
    say(any_store, mx, SERVER_SAMPLE, Verdict("ok"), 0)
    say(any_store, mx, MAIL, Verdict("critical", SILENT), 0)
    with any_store.write(ENGINE_SCOPE) as session:
        drop_checks_without_kind(session, (SERVER_SAMPLE,), NOW + MINUTE)

    assert health(any_store, server_id) == ("ok", "")
    assert {each.check_key: each.until for each in past_of(any_store, mx)} == {
        SERVER_SAMPLE.key: None,
        MAIL.key: NOW + MINUTE,
    }


def test_a_check_that_counts_from_now_on_is_counted_at_once(any_store: Store, server_id: UUID) -> None:
    mx = server_subject(server_id)
    say(any_store, mx, BANNER, Verdict("warning", SILENT), 0)
    counting = CheckKind(BANNER.key, BANNER.title, SERVER, counts_for_health=True)
    with any_store.write(ENGINE_SCOPE) as session:
        drop_checks_without_kind(session, (counting,), NOW)
    assert health(any_store, server_id) == ("warning", "Banner: mx1 does not answer over SSH.")


def test_a_word_that_is_no_verdict_is_refused() -> None:
    with pytest.raises(ValueError, match="fine"):
        Verdict("fine")
