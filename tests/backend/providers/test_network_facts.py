"""Where a provider has no reserved addresses or no firewalls every call says why, as the matrix has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.core.errors import Refused
from backend.core.present.text import PSEUDO, _, activate
from backend.providers.capabilities import clouds
from backend.providers.network import MAIL, Firewalls, NoFirewalls, NoReservedAddresses, ReservedAddresses

#: One that can do neither.
KIND = "hostwinds"
ADDRESSES: ReservedAddresses = NoReservedAddresses(KIND)
FIREWALLS: Firewalls = NoFirewalls(KIND)

Refusing = Callable[[], object]
REFUSALS: dict[str, dict[str, Refusing]] = {
    "reserved_address": {
        "reserve": lambda: ADDRESSES.reserve("1", "mailyard-1"),
        "assign": lambda: ADDRESSES.assign("1", "2"),
        "unassign": lambda: ADDRESSES.unassign("1"),
        "release": lambda: ADDRESSES.release("1"),
    },
    "firewall": {
        "make": lambda: FIREWALLS.make("1", "mailyard-1", MAIL),
        "set_rules": lambda: FIREWALLS.set_rules("1", MAIL),
        "attach": lambda: FIREWALLS.attach("1", "2"),
        "detach": lambda: FIREWALLS.detach("1", "2"),
        "delete": lambda: FIREWALLS.delete("1"),
    },
}
CALLS = [pytest.param(row, call, id=f"{row}-{name}") for row, calls in REFUSALS.items() for name, call in calls.items()]


@pytest.fixture(params=["en", PSEUDO])
def language(request: pytest.FixtureRequest, pseudo: None) -> str:
    """The one spoken; ``pseudo`` goes back to English afterwards."""
    activate(request.param)
    return str(request.param)


@pytest.mark.parametrize(("row", "call"), CALLS)
def test_every_call_is_refused_with_the_reason_of_the_matrix(language: str, row: str, call: Refusing) -> None:
    cloud = clouds()[KIND]

    with pytest.raises(Refused) as refused:
        call()

    note = cloud.cells[row].note
    told = _("{provider} cannot do this: {reason}").format(provider=cloud.name, reason=_(note))
    assert refused.value.title == told
    assert (note in refused.value.title) == (language == "en")
    assert refused.value.remedy == _("See Settings > Providers for the features of each provider.")


@pytest.mark.parametrize(
    ("row", "protocol", "listing"), [("reserved_address", ReservedAddresses, "all"), ("firewall", Firewalls, "all")]
)
def test_no_method_of_the_contract_is_left_out(row: str, protocol: type[Any], listing: str) -> None:
    methods = {name for name, value in vars(protocol).items() if callable(value) and not name.startswith("_")}

    assert methods == {*REFUSALS[row], listing}


@pytest.mark.parametrize("row", REFUSALS)
def test_the_matrix_agrees_that_it_cannot(row: str) -> None:
    assert clouds()[KIND].cells[row].can == "no"


def test_what_there_is_not_is_listed_as_nothing() -> None:
    assert [*ADDRESSES.all(), *FIREWALLS.all()] == []
