"""The mail servers of others that port 25 is tried with: chosen by a person, checked, and asked from then on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.bootstrap import Installation
from backend.core.errors import Refused
from backend.mail.outside import OUTSIDE, ChosenOutside, OutsideRow, OutsideServers, set_outside
from backend.mail.requests import SetOutside
from backend.store.scope import ENGINE_SCOPE
from tests.backend.mail.world import mail_server
from tests.installation import ask, open_installation
from tests.sample_data.servers import add_fleet, server_id

CHOSEN = ("mx.one.example", "mx.two.example")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = open_installation(tmp_path_factory.mktemp("outside"))
    yield made
    made.close()


@pytest.fixture
def installation(shared: Installation) -> Installation:
    chosen(shared)
    return shared


def chosen(installation: Installation, *names: str) -> None:
    with installation.store.write(ENGINE_SCOPE) as session:
        set_outside(session, SetOutside(names), installation.clock.now())


def test_those_of_the_program_are_asked_while_nobody_chose_others(installation: Installation) -> None:
    asked = OutsideServers(installation.store, OUTSIDE)
    assert (tuple(asked()), ask(installation, ChosenOutside())) == (OUTSIDE, OutsideRow(OUTSIDE, is_default=True))

    chosen(installation, " MX.one.Example. ", CHOSEN[1], CHOSEN[0])
    assert (tuple(asked()), ask(installation, ChosenOutside())) == (CHOSEN, OutsideRow(CHOSEN, is_default=False))

    chosen(installation)
    assert (tuple(asked()), ask(installation, ChosenOutside()).is_default) == (OUTSIDE, True)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("mx",), "not a full domain name"),
        (("mx.one.example", "two words.example"), "not a full domain name"),
        (("192.0.2.1",), "not a full domain name"),
        (("mx.one.example;reboot",), "not a full domain name"),
        (tuple(f"mx{n}.one.example" for n in range(6)), "At most 5"),
    ],
)
def test_what_is_no_name_of_a_host_is_refused_and_nothing_is_lost(
    installation: Installation, names: tuple[str, ...], words: str
) -> None:
    chosen(installation, *CHOSEN)

    with pytest.raises(Refused, match=words):
        chosen(installation, *names)

    assert ask(installation, ChosenOutside()).names == CHOSEN


def test_a_server_of_ones_own_says_nothing_of_the_outside(installation: Installation) -> None:
    add_fleet(installation, 2, samples=1)
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add(mail_server(server_id(0), host_name="mail.ours.example"))

    with pytest.raises(Refused, match="mail server of your own"):
        chosen(installation, "mail.ours.example")
