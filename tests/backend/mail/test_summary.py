"""What the Overview is told of mail: how its servers stand, what is nearly full, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.bootstrap import Installation
from backend.core.checks import Verdict
from backend.core.present.message import Message
from backend.core.present.status import Status
from backend.fleet.checks import server_subject
from backend.fleet.verdicts import record_verdict
from backend.mail.health.checks import INBOUND, QUEUE
from backend.mail.summary import MailSummary, MailSummaryRows
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.installation import ask, held_installation
from tests.sample_data.mail import CARRIERS, FULL, MAIN, NEARLY_FULL, add_mail, domain_id
from tests.sample_data.servers import CLIENTS, add_fleet, client_id, server_id

FIRST, SECOND = (server_id(number) for number in CARRIERS)


@pytest.fixture
def mailed(tmp_path: Path) -> Iterator[Installation]:
    """Two mail servers that nobody has looked at."""
    with held_installation(tmp_path) as installation:
        add_fleet(installation, 12, samples=0)
        add_mail(installation)
        yield installation


def standing(rows: MailSummaryRows) -> dict[object, tuple[Status, str]]:
    return {each.row.server_id: (each.status, each.note) for each in rows.servers}


def test_how_a_server_stands_is_what_the_worst_of_its_checks_says_while_it_runs(mailed: Installation) -> None:
    subject, now = server_subject(FIRST), mailed.clock.now()
    assert standing(ask(mailed, MailSummary(ENGINE_SCOPE))) == {
        FIRST: (Status.UNKNOWN, ""),
        SECOND: (Status.UNKNOWN, ""),
    }
    with mailed.store.write(ENGINE_SCOPE) as session:
        record_verdict(session, subject, INBOUND, Verdict("critical", Message("it does not count")), now)
        record_verdict(session, subject, QUEUE, Verdict("warning", Message("the queue could not be read")), now)

    assert standing(ask(mailed, MailSummary(ENGINE_SCOPE)))[FIRST] == (
        Status.WARNING,
        "Mail queue: the queue could not be read",
    )
    for state, told in (("stopped", (Status.UNKNOWN, "stopped")), ("installing", (Status.WAITING, "being set up"))):
        with mailed.store.write(ENGINE_SCOPE) as session:
            session.get_one(MailServer, (AGENCY, FIRST)).state = state
        assert standing(ask(mailed, MailSummary(ENGINE_SCOPE)))[FIRST] == told


def test_the_fullest_mailboxes_are_told_and_all_of_them_counted(mailed: Installation) -> None:
    rows = ask(mailed, MailSummary(ENGINE_SCOPE))
    assert [(each.address, each.share, each.domain_id) for each in rows.nearly_full] == [
        (f"{FULL}@{MAIN}", 1.0, domain_id(MAIN)),
        (f"{NEARLY_FULL}@{MAIN}", 0.94, domain_id(MAIN)),
    ]
    assert (rows.domains, rows.mailboxes) == (5, 37)

    rows = ask(mailed, MailSummary(ENGINE_SCOPE, most=1))
    assert ([each.address for each in rows.nearly_full], rows.nearly_full_count) == ([f"{FULL}@{MAIN}"], 2)


def test_a_client_is_told_of_nobody_elses_mail(mailed: Installation) -> None:
    rows = ask(mailed, MailSummary(Scope.of(client_id(CLIENTS[1]))))

    assert (list(standing(rows)), rows.nearly_full, rows.nearly_full_count) == ([SECOND], (), 0)
    assert (rows.domains, rows.mailboxes) == (1, 9)
