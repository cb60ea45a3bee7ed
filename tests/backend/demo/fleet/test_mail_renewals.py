"""The secrets of a mail server that runs are renewed: the token of its API, the password of its administrator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.core.errors import MailyardError, Refused, Unauthorized
from backend.core.secrets.values import Secret
from backend.core.ssh.tunnel import LOOPBACK
from backend.engine.context import StepContext
from backend.engine.jobs import Done
from backend.mail.change.requests import RenewPassword, RenewToken
from backend.mail.queries import MAIL_SECRETS_LAST
from backend.mail.refs import admin_ref, next_admin_ref, next_token_ref, token_ref
from backend.mail.requests import ReadMail
from backend.mailu.certificate import fingerprint_of
from backend.mailu.files import ENV_PATH
from backend.mailu.imap import IMAPS, check_login
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import AuditRow, Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.upkeep.requests import RenewDue
from tests.backend.demo.fleet.opened import Opened
from tests.backend.demo.fleet.test_mail_changes import NAME, again, done, row, settings, there
from tests.backend.demo.fleet.test_mail_changes import running as running
from tests.backend.demo.fleet.test_mail_changes import server as server
from tests.backend.servers.steps import step_context
from tests.installation import until

pytestmark = pytest.mark.timeout(600)


def token(running: Opened) -> str:
    return running.installation.secrets.read(token_ref(running.servers()[NAME].id)).reveal()


def test_another_token_is_kept_written_and_proved(running: Opened, server: Any) -> None:
    old = token(running)

    done(running, running.driver.wait_for(running.driver.submit(RenewToken(server)), seconds=120))

    new = token(running)
    assert new != old
    assert f"API_TOKEN={new}" in there(running, ENV_PATH)
    assert next_token_ref(server) not in running.installation.secrets.references()
    done(running, running.driver.wait_for(running.driver.submit(ReadMail(server)), seconds=120))


def test_a_token_that_was_cut_off_anywhere_ends_as_one(running: Opened, server: Any) -> None:
    again(running, RenewToken(server), ("make", "write", "well", "proof", "keep"))

    assert f"API_TOKEN={token(running)}" in there(running, ENV_PATH)
    assert there(running, ENV_PATH).count("API_TOKEN") == 1
    assert next_token_ref(server) not in running.installation.secrets.references()


def test_one_that_is_cancelled_before_the_old_token_is_forgotten_goes_back(
    running: Opened, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, kind = token(running), running.installation.kinds[RenewToken.kind]

    def is_asked_to_stop(ctx: StepContext[RenewToken]) -> Done:
        running.driver.act(ctx.job.id, "job.cancel")
        until(lambda: (job := running.driver.job(ctx.job.id)) and job.cancel_requested, "the wish", 120)
        return Done()

    monkeypatch.setattr(kind, "_prove", is_asked_to_stop)
    job = running.driver.wait_for(running.driver.submit(RenewToken(server)), seconds=120)

    assert (job.state, token(running)) == ("cancelled", old)
    assert f"API_TOKEN={old}" in there(running, ENV_PATH)


def test_the_old_token_works_again_where_the_new_one_is_not_proved(running: Opened, server: Any) -> None:
    old, request = token(running), RenewToken(server)
    steps = running.installation.kinds[request.kind].steps(request)
    context = step_context(running.installation, request)
    for step in steps[:3]:
        step.run(context)
    kind = running.installation.kinds[ReadMail.kind]
    with pytest.raises(MailyardError, match="refused the API token"):
        kind.steps(ReadMail(server))[0].run(step_context(running.installation, ReadMail(server)))

    for step in reversed(steps[:3]):
        if step.undo is not None:
            step.undo(context)

    assert token(running) == old
    assert f"API_TOKEN={old}" in there(running, ENV_PATH)
    done(running, running.driver.wait_for(running.driver.submit(ReadMail(server)), seconds=120))


def password(running: Opened) -> Secret:
    return running.installation.secrets.read(admin_ref(running.servers()[NAME].id))


def reads_mail(running: Opened, secret: Secret) -> bool:
    """Whether the administrator gets in with it, as the job proves it."""
    pinned, address = fingerprint_of(row(running).certificate), settings(running).admin_address
    with running.installation.servers.session(row(running).server_id) as ssh:
        try:
            check_login(ssh.dial(LOOPBACK, IMAPS), pinned, address, secret)
        except Unauthorized:
            return False
    return True


def test_another_password_is_given_proved_and_noted(running: Opened, server: Any) -> None:
    old, since = password(running), row(running).admin_since

    done(running, running.driver.wait_for(running.driver.submit(RenewPassword(server)), seconds=120))

    new = password(running)
    assert new != old
    assert (reads_mail(running, new), reads_mail(running, old)) == (True, False)
    assert next_admin_ref(server) not in running.installation.secrets.references()
    assert since is not None
    assert (row(running).admin_since or since) > since
    with running.installation.store.read(ENGINE_SCOPE) as session:
        written = select(AuditRow.seq).where(AuditRow.subject == f"{RenewPassword.kind} {NAME}")
        assert session.scalars(written).first() is not None


def test_a_password_that_was_cut_off_anywhere_ends_as_one(running: Opened, server: Any) -> None:
    again(running, RenewPassword(server), ("make", "write", "proof", "keep"))

    assert reads_mail(running, password(running))
    assert next_admin_ref(server) not in running.installation.secrets.references()


def test_the_old_password_is_good_again_where_the_new_one_is_not_proved(
    running: Opened, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, kind = password(running), running.installation.kinds[RenewPassword.kind]

    def fails(_ctx: StepContext[RenewPassword], _secret: Secret) -> str:
        assert not reads_mail(running, old)
        raise Refused("Not proved.")

    monkeypatch.setattr(kind, "prove", fails)
    job = running.driver.wait_for(running.driver.submit(RenewPassword(server)), seconds=120)

    assert (job.state, job.cause, password(running) == old) == ("failed", "Not proved.", True)
    assert reads_mail(running, old)
    assert next_admin_ref(server) not in running.installation.secrets.references()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"admin_ref": None}, "does not know the password of this mail server's administrator"),
        ({"is_adopted": True, "api_token_ref": None}, "no access to the API"),
        ({"state": "stopped"}, "does not run"),
    ],
    ids=["of others", "watched only", "stopped"],
)
def test_a_password_that_cannot_be_renewed_is_refused_in_words(
    running: Opened, server: Any, changes: dict[str, Any], words: str
) -> None:
    request = RenewPassword(server)
    with running.installation.store.write(ENGINE_SCOPE) as session:
        found = session.get_one(MailServer, (AGENCY, server))
        for name, value in changes.items():
            setattr(found, name, value)
        with pytest.raises(Refused, match=words):
            running.installation.kinds[request.kind].accept(session, request)
        session.rollback()


def test_a_password_that_is_due_is_renewed_without_a_persons_word(running: Opened, server: Any) -> None:
    old = password(running)
    with running.installation.store.write(ENGINE_SCOPE) as session:
        found = session.get_one(MailServer, (AGENCY, server))
        found.admin_since = running.installation.clock.now() - 2 * MAIL_SECRETS_LAST
        for job in session.scalars(select(Job).where(Job.kind == RenewPassword.kind)):
            job.requested_at -= timedelta(days=1)  # those of other tests that failed

    done(running, running.driver.wait_for(running.driver.submit(RenewDue()), seconds=120))

    until(lambda: password(running) != old, "another password", 120)
    until(lambda: next_admin_ref(server) not in running.installation.secrets.references(), "the end of the job", 120)
    assert reads_mail(running, password(running))
    with running.installation.store.read(ENGINE_SCOPE) as session:
        written = select(AuditRow.actor).where(AuditRow.subject == f"{RenewPassword.kind} {NAME}")
        assert "Mailyard" in session.scalars(written).all()
