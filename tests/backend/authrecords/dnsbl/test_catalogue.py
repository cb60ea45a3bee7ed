"""The blocklists that are known: each can be read, none is twice, none is a list of those that are trusted."""

from __future__ import annotations

import json
from ipaddress import ip_address

import pytest

from backend.authrecords.dnsbl.catalogue import known_lists
from backend.authrecords.dnsbl.listing import LOOPBACK
from tests.requirements import SHARED

NOT_TAKEN = ("ip-white", "ip+score", "email-hash")  # no listing in them is a fault, or it cannot be asked by name


def test_each_list_is_there_once_with_codes_that_a_list_can_answer() -> None:
    lists = known_lists()

    assert len({each.zone for each in lists}) == len(lists)
    for each in lists:
        assert each.codes, each.zone
        assert set(each.harmless) <= set(each.codes), each.zone
        for code in (*each.codes, *each.refusals):
            assert each.is_bitmask or ip_address(code.partition("-")[0]) in LOOPBACK, (each.zone, code)


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
def test_every_list_that_was_compiled_is_known() -> None:
    compiled = json.loads((SHARED / "data/dnsbl/dnsbl.json").read_text())

    wanted = [each for each in compiled["lists"] if each["kind"] not in NOT_TAKEN]
    assert [each.zone for each in known_lists()] == [each["zone"] for each in wanted]
    for known, told in zip(known_lists(), wanted, strict=True):
        assert (known.of == "domains", known.takes_ipv6, known.is_bitmask) == (
            told["kind"] == "domain",
            told["ipv6"],
            told["bitmask"],
        )
        assert set(known.refusals) == set(told.get("error_codes") or {}), known.zone
