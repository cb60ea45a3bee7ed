"""What the wire makes of Mailu's answers: each refusal in words that help, and no secret in any of them."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

import pytest

from backend.core.errors import (
    AlreadyThere,
    BadResponse,
    LimitReached,
    MailyardError,
    NotFound,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    Unauthorized,
)
from backend.core.secrets.values import Secret
from backend.mailu.api import MailuApi
from backend.mailu.wire import MailuWire
from tests.backend.mailu.emulated import HOST_NAME, PlainDial, wire_to
from tests.emulators.process import Emulator

DOMAIN = {"name": "example.net", "max_users": 1, "max_aliases": 0}
PASSWORD = "CANARY-password-5f3c0e9a"
MAILBOX: dict[str, object] = {"email": "me@example.net", "raw_password": PASSWORD}
ALIAS: dict[str, object] = {"email": "info@example.net", "destination": ["me@example.net"]}


@pytest.fixture(autouse=True)
def there(mailu: Emulator) -> None:
    with wire_to(mailu) as wire:
        wire.call("POST", "/domain", body=DOMAIN)
        wire.call("POST", "/user", body=MAILBOX)


@pytest.fixture
def wire(mailu: Emulator) -> Iterator[MailuWire]:
    with wire_to(mailu) as made:
        yield made


REFUSALS: dict[str, tuple[str, str, dict[str, object] | None, type[MailyardError], str]] = {
    "a domain that is there": ("POST", "/domain", DOMAIN, AlreadyThere, "Duplicate domain name example.net"),
    "a name that is none": ("POST", "/domain", {"name": "a b"}, ProviderRefused, "Domain a b is not a valid domain"),
    "a field of another type": ("POST", "/domain", {"name": 7}, ProviderRefused, "name: 7 is not of type 'string'"),
    "a domain that is not there": ("GET", "/domain/b.example", None, NotFound, "Domain b.example does not exist"),
    "a refusal within a success": ("GET", "/domain/ab", None, ProviderRefused, "Domain ab is not a valid domain"),
    "one mailbox too many": (
        *("POST", "/user", {**MAILBOX, "email": "you@example.net"}),
        *(LimitReached, "Too many users for domain example.net"),
    ),
    "one alias too many": ("POST", "/alias", ALIAS, LimitReached, "Too many aliases for domain example.net"),
    "a change of what is not there": ("PATCH", "/domain/b.example", {}, OutcomeUnknown, "internal error"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_is_told_by_its_kind_and_in_mailus_words(wire: MailuWire, refusal: str) -> None:
    method, path, body, kind, words = REFUSALS[refusal]

    with pytest.raises(kind) as refused:
        wire.call(method, path, body=body)

    assert type(refused.value) is kind
    assert words in refused.value.title
    assert refused.value.remedy or kind is NotFound


def test_a_limit_is_told_with_the_way_out(wire: MailuWire) -> None:
    with pytest.raises(LimitReached) as refused:
        wire.call("POST", "/alias", body=ALIAS)

    assert "limit of the domain" in refused.value.remedy


def test_a_refused_token_is_not_sent_again(mailu: Emulator) -> None:
    with wire_to(mailu, "wrong-Token-77c0ffee") as wire:
        for _turn in range(10):
            with pytest.raises(Unauthorized) as refused:
                wire.call("GET", "/domain")

        assert wire.is_refused
    assert refused.value.title == "Mailu refused the API token."
    assert not refused.value.retryable
    assert [each["status"] for each in mailu.log()].count(403) == 1
    with wire_to(mailu) as right:
        assert right.call("GET", "/domain")


def test_a_network_that_is_locked_out_is_told_why_and_for_how_long(mailu: Emulator) -> None:
    for _turn in range(5):
        with wire_to(mailu, "wrong-Token-77c0ffee") as wire, pytest.raises(Unauthorized):
            wire.call("GET", "/domain")

    with wire_to(mailu) as wire, pytest.raises(RateLimited) as refused:
        wire.call("GET", "/domain")

    assert "wrong API tokens" in refused.value.title
    assert "within an hour" in refused.value.remedy
    assert refused.value.retry_after_s == 600.0


def test_an_exempt_network_is_never_locked_out(mailu: Emulator) -> None:
    mailu.set("environment", exempt=["127.0.0.1/32"])
    for _turn in range(8):
        with wire_to(mailu, "wrong-Token-77c0ffee") as wire, pytest.raises(Unauthorized):
            wire.call("GET", "/domain")

    with wire_to(mailu) as wire:
        assert wire.call("GET", "/domain")


def test_an_api_that_is_switched_off_is_told_so_and_not_taken_for_an_empty_server(mailu: Emulator) -> None:
    mailu.set("environment", is_api_on=False)

    with wire_to(mailu) as wire, pytest.raises(BadResponse) as refused:
        MailuApi(wire).domain("example.net")

    assert "does not answer with its API" in refused.value.title
    assert "mailu.env" in refused.value.remedy


FAULTS: dict[str, tuple[str, str, type[MailyardError]]] = {
    "front without admin, asked": ("html", "GET", ProviderUnavailable),
    "front without admin, told": ("html", "POST", OutcomeUnknown),
    "a fault, asked": ("500", "GET", ProviderUnavailable),
    "a fault, told": ("500", "POST", OutcomeUnknown),
    "done, and a fault after it": ("500_after", "POST", OutcomeUnknown),
    "done, and no answer": ("lost_answer", "POST", OutcomeUnknown),
    "done, and half an answer": ("malformed", "POST", OutcomeUnknown),
    "no answer": ("lost_answer", "GET", OutcomeUnknown),
    "half an answer": ("malformed", "GET", BadResponse),
    "locked out": ("429", "GET", RateLimited),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_says_whether_it_may_have_been_carried_out(mailu: Emulator, wire: MailuWire, fault: str) -> None:
    kind, method, expected = FAULTS[fault]
    mailu.fault(kind, method, status=502)

    with pytest.raises(expected) as failed:
        wire.call(method, "/domain", body={"name": "b.example"} if method == "POST" else None)

    assert type(failed.value) is expected
    assert failed.value.retryable


def test_no_proxy_of_the_environment_is_on_the_way(mailu: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://203.0.113.9:3128")
    dial = PlainDial(mailu)
    wire = MailuWire(HOST_NAME, Secret(mailu.token), dial=dial)

    assert wire.call("GET", "/domain")

    wire.close()
    assert dial.asked_for == [HOST_NAME]


@pytest.mark.parametrize("fault", ["403", "400", "409", "500", "html", "malformed", "changed", "lost_answer", "429"])
def test_neither_token_nor_password_gets_into_an_error_or_a_log(
    mailu: Emulator, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    token = "CANARY-token-6e1f0a9b" if fault == "403" else mailu.token
    body = {**MAILBOX, **({"quota_bytes": PASSWORD} if fault == "400" else {})}
    if fault == "changed":  # whoever answers quotes what it was sent
        mailu.fault(fault, changes={"message": f"no: {token} {PASSWORD}", "code": 400})
    elif not fault.isdigit() or fault in ("500", "429"):
        mailu.fault(fault, status=502)
    Secret(PASSWORD).reveal()

    with wire_to(mailu, token) as wire:
        with pytest.raises(MailyardError) as raised:
            wire.call("POST", "/user", body=body)
        shown = [repr(wire), repr(wire._token), str(vars(wire))]
    error = raised.value
    whole = "".join(traceback.format_exception(error))
    text = "\n".join((error.title, error.remedy, error.detail, whole, caplog.text, *shown))

    assert PASSWORD not in text
    assert token not in text
