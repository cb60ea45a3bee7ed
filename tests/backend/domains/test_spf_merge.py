"""Terms of ours in an SPF record of others."""

from __future__ import annotations

import pytest

from backend.domains.spf import SpfConflict, merged_spf

OURS = ("a:mx1.agency.example",)


@pytest.mark.parametrize(
    ("records", "more", "merged"),
    [
        ([], "", "v=spf1 OURS -all"),
        (["v=spf1 -all"], "", "v=spf1 OURS -all"),
        (["v=spf1"], "", "v=spf1 OURS"),
        (["v=spf1 include:shop.example ~all"], "", "v=spf1 include:shop.example OURS ~all"),
        (["v=spf1 +A:MX1.agency.example ~all"], "", "v=spf1 +A:MX1.agency.example ~all"),
        (["v=spf1 mx redirect=other.example"], "", "v=spf1 mx OURS redirect=other.example"),
        (["v=spf1 mx -ip4:192.0.2.0/24 ?all"], "", "v=spf1 mx OURS -ip4:192.0.2.0/24 ?all"),
        (["v=spf1 mx exp=why.example -all"], "", "v=spf1 mx OURS exp=why.example -all"),
        (["v=spf1 exists:%{i}.list.example -all"], "", "v=spf1 exists:%{i}.list.example OURS -all"),
        (["v=spf1 mx -all"], "include:relay.example", "v=spf1 mx OURS include:relay.example -all"),
        (["v=spf1 mx -all", "v=spf1 include:s.example ~all"], "", "v=spf1 mx include:s.example OURS ~all"),
        (["v=spf1 mx a:mx1.agency.example -all", "v=spf1 mx ?all"], "", "v=spf1 mx OURS ?all"),
    ],
)
def test_what_is_there_stays_and_ours_counts(records: list[str], more: str, merged: str) -> None:
    wanted, whole = (*OURS, *more.split()), merged.replace("OURS", OURS[0])

    assert merged_spf(records, wanted) == whole
    assert merged_spf([whole], wanted) == whole


@pytest.mark.parametrize(
    ("records", "why"),
    [
        (["v=spf1 -a:mx1.agency.example ?all"], "it refuses this server"),
        (["v=spf1 ip4:1.2.3 -all"], "is not valid"),
        (["v=spf1 redirect=one.example", "v=spf1 redirect=two.example"], "would no longer be valid"),
        ([f"v=spf1 {' '.join(f'include:s{n}.example' for n in range(10))} -all"], "would no longer be valid"),
    ],
)
def test_what_cannot_be_joined_is_said(records: list[str], why: str) -> None:
    with pytest.raises(SpfConflict, match=why):
        merged_spf(records, OURS)
