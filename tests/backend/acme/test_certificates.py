"""A certificate from nothing, of a real authority: by records, by a file, for names of which some fail."""

from __future__ import annotations

import pytest
from cryptography import x509

from backend.acme.client import AcmeClient
from backend.acme.finishing import finish
from backend.acme.keys import KeyKind, new_account_key, new_certificate_key
from backend.acme.problems import NO_WAY, NOT_PREPARED, NOT_SHOWN, NamesRefused
from backend.acme.proving import Pace, Proving, prove
from backend.core.errors import Cancelled, Refused
from tests.backend.acme.conftest import PACE, NewClient
from tests.backend.acme.pebble import Pebble
from tests.backend.acme.world import Dns, DnsSolver, Front, FrontSolver, Waiting

NOT_AT_ALL = Pace(every_s=0.02, shown_s=0.0, decided_s=60.0)


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_name_and_its_wildcard_by_records(
    client: AcmeClient, solver: DnsSolver, dns: Dns, waiting: Waiting, name: str, kind: KeyKind
) -> None:
    key, solver.slow_looks = new_certificate_key(kind), 3
    names = [f"{kind}-{name}", f"*.{kind}-{name}"]

    url = client.begin(names)
    assert client.resume(url).state == "pending"
    proving = prove(client, url, [solver], waiting, PACE)
    issued = finish(client, url, key, waiting, pace=PACE)

    assert proving == Proving(tuple(sorted(names)), {})
    assert issued.names == tuple(sorted(names))
    assert (issued.ends - issued.begins).days in (89, 90)
    assert issued.chain.count("BEGIN CERTIFICATE") == 2
    assert dns.texts == {f"_acme-challenge.{kind}-{name}": []}
    assert solver.looks > 4


def test_a_file_behind_a_front_that_redirects_to_an_expired_pair(
    client: AcmeClient, front: Front, front_solver: FrontSolver, waiting: Waiting, name: str
) -> None:
    url = client.begin([f"front.{name}"])
    prove(client, url, [front_solver], waiting, PACE)

    assert finish(client, url, new_certificate_key(), waiting, pace=PACE).names == (f"front.{name}",)
    assert {each.split()[0] for each in front.asked} == {"http", "https"}
    assert front.files == {}


def test_an_alias_of_the_challenge_is_followed_by_who_writes(
    client: AcmeClient, solver: DnsSolver, dns: Dns, waiting: Waiting, name: str
) -> None:
    dns.aliases[f"_acme-challenge.{name}"] = f"{name}.proofs.test"

    url = client.begin([name])

    assert prove(client, url, [solver], waiting, PACE).failed == {}
    assert list(dns.texts) == [f"{name}.proofs.test"]


def test_a_name_that_fails_takes_no_other_with_it(
    client: AcmeClient, solver: DnsSolver, dns: Dns, waiting: Waiting, name: str
) -> None:
    blind, unseen, foreign = f"blind.{name}", f"unseen.{name}", f"foreign.{name}"
    dns.hidden.add(f"_acme-challenge.{blind}")
    solver.never, solver.impossible = {unseen}, {foreign: "Its zone is not ours."}

    url = client.begin([name, blind, unseen, foreign])
    proving = prove(client, url, [solver], waiting, NOT_AT_ALL)

    assert proving.proved == (name,)
    assert {each: problem.kind for each, problem in proving.failed.items()} == {
        blind: "unauthorized",
        unseen: NOT_SHOWN,
        foreign: NOT_PREPARED,
    }
    assert "Error retrieving TXT records" in proving.failed[blind].told
    assert proving.failed[blind].words.startswith("The authority did not find the proof that the name is ours.")
    assert client.resume(url).state == "invalid"

    solver.looks = 0
    again = client.begin(proving.proved)
    assert prove(client, again, [solver], waiting, PACE).failed == {}
    assert solver.looks == 0, "what was proved stays proved"
    assert finish(client, again, new_certificate_key(), waiting, pace=PACE).names == (name,)


def test_what_is_never_issued_is_named_and_nothing_was_ordered(client: AcmeClient, name: str) -> None:
    with pytest.raises(NamesRefused) as refused:
        client.begin([name, "mail.blocked.test"])

    assert set(refused.value.failed) == {"mail.blocked.test"}
    assert "never issues" in refused.value.failed["mail.blocked.test"].words
    assert client.unfinished_order([name]) is None


def test_a_name_that_nobody_can_prove_is_named(
    client: AcmeClient, front_solver: FrontSolver, waiting: Waiting, name: str
) -> None:
    proving = prove(client, client.begin([f"*.front.{name}"]), [front_solver], waiting, PACE)

    assert {each: problem.kind for each, problem in proving.failed.items()} == {f"*.front.{name}": NO_WAY}


def test_cancelled_between_two_looks_it_takes_its_proofs_away(
    client: AcmeClient, solver: DnsSolver, dns: Dns, waiting: Waiting, name: str
) -> None:
    solver.never, solver.on_look = {name}, waiting.cancel.set

    with pytest.raises(Cancelled):
        prove(client, client.begin([name]), [solver], waiting, PACE)

    assert dns.texts[f"_acme-challenge.{name}"] == []


def test_a_proof_that_stays_is_told_and_ends_nothing(
    client: AcmeClient, solver: DnsSolver, waiting: Waiting, name: str
) -> None:
    solver.is_stuck = True

    proving = prove(client, client.begin([name]), [solver], waiting, PACE)

    assert (proving.proved, proving.left) == ((name,), "The DNS host reported an internal error.")


def test_the_chain_leads_to_the_root_that_is_preferred(
    pebble: Pebble, client: AcmeClient, solver: DnsSolver, waiting: Waiting, name: str
) -> None:
    roots = [_common_name(pebble.told(f"/roots/{each}").content) for each in range(2)]
    url = client.begin([name])
    prove(client, url, [solver], waiting, PACE)
    key = new_certificate_key()

    ends = [_common_name_of_top(finish(client, url, key, waiting, root=each, pace=PACE).chain) for each in roots]

    assert ends == roots
    assert len(set(roots)) == 2
    usual = finish(client, url, key, waiting, root="Nobody's root", pace=PACE)
    assert _common_name_of_top(usual.chain) == roots[0]


def test_revoked_by_the_account_or_by_its_own_key_and_twice_is_once(
    pebble: Pebble, client: AcmeClient, solver: DnsSolver, waiting: Waiting, name: str
) -> None:
    url, key = client.begin([name]), new_certificate_key()
    prove(client, url, [solver], waiting, PACE)
    issued = finish(client, url, key, waiting, pace=PACE)

    client.revoke(issued.chain, "superseded")
    client.revoke(issued.chain, "key_compromise", key=key)

    state = pebble.told(f"/cert-status-by-serial/{issued.serial}").json()
    assert (state["Status"], state["Reason"]) == ("Revoked", 4)


def test_an_order_is_finished_once_its_names_are_proved(client: AcmeClient, waiting: Waiting, name: str) -> None:
    with pytest.raises(Refused, match="Not all names"):
        finish(client, client.begin([name]), new_certificate_key(), waiting, pace=PACE)


def test_names_are_plain_and_few_enough(client: AcmeClient, name: str) -> None:
    for bad in ([], ["-a.test"], ["a..test"], ["192.0.2.1"], ["mail"], ["a.*.test"], ["a_b.test"]):
        with pytest.raises(Refused):
            client.begin(bad)
    with pytest.raises(Refused, match="certificate: 101,"):
        client.begin([f"{each}.{name}" for each in range(101)])
    assert client.resume(client.begin([f"Bücher.{name}.", f"xn--bcher-kva.{name}"])).names == (f"xn--bcher-kva.{name}",)


def test_another_account_sees_no_order_of_this_one(
    pebble: Pebble, client: AcmeClient, new_client: NewClient, name: str
) -> None:
    other = new_client(pebble.authority, new_account_key())
    other.open_account(agrees_to_terms=True)
    client.begin([name])

    assert other.unfinished_order([name]) is None


def _common_name(pem: bytes) -> str:
    return str(x509.load_pem_x509_certificate(pem).subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def _common_name_of_top(chain: str) -> str:
    top = x509.load_pem_x509_certificates(chain.encode())[-1]
    return str(top.issuer.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)
