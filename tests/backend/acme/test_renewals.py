"""When a certificate is renewed: told by a real authority, told by none, and told nonsense."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backend.acme.certificates import WrongCertificate, checked
from backend.acme.client import AcmeClient
from backend.acme.finishing import finish
from backend.acme.keys import new_certificate_key
from backend.acme.proving import prove
from backend.acme.renewal import LATEST, SOONEST, USUALLY, advised, own_reckoning, renewal_id
from backend.core.errors import Refused
from backend.core.secrets.values import Secret
from tests.backend.acme.between import Between
from tests.backend.acme.conftest import BINDING, PACE, NewClient
from tests.backend.acme.pebble import Pebble
from tests.backend.acme.world import DnsSolver, Waiting

NOW = datetime(2026, 12, 1, tzinfo=UTC)
#: The certificate of RFC 9773 appendix A and what its section 4.1 calls it.
OF_THE_RFC = """-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----
"""


@pytest.fixture(scope="module")
def pem_key() -> Secret:
    return new_certificate_key()


def made(
    key: Secret,
    days: float,
    names: tuple[str, ...] = ("a.test",),
    *,
    begins: datetime = NOW,
    has_authority: bool = True,
) -> str:
    """A certificate of our own making."""
    private = serialization.load_pem_private_key(key.reveal().encode(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    subject = x509.Name([])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(0x80FF)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
    )
    if has_authority:
        builder = builder.add_extension(x509.AuthorityKeyIdentifier(b"\1\2", None, None), critical=False)
    return builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize(("days", "before"), [(90, 30), (6, 2)])
def test_without_a_word_of_the_authority_a_third_of_life_is_left(pem_key: Secret, days: int, before: int) -> None:
    renewal = own_reckoning(made(pem_key, days))

    assert renewal.at == NOW + timedelta(days=days - before)
    assert not renewal.is_due(renewal.at - timedelta(seconds=1))
    assert renewal.is_due(renewal.at)


def test_a_certificate_is_called_as_the_rfc_calls_it(pem_key: Secret) -> None:
    assert renewal_id(OF_THE_RFC) == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"
    assert renewal_id(made(pem_key, 90)) == "AQI.AID_"
    with pytest.raises(Refused, match="key of its authority"):
        renewal_id(made(pem_key, 90, has_authority=False))


def window(start: datetime, end: datetime) -> dict[str, Any]:
    return {"suggestedWindow": {"start": start.isoformat(), "end": end.isoformat()}}


def test_the_moment_is_random_in_the_window_and_stays_while_the_window_does(pem_key: Secret) -> None:
    own = own_reckoning(made(pem_key, 90))
    start, end = NOW + timedelta(days=50), NOW + timedelta(days=52)

    drawn = [advised(own, window(start, end), None, NOW, str(seed)).at for seed in range(200)]

    assert all(start <= at <= end for at in drawn)
    parts = sorted((at - start) / (end - start) for at in drawn)
    assert all(abs(part - place / 200) < 0.15 for place, part in enumerate(parts)), "evenly spread"
    assert advised(own, window(start, end), None, NOW, "7") == advised(own, window(start, end), None, NOW, "7")
    moved = window(start, end + timedelta(days=1))
    assert advised(own, moved, None, NOW, "7").at != advised(own, window(start, end), None, NOW, "7").at


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(None, USUALLY), (NOW + timedelta(hours=3), timedelta(hours=3)), (NOW, SOONEST), (NOW + timedelta(9), LATEST)],
)
def test_the_next_look_is_the_authoritys_within_reason(
    pem_key: Secret, asked: datetime | None, waits: timedelta
) -> None:
    own = own_reckoning(made(pem_key, 90))

    renewal = advised(own, window(NOW - timedelta(2), NOW - timedelta(1)), asked, NOW, "1")

    assert renewal.is_due(NOW), "a window that has passed means at once"
    assert renewal.ask_again_at == NOW + waits


@pytest.mark.parametrize(
    "told",
    [{}, {"suggestedWindow": "soon"}, {"suggestedWindow": {"start": "x", "end": None}}, window(NOW, NOW)],
)
def test_nonsense_is_no_window(pem_key: Secret, told: dict[str, Any]) -> None:
    own = own_reckoning(made(pem_key, 6))

    renewal = advised(own, told, None, NOW, "1")

    assert (renewal.at, renewal.window, renewal.ask_again_at) == (own.at, None, NOW + USUALLY)


def test_a_real_authority_tells_when_and_learns_what_was_replaced(
    through: AcmeClient, between: Between, solver: DnsSolver, waiting: Waiting, name: str
) -> None:
    url, key = through.begin([name]), new_certificate_key()
    prove(through, url, [solver], waiting, PACE)
    issued = finish(through, url, key, waiting, pace=PACE)

    renewal = through.renewal(issued.chain)
    assert renewal.window is not None
    assert renewal.window[0] <= renewal.at <= renewal.window[1]
    assert abs(renewal.at - (issued.ends - timedelta(days=30))) < timedelta(days=2)
    through.revoke(issued.chain)
    assert through.renewal(issued.chain).is_due(datetime.now(UTC)), "what was revoked is renewed at once"

    second = through.begin([name], replaces=issued.chain)
    assert between.payload("order-plz")["replaces"] == renewal_id(issued.chain)
    prove(through, second, [solver], waiting, PACE)
    finish(through, second, key, waiting, pace=PACE)
    third = through.begin([name], replaces=issued.chain)
    assert "replaces" not in between.payload("order-plz"), "replaced already: ordered all the same"
    assert third != second


def test_an_authority_that_does_not_tell_leaves_the_own_reckoning(
    through: AcmeClient, between: Between, pem_key: Secret
) -> None:
    young = made(pem_key, 90, begins=datetime.now(UTC).replace(microsecond=0))
    between.refuse("renewalInfo", 503, "serverInternal")

    for trouble in ("Pebble reported an internal error.", "Pebble refused: "):  # the second knows no such certificate
        renewal = through.renewal(young)
        assert (renewal.at, renewal.window) == (own_reckoning(young).at, None)
        assert renewal.trouble.startswith(trouble)
        assert renewal.ask_again_at is not None


def test_nobody_is_asked_about_a_certificate_that_has_ended(
    through: AcmeClient, between: Between, pem_key: Secret
) -> None:
    old = made(pem_key, 6, begins=datetime(2020, 1, 1, tzinfo=UTC))

    assert through.renewal(old) == own_reckoning(old)
    assert between.count("renewalInfo") == 0


def test_six_days_are_told_too(
    hard_pebble: Pebble, new_client: NewClient, solver: DnsSolver, waiting: Waiting, name: str
) -> None:
    client = new_client(hard_pebble.authority)
    client.open_account(agrees_to_terms=True, binding=BINDING)
    url = client.begin([name])
    prove(client, url, [solver], waiting, PACE)
    issued = finish(client, url, new_certificate_key(), waiting, pace=PACE)

    renewal = client.renewal(issued.chain)

    assert issued.ends - timedelta(days=3, minutes=1) <= renewal.at <= issued.ends - timedelta(days=1)


def test_profiles_are_asked_for_where_the_authority_has_them(through: AcmeClient, between: Between, name: str) -> None:
    with pytest.raises(Refused, match="no profile shortlived"):
        through.begin([name], profile="shortlived")


def test_a_profile_of_the_directory_goes_into_the_order(between: Between, new_client: NewClient, name: str) -> None:
    between.meta = {"profiles": {"shortlived": "six days"}}
    client = new_client(between.authority)
    client.open_account(agrees_to_terms=True)

    client.begin([name], profile="shortlived")

    assert client.directory().profiles == {"shortlived": "six days"}
    assert between.payload("order-plz")["profile"] == "shortlived"


def test_only_what_was_ordered_is_given_out(pem_key: Secret) -> None:
    good = made(pem_key, 90)
    assert checked(good, pem_key, ["a.test"], NOW, "CA").names == ("a.test",)

    wrong = (
        (good, new_certificate_key(), ["a.test"], NOW),
        (good, pem_key, ["a.test", "b.test"], NOW),
        (good, pem_key, ["a.test"], NOW + timedelta(days=91)),
        (good, pem_key, ["a.test"], NOW - timedelta(days=1)),
        (good + made(new_certificate_key(), 90), pem_key, ["a.test"], NOW),
        ("no certificate", pem_key, ["a.test"], NOW),
    )
    for chain, key, names, now in wrong:
        with pytest.raises(WrongCertificate, match="another certificate"):
            checked(chain, key, names, now, "CA")
