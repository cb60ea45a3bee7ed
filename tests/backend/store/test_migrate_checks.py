"""Checks that were stored when there were those of servers only: known as before, and their first interval."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import String, Uuid, column, insert, select, table

from backend.core.checks import INSTALLATION, SERVER, Verdict
from backend.core.paths import DataFolder
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.verdicts import record_verdict
from backend.monitoring.checks import OWN_NETWORK
from backend.store import migrate as upgrade
from backend.store.database import Store, StoreAddress
from backend.store.migrate import migrate
from backend.store.schema.base import UtcTime
from backend.store.schema.fleet import Account, Server
from backend.store.schema.observations import Check, CheckInterval
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import row_of

BEFORE = "0007"
HOUR = timedelta(hours=1)
STORED = table(
    "check_result",
    *(column(name, Uuid) for name in ("tenant_id", "id", "subject_id")),
    *(column(name, String) for name in ("kind", "verdict", "why")),
    *(column(name, UtcTime) for name in ("since", "observed_at")),
)


@pytest.fixture
def store(
    address: StoreAddress, folder: DataFolder, open_store: Callable[[StoreAddress], Store], tmp_path: Path
) -> Store:
    """As the version before left it."""
    with pytest.MonkeyPatch.context() as patch:
        earlier = tmp_path / "earlier"
        shutil.copytree(upgrade.MIGRATIONS, earlier, ignore=shutil.ignore_patterns("__pycache__"))
        for later in (earlier / "versions").glob("[0-9]*.py"):
            if later.name[:4] > BEFORE:
                later.unlink()
        patch.setattr(upgrade, "MIGRATIONS", earlier)
        made = open_store(address)
        migrate(made, folder, NOW)
    return made


def stored(store: Store, subject: UUID, kind: str, verdict: str, why: str, *, since: datetime) -> None:
    row = {"tenant_id": AGENCY, "id": uuid4(), "subject_id": subject, "kind": kind, "verdict": verdict, "why": why}
    with store.write(ENGINE_SCOPE) as session:
        session.connection().execute(insert(STORED).values(**row, since=since, observed_at=since + HOUR))


def checks(store: Store) -> dict[UUID, Check]:
    with store.read(ENGINE_SCOPE) as session:
        return {row.subject_id: row for row in session.scalars(select(Check))}


def test_verdicts_keep_their_words_age_and_what_was_known(store: Store, folder: DataFolder) -> None:
    silent, doubted = uuid4(), uuid4()
    stored(store, silent, "sample", "critical", "mx1 is 100 % {full}", since=NOW)
    stored(store, doubted, "sample", "inconclusive", "our network", since=NOW)
    stored(store, AGENCY, "own_network", "warning", "names cannot be resolved", since=NOW)

    assert migrate(store, folder, NOW)

    found = checks(store)
    server, doubt, network = found[silent], found[doubted], found[AGENCY]
    assert (server.subject_kind, server.check_key) == (SERVER, SERVER_SAMPLE.key)
    assert (server.verdict, server.reason.text()) == ("critical", "mx1 is 100 % {full}")
    assert (server.since, server.observed_at) == (NOW, NOW + HOUR)
    assert (server.known_verdict, server.known_since, server.counts_for_health) == ("critical", NOW, True)
    assert (doubt.verdict, doubt.known_verdict, doubt.known_since) == ("inconclusive", None, None)
    assert (network.subject_kind, network.check_key) == (INSTALLATION, OWN_NETWORK.key)
    assert (network.verdict, network.counts_for_health) == ("warning", False)


def test_what_holds_is_an_interval_that_goes_on(store: Store, folder: DataFolder) -> None:
    server_id = uuid4()
    stored(store, server_id, "sample", "critical", "disk over 90 %", since=NOW)
    migrate(store, folder, NOW)
    with store.write(ENGINE_SCOPE) as session:
        account = row_of(Account, AGENCY)
        session.add(account)
        session.flush()
        session.add(row_of(Server, AGENCY, id=server_id, account_id=account.id))
        session.flush()
        record_verdict(session, server_subject(server_id), SERVER_SAMPLE, Verdict("ok"), NOW + HOUR)

    with store.read(ENGINE_SCOPE) as session:
        past = session.scalars(select(CheckInterval).order_by(CheckInterval.since)).all()
    assert [(each.verdict, each.before, each.since, each.until) for each in past] == [
        ("critical", "", NOW, NOW + HOUR),
        ("ok", "critical", NOW + HOUR, None),
    ]
    assert past[0].reason.text() == "disk over 90 %"


def test_of_two_rows_of_one_check_the_newest_is_kept(store: Store, folder: DataFolder) -> None:
    server_id = uuid4()
    stored(store, server_id, "sample", "ok", "", since=NOW)
    stored(store, server_id, "sample", "warning", "disk over 80 %", since=NOW + HOUR)

    migrate(store, folder, NOW)

    assert [row.verdict for row in checks(store).values()] == ["warning"]
    with store.read(ENGINE_SCOPE) as session:
        assert [row.verdict for row in session.scalars(select(CheckInterval))] == ["warning"]
