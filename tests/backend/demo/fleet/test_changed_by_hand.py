"""A change by hand in the files of a mail server is named by itself, and none of our own is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from backend.attention import Need
from backend.core.errors import Refused
from backend.core.ssh.session import SshSession
from backend.demo.fleet.mail import BY_HAND, RESTARTING, SIZES
from backend.engine.context import StepContext
from backend.engine.payload import Request
from backend.engine.queries import Jobs
from backend.mail.change.requests import ChangeMail, RenewToken
from backend.mail.files.keeping import keep
from backend.mail.files.look import look
from backend.mail.files.watch import look_again, own_writes
from backend.mail.queries import MailServerRow, MailServers
from backend.mail.requests import KeepFiles, ReadAllMail, SetSmartHost
from backend.mailu.files import COMPOSE_PATH, ENV_PATH
from backend.mailu.services import ROOT
from backend.mailu.settings import SmartHost
from backend.overview.queries import Overview
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.demo.fleet.opened import Opened, opened_demo
from tests.backend.servers.steps import step_context
from tests.installation import ask, question_of

NAME = next(name for name in SIZES if name not in {*RESTARTING, *BY_HAND})
CHANGED = next(iter(BY_HAND))
OVERRIDE = f"{ROOT}/overrides/rspamd/ours.conf"
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_demo(tmp_path_factory.mktemp("by-hand"), has_engine=True) as made:
        yield made


@pytest.fixture
def server(running: Opened) -> Any:
    """Its files are as they were accepted."""
    found = running.servers()[NAME].id
    looked(running, found)
    if told(running).changed_by_hand:
        kept(running)
    return found


def told(running: Opened, name: str = NAME) -> MailServerRow:
    rows: tuple[MailServerRow, ...] = ask(running.installation, MailServers(Scope.of(AGENCY)))
    return next(row for row in rows if row.server == name)


def looked(running: Opened, server: Any) -> MailServerRow:
    with running.installation.servers.session(server) as ssh:
        look_again(running.installation.store, ssh, server)
    return told(running)


def kept(running: Opened, stamp: str = "") -> None:
    row = told(running)
    with running.installation.store.write(ENGINE_SCOPE) as session:
        keep(session, KeepFiles(row.server_id, stamp or row.files_stamp), running.installation.clock.now())


def by_hand(running: Opened, path: str, before: str, after: str) -> None:
    with running.installation.servers.session(running.servers()[NAME].id) as ssh:
        text = ssh.get(path).decode() if before else ""
        assert before in text
        ssh.put(path, text.replace(before, after).encode() if before else after.encode(), mode=0o600)


def done(running: Opened, request: Request) -> None:
    job = running.driver.wait_for(running.driver.submit(request), "waiting_for_you", "succeeded", "failed", seconds=120)
    if job.state == "waiting_for_you":
        running.driver.act(job.id, "job.confirm", fingerprint=question_of(job).fingerprint)
        job = running.driver.wait_for(job.id, seconds=120)
    assert job.state == "succeeded", (job.cause, job.remedy)


def asked(running: Opened) -> list[Need]:
    made = running.installation
    rows = ask(made, Overview(Jobs(Scope.of(AGENCY), made.kinds), made.features)).needs
    return [each for each in rows if each.kind == "mail_files"]


def test_the_demo_has_a_server_whose_files_somebody_changed(running: Opened) -> None:
    (need,) = [each for each in asked(running) if each.target == running.servers()[CHANGED].id]

    assert need.title == f"{CHANGED}: its files were changed by hand"
    assert "MESSAGE_RATELIMIT, overrides/postfix/postfix.cf." in need.detail
    assert told(running, CHANGED).changed_by_hand == ("MESSAGE_RATELIMIT", "overrides/postfix/postfix.cf")


def test_the_reading_of_every_hour_names_a_change_and_no_value(running: Opened, server: Any) -> None:
    by_hand(running, ENV_PATH, "MESSAGE_SIZE_LIMIT=50000000", "MESSAGE_SIZE_LIMIT=70000000\nRELAYPASSWORD=CANARY-77")
    by_hand(running, COMPOSE_PATH, "restart: always", "restart: unless-stopped")
    by_hand(running, OVERRIDE, "", "# ours\n")

    done(running, ReadAllMail())

    found = told(running)
    assert {"MESSAGE_SIZE_LIMIT", "RELAYPASSWORD", "overrides/rspamd/ours.conf"} < set(found.changed_by_hand)
    assert any(each.startswith("compose: ") for each in found.changed_by_hand)
    with running.installation.store.read(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, server))
        assert "CANARY-77" not in f"{row.files_accepted} {row.files_seen}"
    (need,) = [each for each in asked(running) if each.target == server]
    assert "and " in need.detail
    assert "CANARY" not in need.detail

    with pytest.raises(Refused, match="meanwhile"):
        kept(running, "another")
    kept(running)
    assert told(running).changed_by_hand == ()
    with pytest.raises(Refused, match="Nobody changed"):
        kept(running)
    assert looked(running, server).changed_by_hand == ()


def test_files_that_are_as_before_need_nobody(running: Opened, server: Any) -> None:
    by_hand(running, ENV_PATH, "TZ=Etc/UTC", "TZ=Europe/Berlin")
    assert looked(running, server).changed_by_hand == ("TZ",)

    by_hand(running, ENV_PATH, "TZ=Europe/Berlin", "TZ=Etc/UTC")
    assert looked(running, server).changed_by_hand == ()


def test_no_job_of_ours_counts_and_none_hides_what_was_changed_before(running: Opened, server: Any) -> None:
    by_hand(running, ENV_PATH, "TZ=Etc/UTC", "TZ=Europe/Berlin")

    done(running, RenewToken(server))
    assert told(running).changed_by_hand == ("TZ",)
    done(running, SetSmartHost(server, SmartHost("relay.example.org", 587)))
    done(running, ChangeMail(server, message_mb=31, scans_macros=False))
    assert looked(running, server).changed_by_hand == ("TZ",)

    done(running, ChangeMail(server, sets_back=("TZ",)))
    done(running, SetSmartHost(server, None))
    assert looked(running, server).changed_by_hand == ()


def job_at(running: Opened, server: Any) -> tuple[StepContext[Any], Any]:
    """A job that ended, and its server over SSH."""
    job = running.driver.wait_for(running.driver.submit(ReadAllMail()), seconds=120)
    return step_context(running.installation, job), running.installation.servers.session(server)


def test_what_a_job_left_half_done_is_its_own(running: Opened, server: Any) -> None:
    ctx, session = job_at(running, server)

    def broken_off(ssh: SshSession) -> None:
        with own_writes(ctx, ssh, server):
            by_hand(running, ENV_PATH, "TZ=Etc/UTC", "TZ=Europe/Berlin")
            raise KeyboardInterrupt

    with session as ssh:
        with pytest.raises(KeyboardInterrupt):
            broken_off(ssh)
        assert looked(running, server).changed_by_hand == ()
        with own_writes(ctx, ssh, server):
            by_hand(running, ENV_PATH, "TZ=Europe/Berlin", "TZ=Etc/UTC")
    assert looked(running, server).changed_by_hand == ()


def test_a_job_that_died_before_it_could_say_so_is_made_up_for_once_it_ended(running: Opened, server: Any) -> None:
    ctx, session = job_at(running, server)
    with session as ssh:
        before = look(ssh, row(running, server))
        by_hand(running, ENV_PATH, "TZ=Etc/UTC", "TZ=Europe/Berlin")
        with running.installation.store.write(ENGINE_SCOPE) as rows:
            there = rows.get_one(MailServer, (AGENCY, server))
            there.files_before, there.files_job = before, ctx.job.id
            rows.get_one(Job, (AGENCY, ctx.job.id)).ended_at = None
        assert looked(running, server).changed_by_hand == ()
        assert row(running, server).files_job == ctx.job.id

        with running.installation.store.write(ENGINE_SCOPE) as rows:
            rows.get_one(Job, (AGENCY, ctx.job.id)).ended_at = running.installation.clock.now()
        assert looked(running, server).changed_by_hand == ()
    assert row(running, server).files_job is None
    by_hand(running, ENV_PATH, "TZ=Europe/Berlin", "TZ=Etc/UTC")


def row(running: Opened, server: Any) -> MailServer:
    with running.installation.store.read(ENGINE_SCOPE) as session:
        return session.get_one(MailServer, (AGENCY, server))
