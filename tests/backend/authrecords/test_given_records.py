"""Single records that other implementations test themselves with, judged as they judge them or as the RFC says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from backend.authrecords.kinds import CHECKS
from tests.requirements import SHARED, shared

CASES = ("data", "authrecords", "parse_cases.json")
KINDS = {
    "dkim_key": "DKIM",
    "mtasts_record": "MTA-STS",
    "mtasts_policy": "MTA-STS-POLICY",
    "tlsrpt": "TLS-RPT",
    "bimi": "BIMI",
    "caa": "CAA",
}
#: What the RFC decides otherwise than the case.
BY_THE_RFC = {
    # RFC 8461 3.2 lets any name be that of an extension, and unknown fields "SHALL be ignored". The case is of a
    # checkdmarc that took none; that of today ignores them, and mtasts_policy-002 of mox has one in a valid policy.
    "mtasts_policy-036": True,
}


def cases() -> Iterator[dict[str, Any]]:
    """Those of the kinds here; none where there is no file of them."""
    path = SHARED.joinpath(*CASES)
    found = json.loads(path.read_text())["cases"] if path.exists() else []
    return (case for case in found if case["kind"] in KINDS)


def text_of(case: dict[str, Any]) -> str:
    """The record; of CAA as a zone file writes its three parts."""
    given = case["input"]
    return given if isinstance(given, str) else '{} {} "{}"'.format(*given)


def test_the_given_records_are_there() -> None:
    shared(*CASES)

    assert {case["kind"] for case in cases()} == set(KINDS)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in cases()])
def test_a_given_record(case: dict[str, Any]) -> None:
    kind = KINDS[case["kind"]]

    verdict = CHECKS[kind](text_of(case))

    assert verdict.kind == kind
    assert verdict.valid == BY_THE_RFC.get(case["id"], case["expect"] != "invalid"), verdict.problems
    if case["expect"] == "revoked":
        assert any(problem.severity == "warning" and "revoked" in problem.text for problem in verdict.problems)
