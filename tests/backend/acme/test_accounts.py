"""Accounts: looked for before they are made, with the terms agreed to and a binding where one is wanted."""

from __future__ import annotations

import logging

import pytest

from backend.acme.client import AcmeClient, Binding
from backend.acme.keys import new_account_key, new_certificate_key, signing_request
from backend.core.errors import NotFound, Refused, Unauthorized
from backend.core.secrets.values import Secret
from tests.backend.acme.between import Between
from tests.backend.acme.conftest import BINDING, NewClient
from tests.backend.acme.pebble import Pebble


def test_an_account_is_made_once(pebble: Pebble, new_client: NewClient) -> None:
    key = new_account_key()
    assert new_client(pebble.authority, key).find_account() is None

    made = new_client(pebble.authority, key).open_account(agrees_to_terms=True, contacts=["ops@mailyard.test"])

    assert new_client(pebble.authority, key).open_account(agrees_to_terms=False) == made
    assert (made.state, made.contacts) == ("valid", ("mailto:ops@mailyard.test",))


def test_without_agreeing_to_the_terms_none_is_made(between: Between, new_client: NewClient) -> None:
    client = new_client(between.authority)

    with pytest.raises(Refused, match="terms") as refused:
        client.open_account(agrees_to_terms=False)

    assert client.directory().terms in refused.value.remedy
    assert between.count("sign-me-up") == 0


def test_the_lost_answer_to_a_new_account_is_looked_up(between: Between, new_client: NewClient) -> None:
    key = new_account_key()
    client = new_client(between.authority, key)
    between.lose("sign-me-up")

    made = client.open_account(agrees_to_terms=True)

    assert made == client.find_account()


def test_without_an_account_nothing_is_ordered(pebble: Pebble, new_client: NewClient) -> None:
    with pytest.raises(NotFound, match="no valid account"):
        new_client(pebble.authority).begin(["mx1.mailyard.test"])


def test_a_binding_is_wanted_checked_and_used(hard_pebble: Pebble, new_client: NewClient) -> None:
    client = new_client(hard_pebble.authority)
    assert client.directory().needs_binding

    with pytest.raises(Refused, match="customers"):
        client.open_account(agrees_to_terms=True)
    for wrong in (Binding("kid-9", BINDING.mac_key), Binding("kid-1", Secret("QUJD" * 16))):
        with pytest.raises(Unauthorized):
            client.open_account(agrees_to_terms=True, binding=wrong)
    with pytest.raises(Refused, match="base64"):
        client.open_account(agrees_to_terms=True, binding=Binding("kid-1", Secret("A")))
    assert client.open_account(agrees_to_terms=True, binding=BINDING).state == "valid"


def test_no_key_is_told(pebble: Pebble, new_client: NewClient, caplog: pytest.LogCaptureFixture) -> None:
    key, body = new_account_key(), ""
    with caplog.at_level(logging.DEBUG):
        new_client(pebble.authority, key).open_account(agrees_to_terms=True)
    body = key.reveal().splitlines()[1]

    assert body not in caplog.text
    with pytest.raises(Refused) as refused:
        AcmeClient(pebble.authority, Secret(key.reveal().replace("BEGIN", "BEGUN")))
    assert body not in repr(refused.value) + refused.value.detail


def test_an_account_key_is_of_a_kind_that_authorities_take(pebble: Pebble, new_client: NewClient) -> None:
    rsa = new_certificate_key("rsa")
    assert new_client(pebble.authority, rsa).open_account(agrees_to_terms=True).state == "valid"

    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    for key in (ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()):
        plain = serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()
        with pytest.raises(Refused):
            AcmeClient(pebble.authority, Secret(pem))
    with pytest.raises(Refused, match="no private key"):
        signing_request(Secret("no key"), ["a.test"])
