"""Accounts: added, verified, corrected, removed; a token is forgotten with what needed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.accounts.queries import AccountRow, Accounts, Offers
from backend.core.errors import ClockWrong
from backend.core.secrets.values import Secret
from backend.providers.digitalocean.driver import DigitalOcean
from backend.providers.ports import TokenDetails
from backend.store.schema.fleet import Account, Server
from backend.store.schema.operations import Job, Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.servers.world import World, row_of, running_server, without_machines
from tests.emulators.process import Emulator


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with without_machines(tmp_path_factory.mktemp("accounts")) as world:
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    running.emulator.reset()
    yield running
    for row in _accounts(running):
        if row.id != running.account:
            assert running.ended("account.remove", account_id=str(row.id)).state == "succeeded"


def _accounts(world: World) -> tuple[AccountRow, ...]:
    return world.ask(Accounts())


def _account(world: World, account_id: UUID) -> AccountRow:
    return next(row for row in _accounts(world) if row.id == account_id)


def _token(world: World, value: str) -> str:
    return world.installation.client.keep_secret_now("api_keys", AGENCY, Secret(value)).path


def _request(world: World, ref: str, account: UUID | None = None) -> dict[str, Any]:
    return {
        "account_id": str(account or uuid4()),
        "name": "Second",
        "provider": "digitalocean",
        "secret_ref": ref,
        "endpoint_url": world.emulator.url,
    }


def _kept(world: World) -> list[str]:
    return [ref.path for ref in world.installation.secrets.references()]


def _add(world: World, ref: str, account_id: UUID) -> Job:
    return world.ended("account.add", **_request(world, ref, account_id))


def test_an_account_is_added_proved_and_its_offers_are_read(world: World) -> None:
    account_id = uuid4()

    job = _add(world, _token(world, world.emulator.token), account_id)

    row, offers = _account(world, account_id), world.ask(Offers(account_id))
    assert (job.state, row.state, row.holder) == ("succeeded", "verified", "operations@agency.example")
    assert row.verified_at is not None
    assert {"fra1", "nyc1"} <= {region.slug for region in offers.regions}
    assert "sfo1" not in {region.slug for region in offers.regions}
    assert [plan.monthly_micro for plan in offers.plans] == sorted(plan.monthly_micro or 0 for plan in offers.plans)
    assert {plan.source for plan in offers.plans} == {"DigitalOcean API v2"}
    assert offers.read_at is not None


def test_a_refused_token_leaves_an_account_that_can_be_corrected(world: World) -> None:
    account_id, wrong = uuid4(), _token(world, "dop_v1_wrong")
    job = _add(world, wrong, account_id)
    row = _account(world, account_id)
    assert (job.state, job.cause) == ("failed", "DigitalOcean refused the token.")
    assert "Enter a new one" in job.remedy
    assert (row.state, row.note) == ("refused", "DigitalOcean refused the token.")

    right = _token(world, world.emulator.token)
    assert _add(world, right, account_id).state == "succeeded"

    assert _account(world, account_id).state == "verified"
    assert right in _kept(world)
    assert wrong not in _kept(world)


def test_a_failed_addition_rolled_back_leaves_neither_account_nor_token(world: World) -> None:
    account_id, wrong = uuid4(), _token(world, "dop_v1_wrong")
    job = _add(world, wrong, account_id)

    world.rolled_back(job)

    assert account_id not in {row.id for row in _accounts(world)}
    assert wrong not in _kept(world)


def test_a_token_that_stopped_working_is_shown_and_works_again_when_it_does(world: World) -> None:
    world.emulator.set("revoke", token=world.emulator.token)
    job = world.ended("account.verify", account_id=str(world.account))
    assert (job.state, _account(world, world.account).state) == ("failed", "refused")

    world.emulator.set("tokens", token=world.emulator.token)
    job = world.ended("account.verify", account_id=str(world.account))

    assert (job.state, _account(world, world.account).state) == ("succeeded", "verified")


@pytest.mark.parametrize("kind", ["500", "html", "close"])
def test_a_provider_that_does_not_answer_says_nothing_about_the_token(world: World, kind: str) -> None:
    world.emulator.fault(kind, "GET", "/v2/account", times=2)

    job = world.ended("account.verify", account_id=str(world.account))

    row = _account(world, world.account)
    assert (job.state, row.state) == ("failed", "unreachable")
    assert row.note == job.cause
    assert world.ended("account.verify", account_id=str(world.account)).state == "succeeded"


def test_a_wrong_clock_is_no_refused_token_and_the_account_goes_on_once_it_is_right(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(_driver: DigitalOcean) -> TokenDetails:
        raise ClockWrong("DigitalOcean does not accept the time of this computer.", remedy="Set it.")

    with monkeypatch.context() as patched:
        patched.setattr(DigitalOcean, "verify", late)
        job = world.ended("account.verify", account_id=str(world.account))
        row = _account(world, world.account)
        assert (job.state, job.remedy, row.state, row.note) == ("failed", "Set it.", "clock", job.cause)

    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"
    assert _account(world, world.account).state == "verified"


@pytest.mark.parametrize("state", ["refused", "unreachable"])
def test_an_account_goes_on_by_itself_when_its_provider_has_come_to_its_senses(world: World, state: str) -> None:
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Account, (AGENCY, world.account)).state = state

    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"

    assert _account(world, world.account).state == "verified"


def test_a_removed_account_takes_its_token_its_offers_and_its_schedule_along(world: World) -> None:
    account_id, ref = uuid4(), _token(world, world.emulator.token)
    _add(world, ref, account_id)

    assert world.ended("account.remove", account_id=str(account_id)).state == "succeeded"

    assert account_id not in {row.id for row in _accounts(world)}
    assert ref not in _kept(world)
    assert world.ask(Offers(account_id)).read_at is None
    with world.installation.store.read(ENGINE_SCOPE) as session:
        schedules = session.scalars(select(Schedule).where(Schedule.subject == str(account_id))).all()
        assert session.get_one(Account, (AGENCY, account_id)).removed_at is not None
    assert schedules == []
    assert "no longer exists" in world.refusal("account.verify", account_id=str(account_id))


def test_the_name_of_a_removed_account_is_free_again(world: World) -> None:
    for _round in range(2):
        account_id = uuid4()
        assert _add(world, _token(world, world.emulator.token), account_id).state == "succeeded"
        assert world.ended("account.remove", account_id=str(account_id)).state == "succeeded"


def test_an_account_with_servers_of_ours_is_not_removed(world: World) -> None:
    account_id = uuid4()
    _add(world, _token(world, world.emulator.token), account_id)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        server = Server(
            tenant_id=AGENCY,
            id=uuid4(),
            account_id=account_id,
            name="mx1.example.net",
            region="fra1",
            plan="s-1vcpu-1gb",
            life="active",
            created_at=world.installation.clock.now(),
        )
        session.add(server)

    words = world.refusal("account.remove", account_id=str(account_id))

    assert words.startswith("Second still has 1 server created by Mailyard.")
    assert "Destroy them first" in words
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, server.id)).gone_at = world.installation.clock.now()


def test_a_token_of_another_account_is_refused_and_no_server_looks_deleted(
    world: World, new_emulator: Callable[..., Emulator]
) -> None:
    server, other = running_server(world), new_emulator()
    ref = _token(world, other.token)
    change = {**_request(world, ref, world.account), "name": "Main", "endpoint_url": other.url}

    job = world.ended("account.add", **change)

    assert (job.state, "seems to belong to another account" in job.cause) == ("failed", True)
    assert _account(world, world.account).state == "refused"
    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"
    assert row_of(world, server).gone_at is None
    before = _account(world, world.account).token_since
    right = {**change, "secret_ref": _token(world, world.emulator.token), "endpoint_url": world.emulator.url}
    assert world.ended("account.add", **right).state == "succeeded"
    assert before is not None
    assert (_account(world, world.account).token_since or before) > before
    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"
    assert (row_of(world, server).gone_at, row_of(world, server).is_ours) == (None, True)
    world.ended("server.destroy", server_id=str(server), typed_name=row_of(world, server).name)


def test_an_account_that_is_there_under_another_token_is_told_before_a_server_is_shown_twice(world: World) -> None:
    server, account_id = running_server(world), uuid4()

    job = _add(world, _token(world, world.emulator.token), account_id)

    assert (job.state, job.cause) == ("failed", "This is the account Main under another token.")
    assert "give Main the new token" in job.remedy
    assert world.ended("inventory.refresh", account_id=str(account_id)).state == "succeeded"
    with world.installation.store.read(ENGINE_SCOPE) as session:
        assert session.scalars(select(Server).where(Server.account_id == account_id)).all() == []
    assert world.ended("account.verify", account_id=str(world.account)).state == "succeeded"
    world.rolled_back(job)
    assert account_id not in {row.id for row in _accounts(world)}
    world.ended("server.destroy", server_id=str(server), typed_name=row_of(world, server).name)


def test_a_list_that_came_back_empty_makes_no_token_another_accounts(world: World) -> None:
    server = running_server(world)
    world.emulator.fault("changed", "GET", "/v2/droplets", changes={"droplets": [], "meta": {"total": 0}})

    assert world.ended("account.verify", account_id=str(world.account)).state == "succeeded"

    assert _account(world, world.account).state == "verified"
    world.ended("server.destroy", server_id=str(server), typed_name=row_of(world, server).name)


def test_a_token_that_was_to_be_replaced_is_good_again_after_rolling_back(world: World) -> None:
    server, before, wrong = running_server(world), _stored(world), _token(world, "dop_v1_wrong")
    job = world.ended("account.add", **{**_request(world, wrong, world.account), "name": "Renamed"})
    assert (job.state, _stored(world).secret_ref) == ("failed", wrong)
    assert before.secret_ref in _kept(world)

    world.rolled_back(job)

    after = _stored(world)
    assert (after.name, after.secret_ref, after.state) == (before.name, before.secret_ref, "verified")
    assert (after.removed_at, after.token_since) == (None, before.token_since)
    assert wrong not in _kept(world)
    assert (row_of(world, server).gone_at, row_of(world, server).is_ours) == (None, True)
    assert world.ended("account.verify", account_id=str(world.account)).state == "succeeded"
    world.ended("server.destroy", server_id=str(server), typed_name=row_of(world, server).name)


def test_tokens_that_were_replaced_are_forgotten_once_a_new_one_is_proved(world: World) -> None:
    first, wrong = _stored(world).secret_ref, _token(world, "dop_v1_wrong")
    named = {"name": _stored(world).name}
    assert world.ended("account.add", **{**_request(world, wrong, world.account), **named}).state == "failed"
    right = _token(world, world.emulator.token)

    assert world.ended("account.add", **{**_request(world, right, world.account), **named}).state == "succeeded"

    assert {first, wrong} & set(_kept(world)) == set()
    assert right in _kept(world)


def _stored(world: World) -> Account:
    with world.installation.store.read(ENGINE_SCOPE) as session:
        return session.get_one(Account, (AGENCY, world.account))


def test_a_foreign_server_does_not_hold_an_account_and_goes_out_of_sight_with_it(world: World) -> None:
    account_id = uuid4()
    _add(world, _token(world, world.emulator.token), account_id)
    with world.emulator.client() as client:
        order = {"name": "theirs", "region": "fra1", "size": "s-1vcpu-1gb", "image": "debian-12-x64"}
        assert client.post("/v2/droplets", json=order).status_code == 202
    world.ended("inventory.refresh", account_id=str(account_id))
    assert _account(world, account_id).servers == 1

    assert world.ended("account.remove", account_id=str(account_id)).state == "succeeded"

    assert len(world.emulator.counters()["servers"]) == 1
    assert all(row.gone_at is not None for row in world.driver.servers() if row.name == "theirs")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "  "}, "The account needs a name."),
        ({"name": "Main"}, "There is already an account named Main."),
        ({"provider": "nobody"}, "Mailyard does not know the provider nobody."),
        ({"endpoint_url": "http://example.net"}, "is not a URL a token may be sent to."),
        ({"endpoint_url": "ftp://127.0.0.1"}, "is not a URL a token may be sent to."),
        ({"account_id": "nonsense"}, "Invalid request."),
    ],
)
def test_what_cannot_be_an_account_never_becomes_one(world: World, changes: dict[str, str], words: str) -> None:
    count = len(_accounts(world))

    assert words in world.refusal("account.add", **{**_request(world, "api_keys/none"), **changes})
    assert len(_accounts(world)) == count
