"""Another login key for a server: proved first, the old one removed last; cut off anywhere, nobody is locked out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import HostUnreachable, LoginRefused, Refused, SecretMissing
from backend.core.ssh.keys import public_half
from backend.core.ssh.session import SshSession
from backend.demo.fleet.host import AUTHORIZED
from backend.engine.queries import Jobs
from backend.overview.queries import Overview
from backend.servers.actions.login_key import RotateLoginKeyJob
from backend.servers.provision.naming import former_login_refs, login_ref, next_login_ref, refs_of
from backend.servers.repository import ServerRepository
from backend.servers.requests import RotateLoginKey
from backend.store.schema.fleet import Server, Snapshot
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.servers.rotations import OTHERS, Killed, NewRotation, Rotation
from tests.backend.store.rows import row_of
from tests.canaries.forms import of_private_key
from tests.canaries.searcher import Searcher
from tests.installation import ask

pytestmark = pytest.mark.judged_once


def test_the_new_key_opens_the_server_and_the_old_one_does_not(rotation: NewRotation) -> None:
    one = rotation()
    before = one.login()

    assert one.run() == ""

    after = one.login()
    assert (after != before, one.gets_in(), one.host.accepts(public_half(before))) == (True, True, False)
    assert one.lines == [*OTHERS, f"{public_half(after)} mailyard"]
    kept = {ref.path for ref in one.installation.secrets.references()} & {ref.path for ref in refs_of(one.server)}
    assert kept == {login_ref(one.server).path}


def test_the_old_one_stays_valid_for_the_overlap(rotation: NewRotation) -> None:
    one = rotation(24)
    before = one.login()

    assert one.run() == "end"

    assert one.host.accepts(public_half(before))
    assert one.login() != before
    assert one.gets_in()


def is_silent(*_given: object) -> None:
    raise HostUnreachable("mx1 does not answer.")


def test_a_server_that_is_silent_at_the_end_of_the_overlap_is_asked_again(
    rotation: NewRotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = rotation(24)
    before = one.login()
    one.run()
    one.used_for(timedelta(hours=24))
    with monkeypatch.context() as patch:
        patch.setattr(SshSession, "connect", is_silent)
        assert one.run("end") == "end"

    assert one.wait is not None
    assert one.wait.why == "mx1 does not answer."
    assert timedelta() < one.wait.at - one.ctx.now() <= timedelta(minutes=30)
    assert one.run("end") == ""
    assert not one.host.accepts(public_half(before))


@pytest.mark.parametrize(("overlap_hours", "age_hours"), [(24, 96), (0, 0)], ids=["for days", "in the server's lane"])
def test_one_that_stays_silent_fails_the_job(
    rotation: NewRotation, monkeypatch: pytest.MonkeyPatch, overlap_hours: int, age_hours: int
) -> None:
    one = rotation(overlap_hours)
    one.run(end="end")
    one.used_for(timedelta(hours=age_hours))
    monkeypatch.setattr(SshSession, "connect", is_silent)

    with pytest.raises(HostUnreachable):
        one.run("end")


EFFECTS = ((SshSession, "put"), (RotateLoginKeyJob, "_prove"), (ServerRepository, "login_key_renewed"))
MOST_EFFECTS = 9


def deadly(monkeypatch: pytest.MonkeyPatch, one: Rotation, number: int, *, is_after: bool) -> list[str]:
    """The engine dies at the ``number``-th thing that the job does; what it did until then."""
    did: list[str] = []

    def dying(act: Callable[..., Any], name: str) -> Callable[..., Any]:
        def acted(*given: Any, **options: Any) -> Any:
            did.append(name)
            if len(did) == number and not is_after:
                raise Killed
            answer = act(*given, **options)
            if len(did) == number:
                raise Killed
            return answer

        return acted

    secrets = type(one.installation.secrets)
    for owner, name in (*EFFECTS, (secrets, "keep_all"), (secrets, "forget_all")):
        monkeypatch.setattr(owner, name, dying(getattr(owner, name), name))
    return did


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("number", range(1, MOST_EFFECTS))
def test_cut_off_anywhere_the_server_is_open_to_us_and_the_end_is_the_same(
    rotation: NewRotation, monkeypatch: pytest.MonkeyPatch, number: int, is_after: bool
) -> None:
    one = rotation()
    before = one.login()
    with monkeypatch.context() as patch:
        did = deadly(patch, one, number, is_after=is_after)
        at = one.run()

    assert one.gets_in()
    if at:
        assert len(did) == number
        assert one.run(at) == ""
    else:
        assert len(did) < number, "all that it does was cut off once"

    after = one.login()
    assert (after != before, one.gets_in()) == (True, True)
    assert one.lines == [*OTHERS, f"{public_half(after)} mailyard"]
    kept = {ref.path for ref in one.installation.secrets.references()} & {ref.path for ref in refs_of(one.server)}
    assert kept == {login_ref(one.server).path}


def test_all_that_it_does_is_cut_off_by_these_tests(rotation: NewRotation, monkeypatch: pytest.MonkeyPatch) -> None:
    one = rotation()
    did = deadly(monkeypatch, one, 0, is_after=False)

    assert one.run() == ""

    assert len(did) < MOST_EFFECTS, did
    assert set(did) == {"keep_all", "put", "_prove", "login_key_renewed", "forget_all"}


def test_a_key_that_the_server_does_not_take_is_never_used(
    rotation: NewRotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = rotation()
    before, put = one.login(), SshSession.put
    monkeypatch.setattr(SshSession, "put", lambda *_given, **_options: None)  # another program writes the file, too

    with pytest.raises(LoginRefused):
        one.run()

    assert one.login() == before
    assert one.gets_in()
    monkeypatch.setattr(SshSession, "put", put)
    one.take_back()
    assert one.lines == [OTHERS[0], f"{public_half(before)} mailyard", OTHERS[1]]
    with pytest.raises(SecretMissing):
        one.installation.secrets.read(next_login_ref(one.server))


def test_taken_back_before_it_is_used_the_new_key_leaves_the_server(rotation: NewRotation) -> None:
    one = rotation()
    before = one.login()
    one.run(end="use")

    one.take_back()

    assert one.lines == [OTHERS[0], f"{public_half(before)} mailyard", OTHERS[1]]
    assert (one.login() == before, one.gets_in()) == (True, True)


def test_taken_back_after_it_is_used_the_server_stays_open(rotation: NewRotation) -> None:
    one = rotation(24)
    one.run()

    one.take_back()

    assert one.gets_in()


def test_back_at_a_snapshot_that_knows_the_old_key_alone_the_next_renewal_gets_in(rotation: NewRotation) -> None:
    first = rotation()
    with first.installation.store.write(ENGINE_SCOPE) as session:
        account = session.get_one(Server, (AGENCY, first.server)).account_id
        session.add(row_of(Snapshot, AGENCY, account_id=account, server_id=first.server, provider_id="7"))
    disk = first.host.files[AUTHORIZED]
    assert first.run() == ""
    assert rotation().run() == ""
    first.host.files[AUTHORIZED] = disk
    assert not first.gets_in()

    assert rotation().run() == ""

    assert first.gets_in()
    assert len(first.lines) == 3
    assert len([ref for ref in former_login_refs(first.server) if ref in first.installation.secrets.references()]) == 3


def test_what_a_cancelled_renewal_left_goes_with_the_next(rotation: NewRotation) -> None:
    left = rotation(24)
    oldest = left.login()
    left.run()
    assert rotation().run() == ""

    assert not left.host.accepts(public_half(oldest))
    assert len(left.lines) == 3


REFUSED = {
    "no key of ours": ({"host_key": None}, 24, "no SSH access"),
    "not ours": ({"is_ours": False}, 24, "not created by Mailyard"),
    "too long": ({}, 169, "at most 168 hours"),
    "a time before": ({}, -1, "at most 168 hours"),
}


@pytest.mark.parametrize(("changes", "hours", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused(rotation: NewRotation, changes: dict[str, Any], hours: int, words: str) -> None:
    one = rotation(hours)
    with one.installation.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(Server, (AGENCY, one.server))
        for name, value in changes.items():
            setattr(row, name, value)
        session.flush()

        with pytest.raises(Refused, match=words):
            one.job.accept(session, one.request)


def test_one_renewal_of_a_server_at_a_time(rotation: NewRotation) -> None:
    one = rotation(24)
    with one.installation.store.write(ENGINE_SCOPE) as session:
        assert one.job.accept(session, one.request).lane == f"key:{one.server}"
        assert one.job.accept(session, RotateLoginKey(one.server, 0)).lane == f"server:{one.server}"
        session.add(row_of(Job, AGENCY, kind=RotateLoginKey.kind, about_id=one.server, state="waiting_until"))
        session.flush()

        with pytest.raises(Refused, match="being renewed already") as caught:
            one.job.accept(session, one.request)
    assert "After a restored snapshot: cancel that job" in caught.value.remedy


def test_an_old_key_is_a_need_until_it_is_renewed(rotation: NewRotation) -> None:
    one = rotation()
    of = one.installation
    overview = Overview(Jobs(ENGINE_SCOPE, of.kinds), of.features)
    (need,) = (need for need in ask(of, overview).needs if need.kind == "server_key")
    assert (need.target, need.title) == (one.server, "mx1.example.net")

    one.run()

    assert "server_key" not in {need.kind for need in ask(of, overview).needs}


def test_no_key_is_anywhere_but_in_the_secret_store(rotation: NewRotation, tmp_path: Path) -> None:
    one = rotation(24)
    before = one.login()
    one.run()
    after = one.login()
    with before.lent() as old, after.lent() as new:
        found = of_private_key("old", old) | of_private_key("new", new)
    assert Searcher(found).in_folder(tmp_path) == []
