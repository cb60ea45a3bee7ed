"""Which interfaces of a server of the newer kind stand behind a firewall."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from backend.core.errors import BadResponse, ProviderRefused
from backend.core.secrets.values import Secret
from backend.providers.linode import firewalls
from backend.providers.linode.driver import Linode
from tests.backend.providers.recorded import answering

FIREWALLS = "/v4/networking/firewalls"


@pytest.mark.parametrize("shape", ["interfaces", "data"])
def test_interfaces_to_vlans_stand_behind_no_firewall(shape: str) -> None:
    kinds = {"public": None, "vpc": None, "vlan": None}
    told = [{"id": 1, **kinds, "public": {"ipv4": {}}}, {"id": 2, **kinds, "vlan": {"vlan_label": "a"}}]
    told += [{"id": 3, **kinds, "vpc": {"subnet_id": 7}}, {"id": 4, "rdma_vpc": {"subnet_id": 7}}, {"id": 5}]

    assert firewalls.interfaces({shape: told}) == [1, 3, 5]


@pytest.mark.parametrize("raw", [None, {}, {"interfaces": None}, {"interfaces": [{"id": "eth0"}]}, {"interfaces": [7]}])
def test_interfaces_that_cannot_be_read_are_said_to_be_so(raw: Any) -> None:
    with pytest.raises(BadResponse):
        firewalls.interfaces(raw)


def test_a_server_without_an_interface_to_protect_gets_no_firewall() -> None:
    path = "/v4/linode/instances/7"
    answers = {
        f"{FIREWALLS}/9/devices": (200, {"data": [], "page": 1, "pages": 1, "results": 0}),
        path: (200, {"id": 7, "interface_generation": "linode"}),
        f"{path}/interfaces": (200, {"interfaces": [{"id": 2, "vlan": {"vlan_label": "a"}}]}),
    }
    with (
        answering(answers) as url,
        closing(Linode(Secret("token"), endpoint_url=url)) as driver,
        pytest.raises(ProviderRefused, match="no interface"),
    ):
        driver.firewalls.attach("9", "7")
