"""Secrets of mail servers that are old are told, with why their last renewal failed, until there are new ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.attention import Need
from backend.bootstrap import Installation
from backend.engine.queries import Jobs
from backend.mail.change.requests import RenewPassword
from backend.mail.queries import MAIL_SECRETS_LAST
from backend.mail.repository import MailRepository
from backend.overview.queries import Overview
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.mail.world import mail_server
from tests.backend.store.rows import row_of
from tests.installation import ask, held_installation
from tests.sample_data.servers import add_fleet, server_id, server_name

SERVER, NAME = server_id(1), server_name(1)


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Installation]:
    """Its mail server was installed so long ago that both secrets are due."""
    with held_installation(tmp_path / "data") as installation:
        add_fleet(installation, 3)
        with installation.store.write(ENGINE_SCOPE) as session:
            long_ago = installation.clock.now() - MAIL_SECRETS_LAST - timedelta(days=1)
            session.add(mail_server(SERVER, installed_at=long_ago))
        yield installation


def told(installation: Installation) -> dict[str, Need]:
    rows = ask(installation, Overview(Jobs(ENGINE_SCOPE, installation.kinds), installation.features))
    return {need.kind: need for need in rows.needs if need.kind in ("mail_admin", "mail_token")}


def change(installation: Installation, **fields: Any) -> None:
    with installation.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, SERVER))
        for name, value in fields.items():
            setattr(row, name, value)


def test_both_are_told_until_they_are_others(old: Installation) -> None:
    needs = told(old)
    assert {kind: (need.target, need.title) for kind, need in needs.items()} == {
        "mail_admin": (SERVER, NAME),
        "mail_token": (SERVER, NAME),
    }
    repository = MailRepository(old.store)

    repository.renewed(SERVER, "admin", old.clock.now())
    assert told(old).keys() == {"mail_token"}

    repository.renewed(SERVER, "api_token", old.clock.now())
    assert told(old) == {}


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"admin_ref": None}, {"mail_token"}),
        ({"is_adopted": True, "admin_ref": None, "api_token_ref": None}, set()),
        ({"installed_at": None}, set()),
        ({"state": "installing"}, set()),
    ],
    ids=["of others", "watched only", "age not known", "being installed"],
)
def test_what_nobody_could_renew_is_not_told(old: Installation, fields: dict[str, Any], left: set[str]) -> None:
    change(old, **fields)

    assert told(old).keys() == left


def test_why_the_last_renewal_failed_is_told_with_it(old: Installation) -> None:
    now = old.clock.now()
    failed = {"about_id": SERVER, "state": "failed", "kind": RenewPassword.kind, "lane": "mail"}
    with old.store.write(ENGINE_SCOPE) as session:
        for days, cause in ((MAIL_SECRETS_LAST.days, "Before it was due."), (0, "Nobody answers.")):
            at = now - timedelta(days=days)
            session.add(row_of(Job, AGENCY, **failed, cause=cause, requested_at=at, ended_at=at))

    needs = told(old)

    assert needs["mail_admin"].detail.endswith("is due for renewal. The last renewal failed: Nobody answers.")
    assert needs["mail_token"].detail.endswith("is due for renewal.")
