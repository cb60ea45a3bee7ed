"""Stored secrets are revealed to their owner alone, and each time the audit log says so, without the value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.bootstrap import Installation
from backend.core.errors import LoginNotProved, MailyardError, Refused, SecretMissing, SecretStoreLocked, StoreError
from backend.core.secrets.redactor import redactor
from backend.core.secrets.values import Secret, SecretRef
from backend.engine.payload import to_plain
from backend.mail.refs import admin_ref, token_ref
from backend.mailu.settings import MailSettings, SmartHost
from backend.revealing import MOVE_REFUSED, REFUSED, REVEALED, StoredSecrets
from backend.store import audit
from backend.store.schema.fleet import Account, Server
from backend.store.schema.operations import AuditRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.mail.world import mail_server
from tests.backend.store.rows import row_of
from tests.canaries.forms import needles
from tests.canaries.searcher import Searcher
from tests.installation import LOGIN, PASSPHRASE, KnownLogin, ask, open_installation

pytestmark = pytest.mark.judged_once

VALUE, TOKEN = "canary-Administrators-password-51cc", "canary-token-of-an-account-8e07"
ACCOUNT_REF, RELAY_REF = f"api_keys/{AGENCY}/1", f"smtp/{AGENCY}/2"
SERVER, HOST_NAME = UUID(int=7), "mx1.example.net"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An account, a mail server with a smart host, and one of each that is gone."""
    opened = open_installation(tmp_path / "data")
    opened.prepare_store()
    smart_host = SmartHost("relay.example.net", user="agency", password_ref=RELAY_REF)
    settings = replace(MailSettings(HOST_NAME, "example.net", "my20261201"), smart_host=smart_host)
    with opened.store.write(ENGINE_SCOPE) as session:
        now, gone = opened.clock.now(), uuid4()
        account = row_of(Account, AGENCY, name="Main", secret_ref=ACCOUNT_REF, created_at=now)
        session.add(account)
        session.add(row_of(Account, AGENCY, name="Left", secret_ref="api_keys/gone", removed_at=now))
        session.flush()
        for server_id in (SERVER, gone):
            session.add(row_of(Server, AGENCY, id=server_id, account_id=account.id, name=f"{server_id}.example"))
        session.flush()
        session.add(mail_server(SERVER, settings=to_plain(settings)))
        session.add(mail_server(gone, state="removed"))
    opened.secrets.keep_all({admin_ref(SERVER): Secret(VALUE), SecretRef(ACCOUNT_REF): Secret(TOKEN)})
    yield opened
    opened.close()


def audited(installation: Installation) -> list[tuple[str, str, str, str]]:
    with installation.store.read(ENGINE_SCOPE) as session:
        assert audit.first_broken(session) is None
        rows = session.scalars(select(AuditRow).order_by(AuditRow.seq)).all()
    return [(row.actor, row.action, row.subject, row.detail) for row in rows]


def test_features_name_what_can_be_revealed(installation: Installation) -> None:
    found = ask(installation, StoredSecrets(installation.features))

    assert [(each.about, each.title, each.ref) for each in found] == [
        ("Main", "API token", ACCOUNT_REF),
        (HOST_NAME, "Administrator's password", admin_ref(SERVER).path),
        (HOST_NAME, "Password of the smart host", RELAY_REF),
        (HOST_NAME, "Token of the mail server's API", token_ref(SERVER).path),
    ]


def test_whoever_proves_to_be_the_owner_reads_it_and_that_is_audited(
    installation: Installation, tmp_path: Path
) -> None:
    ref = admin_ref(SERVER).path
    assert installation.reveals.asks_for == "passphrase"

    assert installation.reveals.reveal(ref, PASSPHRASE) == Secret(VALUE)

    assert audited(installation) == [("tester", REVEALED, ref, HOST_NAME)]
    assert redactor.redact(VALUE) == VALUE, "nothing keeps it"
    searcher = Searcher(needles("value", VALUE.encode()) | needles("proof", PASSPHRASE.reveal().encode()))
    assert searcher.in_folder(tmp_path) == []


def test_a_wrong_passphrase_shows_nothing_and_is_audited_too(installation: Installation) -> None:
    with pytest.raises(SecretStoreLocked, match="not the passphrase"):
        installation.reveals.reveal(ACCOUNT_REF, Secret("not the passphrase"))

    assert audited(installation) == [("tester", REFUSED, ACCOUNT_REF, "Main")]


def test_with_the_key_in_a_keyring_the_password_of_the_login_is_the_proof(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(installation.secrets), "key_place", "keyring")
    assert installation.reveals.asks_for == "login"

    with pytest.raises(Refused, match="your login"):
        installation.reveals.reveal(ACCOUNT_REF, PASSPHRASE)
    assert installation.reveals.reveal(ACCOUNT_REF, LOGIN) == Secret(TOKEN)

    assert [action for _actor, action, _subject, _detail in audited(installation)] == [REFUSED, REVEALED]


def test_a_key_is_taken_out_of_the_keyring_by_its_owner_alone(installation: Installation) -> None:
    assert installation.reveals.can_check_login
    with pytest.raises(LoginNotProved):
        installation.reveals.prove_for_move(PASSPHRASE)
    installation.reveals.prove_for_move(LOGIN)

    assert audited(installation) == [("tester", MOVE_REFUSED, "secret store", "")]


def test_where_no_login_can_be_checked_nobody_is_asked(tmp_path: Path) -> None:
    installation = open_installation(tmp_path / "data", login_password=KnownLogin(is_there=False))

    assert not installation.reveals.can_check_login
    installation.reveals.prove_for_move(Secret(""))

    assert audited(installation) == []
    installation.close()


@pytest.mark.parametrize(
    "ref", [f"vps/{AGENCY}/{SERVER}/admin_ssh", f"api_keys/{AGENCY}/{SERVER}/mailu_secret_key", "", "api_keys/gone"]
)
def test_what_no_feature_names_is_not_shown_whoever_asks(installation: Installation, ref: str) -> None:
    installation.secrets.keep(SecretRef(ref), Secret(VALUE))

    with pytest.raises(Refused, match="no secret of that name"):
        installation.reveals.reveal(ref, PASSPHRASE)

    assert audited(installation) == []


def test_one_that_is_missing_is_no_reveal(installation: Installation) -> None:
    with pytest.raises(SecretMissing):
        installation.reveals.reveal(RELAY_REF, PASSPHRASE)

    assert audited(installation) == []


def test_where_the_audit_log_cannot_be_written_nothing_is_shown(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object, **_more: object) -> None:
        raise StoreError("The database is busy.")

    monkeypatch.setattr("backend.revealing.record", refuse)

    with pytest.raises(MailyardError, match="busy"):
        installation.reveals.reveal(ACCOUNT_REF, PASSPHRASE)


def test_references_have_their_kind_and_owner_in_front(installation: Installation) -> None:
    """The layout <kind>/<workspace>/<id>, so that a store of another make needs no renaming."""
    for each in ask(installation, StoredSecrets(installation.features)):
        kind, owner, *rest = each.ref.split("/")
        assert (kind in {"api_keys", "smtp", "vps"}, owner, bool(rest)) == (True, str(AGENCY), True)
