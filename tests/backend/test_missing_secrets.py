"""What the database needs of the secret store is told by name with the way back to it, and so is what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from backend.bootstrap import Installation
from backend.core.secrets.values import Secret, SecretRef
from backend.mail.refs import admin_ref, token_ref
from backend.missing_secrets import MissingSecrets, NeededSecrets
from backend.servers.provision.naming import login_ref
from backend.store.schema.fleet import Account, Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.mail.world import mail_server
from tests.backend.store.rows import row_of
from tests.installation import ask, open_installation

ACCOUNT_REF = f"api_keys/{AGENCY}/1"
SERVER = UUID(int=7)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An account and a mail server, a server that Mailyard does not enter, and one of each that is gone."""
    opened = open_installation(tmp_path / "data")
    opened.prepare_store()
    now, gone = opened.clock.now(), uuid4()
    account = row_of(Account, AGENCY, name="Main", secret_ref=ACCOUNT_REF, created_at=now)
    entered = row_of(Server, AGENCY, id=SERVER, account_id=account.id, name="mx1", ssh_key_ref=login_ref(SERVER).path)
    gone_key = login_ref(gone).path
    with opened.store.write(ENGINE_SCOPE) as session:
        session.add(account)
        session.add(row_of(Account, AGENCY, name="Left", secret_ref="api_keys/gone", removed_at=now))
        session.flush()
        session.add(entered)
        session.add(row_of(Server, AGENCY, account_id=account.id, name="web", ssh_key_ref=None))
        session.add(
            row_of(Server, AGENCY, id=gone, account_id=account.id, name="old", ssh_key_ref=gone_key, gone_at=now)
        )
        session.flush()
        session.add(mail_server(SERVER, host_name="mx1.example.net"))
        session.add(mail_server(gone, state="removed"))
    yield opened
    opened.close()


def test_what_is_needed_has_a_way_back_and_what_is_missing_is_told(installation: Installation) -> None:
    needed = ask(installation, NeededSecrets(installation.features))
    found = {(each.title, each.about): each.way_back.format(name=each.about) for each in needed}

    assert "mailyard account token Main" in found["API token", "Main"]
    assert "mx1 keeps running" in found["SSH login key", "mx1"]
    assert {about for _title, about in found} == {"Main", "mx1", "mx1.example.net"}
    assert ask(installation, MissingSecrets(installation.features, installation.secrets)) == needed

    values = {SecretRef(each.ref): Secret("a value") for each in needed if each.about != "Main"}
    assert {admin_ref(SERVER), token_ref(SERVER), login_ref(SERVER)} == set(values)
    installation.secrets.keep_all(values)

    (left,) = ask(installation, MissingSecrets(installation.features, installation.secrets))
    assert (left.title, left.ref) == ("API token", ACCOUNT_REF)
