"""Domains, mailboxes and aliases by the API: what is written is read back the same, whatever Mailu's oddities."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.core.errors import AlreadyThere, BadResponse, LimitReached, NotFound, ProviderRefused
from backend.core.secrets.values import Secret
from backend.mailu.api import MailuApi
from backend.mailu.command import MailuCommand
from backend.mailu.records import Alias, Forward, Mailbox, MailDomain
from tests.backend.mailu.emulated import EmulatedHost
from tests.emulators.process import Emulator

DOMAIN = MailDomain("example.net", "a client", 30, 20, 5_000_000_000, ("alt.example", "other.example"))
ME = Mailbox("me@example.net", "Me", "first", 2_000_000_000)
PASSWORD = Secret("first-Secret-1")
WHOLE = Mailbox(
    *("you@example.net", "You", "second"),
    is_enabled=False,
    must_change_password=True,
    is_admin=True,
    forward=Forward(("z@else.example", "a@else.example"), is_on=True, keeps_copy=False),
    replies=True,
    reply_subject="Away",
    reply_body="Back on Monday.\nThank you.",
    spam_threshold=60,
)


@pytest.fixture(autouse=True)
def there(api: MailuApi) -> None:
    api.add_domain(DOMAIN)
    api.add_mailbox(ME, PASSWORD)


def test_a_domain_is_read_back_as_it_was_written(api: MailuApi) -> None:
    assert api.domain("example.net") == DOMAIN
    assert api.domains() == [DOMAIN]


def test_a_domain_without_limits_has_none(api: MailuApi) -> None:
    api.add_domain(MailDomain("b.example"))

    assert api.domain("b.example") == MailDomain("b.example")


def test_what_is_not_there_is_none(api: MailuApi) -> None:
    assert (api.domain("b.example"), api.mailbox("b@example.net"), api.alias("b@example.net")) == (None, None, None)


def test_names_in_other_letters_are_told_as_they_were_written(api: MailuApi) -> None:
    """The server tells them in Unicode, whatever it was told."""
    api.add_domain(MailDomain("xn--bcher-kva.example", alternatives=("xn--strae-oqa.example",)))
    api.add_mailbox(replace(ME, address="me@xn--bcher-kva.example"), PASSWORD)
    api.add_alias(Alias("info@xn--bcher-kva.example", ("me@example.net",)))

    found = api.domain("xn--bcher-kva.example")

    assert found is not None
    assert (found.name, found.alternatives) == ("xn--bcher-kva.example", ("xn--strae-oqa.example",))
    assert "xn--bcher-kva.example" in [each.name for each in api.domains()]
    assert "me@xn--bcher-kva.example" in [each.address for each in api.mailboxes()]
    assert api.alias("info@xn--bcher-kva.example") == Alias("info@xn--bcher-kva.example", ("me@example.net",))


def test_alternatives_are_added_and_taken_away_though_a_change_only_adds(api: MailuApi) -> None:
    wanted = replace(DOMAIN, alternatives=("other.example", "third.example"), max_mailboxes=None, comment="another")

    api.change_domain(DOMAIN, wanted)
    api.change_domain(wanted, wanted)

    assert api.domain("example.net") == wanted


def test_an_alternative_that_is_taken_is_refused(api: MailuApi) -> None:
    api.add_domain(MailDomain("b.example"))

    with pytest.raises(AlreadyThere):
        api.change_domain(DOMAIN, replace(DOMAIN, alternatives=("b.example",)))


def test_a_domain_goes_with_all_it_had_and_going_twice_is_no_error(mailu: Emulator, api: MailuApi) -> None:
    api.add_alias(Alias("info@example.net", ("me@example.net",)))

    api.remove_domain("example.net")
    api.remove_domain("example.net")

    assert not any(mailu.counters()[kind] for kind in ("domain", "alternative", "mailbox", "alias"))


@pytest.mark.parametrize("mailbox", [ME, WHOLE], ids=["plain", "whole"])
def test_a_mailbox_is_read_back_as_it_was_written(api: MailuApi, mailbox: Mailbox) -> None:
    if mailbox is not ME:
        api.add_mailbox(mailbox, PASSWORD)
    expected = replace(mailbox, spam_threshold=mailbox.spam_threshold or 80)

    assert api.mailbox(mailbox.address) == expected
    assert expected in api.mailboxes()


def test_a_mailbox_without_a_quota_has_none(api: MailuApi) -> None:
    api.add_mailbox(replace(ME, address="b@example.net", quota_bytes=None), PASSWORD)

    found = api.mailbox("b@example.net")

    assert found is not None
    assert found.quota_bytes is None


def test_what_is_used_is_told(mailu: Emulator, api: MailuApi) -> None:
    mailu.set("used", address="me@example.net", bytes=4_321)

    assert [each.used_bytes for each in api.mailboxes()] == [4_321]


def test_of_a_mailbox_only_what_differs_is_sent(api: MailuApi) -> None:
    """Somebody else changed another field meanwhile: that stays."""
    before = api.mailbox("me@example.net")
    assert before is not None
    api.change_mailbox(before, replace(before, display_name="By somebody else"))

    api.change_mailbox(before, replace(before, comment="ours"))

    after = api.mailbox("me@example.net")
    assert after == replace(before, display_name="By somebody else", comment="ours")


def test_a_forwarding_is_switched_off_though_its_destinations_cannot_be_emptied(api: MailuApi) -> None:
    api.add_mailbox(WHOLE, PASSWORD)

    api.change_mailbox(WHOLE, replace(WHOLE, forward=Forward()))

    found = api.mailbox(WHOLE.address)
    assert found is not None
    assert found.forward == Forward(WHOLE.forward.destinations, is_on=False, keeps_copy=True)


def test_a_domain_takes_no_more_mailboxes_than_it_may(api: MailuApi) -> None:
    api.change_domain(DOMAIN, replace(DOMAIN, max_mailboxes=1))

    with pytest.raises(LimitReached):
        api.add_mailbox(replace(ME, address="b@example.net"), PASSWORD)


def test_a_mailbox_that_is_there_is_told_from_a_full_domain(api: MailuApi) -> None:
    with pytest.raises(AlreadyThere):
        api.add_mailbox(ME, PASSWORD)


def test_another_password_is_set_and_no_token_goes_by_itself(mailu: Emulator, api: MailuApi) -> None:
    with mailu.client() as client:
        client.post("/api/v1/token", json={"email": "me@example.net", "comment": "phone", "AuthorizedIP": ["10.0.0.1"]})
    hashes = [client_hash(mailu)]

    api.set_password("me@example.net", Secret("second-Secret-2"), must_change=True)

    assert client_hash(mailu) not in hashes
    (token,) = api.tokens("me@example.net")
    assert (token.id, token.address, token.comment, token.networks) == ("1", "me@example.net", "phone", ("10.0.0.1",))
    api.remove_token(token.id)
    api.remove_token(token.id)
    assert api.tokens("me@example.net") == []
    with pytest.raises(NotFound):
        api.tokens("nobody@example.net")


def client_hash(mailu: Emulator) -> str:
    with mailu.client() as client:
        return str(client.get("/api/v1/user/me@example.net").json()["password"])


def test_a_hash_of_a_password_is_never_read(api: MailuApi) -> None:
    assert "bcrypt" not in repr(api.mailboxes())


@pytest.mark.parametrize("local", ["o'brien", "per%cent", "a+b", "x{y}", "question?", "hash#tag"])
def test_odd_letters_of_an_address_reach_the_mailbox_they_name(api: MailuApi, local: str) -> None:
    address = f"{local}@example.net"
    api.add_mailbox(replace(ME, address=address), PASSWORD)

    api.set_password(address, Secret("second-Secret-2"), must_change=False)
    found = api.mailbox(address)

    assert found is not None
    assert found.address == address
    api.remove_mailbox(address)
    assert [each.address for each in api.mailboxes()] == ["me@example.net"]


def test_a_slash_in_an_address_never_reaches_another_path(api: MailuApi) -> None:
    with pytest.raises((BadResponse, ProviderRefused)):
        api.set_password("../domain/example.net", Secret("second-Secret-2"), must_change=False)
    with pytest.raises((BadResponse, ProviderRefused)):
        api.mailbox("a/b@example.net")


def test_an_alias_is_read_back_as_it_was_written_in_whatever_order(api: MailuApi) -> None:
    api.add_mailbox(replace(ME, address="b@example.net"), PASSWORD)
    wanted = Alias("%@example.net", ("me@example.net", "b@example.net", "me@example.net"), True, "all the rest")

    api.add_alias(wanted)

    assert api.aliases() == [wanted]
    assert api.alias("%@example.net") == wanted


@pytest.mark.parametrize("destination", ["x@else.example", "info@example.net"], ids=["elsewhere", "another alias"])
def test_an_alias_to_what_is_no_mailbox_needs_mailus_own_command(
    mailu: Emulator, api: MailuApi, destination: str
) -> None:
    api.add_alias(Alias("info@example.net", ("me@example.net",)))
    wanted = Alias("out@example.net", (destination,), comment="größer: \"quoted\" 'so' 🙂")
    command = MailuCommand(EmulatedHost(mailu).execute)

    with pytest.raises(NotFound):
        api.add_alias(wanted)
    command.set_alias(wanted, is_there=False)

    assert api.alias("out@example.net") == wanted
    shorter = replace(wanted, destinations=("me@example.net",), comment="")
    command.set_alias(shorter, is_there=True)
    assert api.alias("out@example.net") == shorter


def test_of_an_alias_only_what_differs_is_sent(mailu: Emulator, api: MailuApi) -> None:
    """Its destination elsewhere is none that the API would take again."""
    wanted = Alias("out@example.net", ("x@else.example",))
    MailuCommand(EmulatedHost(mailu).execute).set_alias(wanted, is_there=False)

    api.change_alias(wanted, replace(wanted, comment="new words"))

    assert api.alias("out@example.net") == replace(wanted, comment="new words")
    with pytest.raises(NotFound):
        api.change_alias(wanted, replace(wanted, destinations=("y@else.example",)))


def test_an_alias_goes_and_going_twice_is_no_error(api: MailuApi) -> None:
    api.add_alias(Alias("%@example.net", ("me@example.net",), is_wildcard=True))

    api.remove_alias("%@example.net")
    api.remove_alias("%@example.net")

    assert api.aliases() == []


@pytest.mark.parametrize("path", ["/domain", "/user", "/alias"])
@pytest.mark.parametrize("answer", [{"message": "all is well"}, None], ids=["an object", "nothing"])
def test_an_answer_that_is_no_list_is_not_taken_for_an_empty_one(
    api: MailuApi, monkeypatch: pytest.MonkeyPatch, path: str, answer: object
) -> None:
    monkeypatch.setattr(api._wire, "call", lambda *_told, **_named: answer)
    read = {"/domain": api.domains, "/user": api.mailboxes, "/alias": api.aliases}[path]

    with pytest.raises(BadResponse):
        read()
