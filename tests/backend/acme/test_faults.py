"""Answers that are lost, limits, pauses, refused nonces and a kill: one order, one certificate, clear words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.acme.authorities import Authority
from backend.acme.client import AcmeClient
from backend.acme.finishing import finish
from backend.acme.keys import new_account_key, new_certificate_key
from backend.acme.problems import AccountPaused, AskedToWait
from backend.acme.proving import Pace, prove, withdraw
from backend.core.errors import (
    BadResponse,
    NotFound,
    NotYet,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    Refused,
    Unauthorized,
)
from tests.backend.acme.between import Between
from tests.backend.acme.conftest import BINDING, PACE, NewClient
from tests.backend.acme.pebble import HOST, Pebble
from tests.backend.acme.world import Dns, DnsSolver, Waiting

NEW_ORDER, FINALIZE, CHALLENGE, AUTHORIZATION, ACCOUNT = "order-plz", "finalize-order", "chalZ", "authZ", "sign-me-up"
#: One look and no second.
ONCE = Pace(every_s=0.02, shown_s=0.0, decided_s=0.0)


def test_six_nonces_of_ten_are_refused_and_pauses_asked_for(
    hard_pebble: Pebble, new_client: NewClient, solver: DnsSolver, waiting: Waiting, name: str
) -> None:
    client = new_client(hard_pebble.authority)
    client.open_account(agrees_to_terms=True, binding=BINDING)
    url = client.begin([name, f"*.{name}"])

    proving = prove(client, url, [solver], waiting, PACE)
    issued = finish(client, url, new_certificate_key(), waiting, pace=PACE)

    assert proving.failed == {}
    assert timedelta(days=5, hours=23) < issued.ends - issued.begins <= timedelta(days=6)


def test_nonces_are_not_tried_for_ever(through: AcmeClient, between: Between, name: str) -> None:
    between.refuse(NEW_ORDER, 400, "badNonce", times=1000)

    with pytest.raises(BadResponse, match="could not be read"):
        through.begin([name])

    assert between.count(NEW_ORDER) == 0


def test_the_lost_answer_to_an_order_is_looked_up(through: AcmeClient, between: Between, name: str) -> None:
    between.lose(NEW_ORDER)

    url = through.begin([name])

    assert through.resume(url).names == (name,)
    assert between.count(NEW_ORDER) == 1
    assert through.unfinished_order([name]) == url


def test_a_lost_order_that_nobody_lists_is_told(through: AcmeClient, between: Between, name: str) -> None:
    between.lose(NEW_ORDER)
    between.refuse("list-orderz", 404, "malformed", times=10)

    with pytest.raises(OutcomeUnknown):
        through.begin([name])


@pytest.mark.parametrize("part", [CHALLENGE, FINALIZE])
def test_a_lost_answer_later_on_is_looked_up(
    through: AcmeClient, between: Between, solver: DnsSolver, waiting: Waiting, name: str, part: str
) -> None:
    between.lose(part)
    url, key = through.begin([name]), new_certificate_key()

    prove(through, url, [solver], waiting, PACE)
    issued = finish(through, url, key, waiting, pace=PACE)

    assert issued.names == (name,)
    assert between.count(NEW_ORDER) == 1
    assert between.count(FINALIZE) == 1


def test_killed_at_any_point_it_goes_on_with_the_one_order(
    pebble: Pebble, between: Between, solver: DnsSolver, waiting: Waiting, new_client: NewClient, name: str
) -> None:
    account_key, key = new_account_key(), new_certificate_key()

    def anew() -> AcmeClient:
        return new_client(between.authority, account_key)

    anew().open_account(agrees_to_terms=True)
    url = anew().begin([name])
    assert anew().unfinished_order([name]) == url, "killed before it was written down"
    prove(anew(), url, [solver], waiting, PACE)
    prove(anew(), url, [solver], waiting, PACE)
    first = finish(anew(), url, key, waiting, pace=PACE)
    second = finish(anew(), url, key, waiting, pace=PACE)

    assert first == second
    assert (between.count(NEW_ORDER), between.count(FINALIZE)) == (1, 1)


def test_killed_while_the_proof_stood_it_is_cleaned_by_the_next_run(
    client: AcmeClient, solver: DnsSolver, dns: Dns, waiting: Waiting, name: str
) -> None:
    class Killed(BaseException): ...

    def kill() -> None:
        raise Killed

    solver.on_look = kill
    url = client.begin([name])
    with pytest.raises(Killed):
        prove(client, url, [solver], waiting, PACE)
    assert len(dns.texts[f"_acme-challenge.{name}"]) == 1

    solver.on_look = lambda: None
    prove(client, url, [solver], waiting, PACE)

    assert dns.texts[f"_acme-challenge.{name}"] == []


def test_a_slow_authority_is_asked_again_later_and_proofs_stay(
    through: AcmeClient, between: Between, solver: DnsSolver, dns: Dns, waiting: Waiting, name: str
) -> None:
    url = through.begin([name])
    between.pending = AUTHORIZATION

    with pytest.raises(NotYet) as early:
        prove(through, url, [solver], waiting, ONCE)

    assert early.value.again_at > datetime.now(UTC) + timedelta(seconds=50)
    assert len(dns.texts[f"_acme-challenge.{name}"]) == 1
    between.pending = ""
    assert prove(through, url, [solver], waiting, PACE).failed == {}
    assert dns.texts[f"_acme-challenge.{name}"] == []


def test_a_proof_stays_while_something_is_tried_again_and_goes_when_nobody_goes_on(
    through: AcmeClient, between: Between, solver: DnsSolver, dns: Dns, waiting: Waiting, name: str
) -> None:
    url, place = through.begin([name]), f"_acme-challenge.{name}"
    solver.on_look = lambda: between.refuse(CHALLENGE, 429, "rateLimited", retry_after="60")

    with pytest.raises(AskedToWait):
        prove(through, url, [solver], waiting, PACE)
    assert len(dns.texts[place]) == 1

    assert withdraw(through, url, [solver], waiting) == ""
    assert dns.texts[place] == []
    assert through.resume(url).state == "invalid", "it does not wait at the authority either"


def test_an_authority_that_issues_slowly_is_asked_again_later(
    through: AcmeClient, between: Between, solver: DnsSolver, waiting: Waiting, name: str
) -> None:
    url, key = through.begin([name]), new_certificate_key()
    prove(through, url, [solver], waiting, PACE)

    with pytest.raises(NotYet):
        finish(through, url, key, waiting, pace=ONCE)

    assert finish(through, url, key, waiting, pace=PACE).names == (name,)
    assert between.count(FINALIZE) == 1


def test_a_limit_is_told_with_the_moment_when_it_ends(through: AcmeClient, between: Between, name: str) -> None:
    between.refuse(NEW_ORDER, 429, "rateLimited", "too many new orders", retry_after="7200")

    with pytest.raises(AskedToWait) as limited:
        through.begin([name])

    assert limited.value.retryable
    assert limited.value.remedy.startswith(
        ("Mailyard retries automatically in 2 h", "Mailyard retries automatically in 1 h")
    )
    assert limited.value.retry_after_s == pytest.approx(7200, abs=60)
    assert limited.value.again_at == pytest.approx(datetime.now(UTC) + timedelta(hours=2), abs=timedelta(minutes=1))
    assert "too many new orders" in limited.value.detail


def test_a_pause_needs_a_person(through: AcmeClient, between: Between, name: str) -> None:
    told = f"Your account is temporarily prevented from requesting certificates for {name}."
    between.refuse(NEW_ORDER, 429, "rateLimited", f"{told} Please visit: https://a.test/x")

    with pytest.raises(AccountPaused) as paused:
        through.begin([name])

    assert not paused.value.retryable
    assert paused.value.page == "https://a.test/x"


def test_a_busy_authority_did_nothing_yet_and_a_broken_one_may_have(
    through: AcmeClient, between: Between, name: str
) -> None:
    between.refuse(NEW_ORDER, 503, "rateLimited", "Service busy; retry later.", retry_after="30")
    with pytest.raises(AskedToWait):
        through.begin([name])
    between.refuse(NEW_ORDER, 500, "serverInternal")
    with pytest.raises(OutcomeUnknown):
        through.begin([name])
    url = through.begin([name])
    between.refuse("my-order", 500, "serverInternal")
    with pytest.raises(ProviderUnavailable):
        through.resume(url)
    between.refuse("my-order", 403, "unauthorized", "not yours")
    with pytest.raises(Unauthorized):
        through.resume(url)


def test_an_issue_that_fails_at_the_last_moment_names_whose_record_forbids_it(
    through: AcmeClient, between: Between, solver: DnsSolver, waiting: Waiting, name: str
) -> None:
    url = through.begin([name, f"caa.{name}"])
    prove(through, url, [solver], waiting, PACE)
    between.refuse(FINALIZE, 403, "caa", "Rechecking CAA", about=f"caa.{name}")

    with pytest.raises(ProviderRefused) as refused:
        finish(through, url, new_certificate_key(), waiting, pace=PACE)

    assert "caa." in refused.value.title
    assert "A CAA record forbids this authority to issue for the name." in refused.value.remedy


def test_a_page_that_is_no_authority_says_so(between: Between, new_client: NewClient) -> None:
    client = new_client(replace(between.authority, directory_url=between.authority.directory_url + "/none"))

    with pytest.raises(NotFound):
        client.directory()


def test_only_https_and_what_an_authority_names_is_held_to_it(through: AcmeClient, between: Between, name: str) -> None:
    for bad in ("http://ca.test/dir", "ftp://127.0.0.1/", "https://", ""):
        with pytest.raises(Refused, match="https"):
            Authority("custom", "Bad", bad)
    with pytest.raises(BadResponse):
        through.resume("http://ca.test/order/1")


def test_an_authority_whose_own_certificate_is_not_trusted_is_not_spoken_to(
    pebble: Pebble, new_client: NewClient
) -> None:
    client = new_client(Authority("custom", "Stranger", f"https://{HOST}:{pebble.port}/dir"))

    with pytest.raises(Exception, match="Stranger cannot be reached"):
        client.directory()
