"""checkdmarc beside us: where its verdict on a text is not ours, docs/evaluators.md says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from checkdmarc import bimi, mta_sts, smtp_tls_reporting

from backend.authrecords.kinds import CHECKS
from tests.backend.authrecords.test_bimi_and_caa import LOGOS
from tests.backend.authrecords.test_transport import POLICIES, RECORDS, REPORTS
from tests.requirements import ROOT

Peer = tuple[Callable[[str], Any], type[Exception]]

PEERS: dict[str, Peer] = {
    "MTA-STS": (mta_sts.parse_mta_sts_record, mta_sts.MTASTSError),
    "MTA-STS-POLICY": (mta_sts.parse_mta_sts_policy, mta_sts.MTASTSError),
    "TLS-RPT": (smtp_tls_reporting.parse_smtp_tls_reporting_record, smtp_tls_reporting.SMTPTLSReportingError),
    "BIMI": (bimi.parse_bimi_record, bimi.BIMIError),
}
TABLES = {"MTA-STS": RECORDS, "MTA-STS-POLICY": POLICIES, "TLS-RPT": REPORTS, "BIMI": LOGOS}
#: Where one of us takes a text and the other does not.
DIFFERENCES = {
    ("MTA-STS", "whitespace at the beginning"),
    ("MTA-STS", "an id with a line break"),
    ("MTA-STS", "two ids"),
    ("MTA-STS", "the version twice"),
    ("MTA-STS", "strings of a zone file"),
    ("MTA-STS-POLICY", "the version twice"),
    ("MTA-STS-POLICY", "a domain of 260"),
    ("TLS-RPT", "fields of mailto"),
    ("TLS-RPT", "a port that is none"),
    ("BIMI", "no logo"),
    ("BIMI", "a picture of pixels"),
    ("BIMI", "strings of a zone file"),
}


@pytest.fixture(autouse=True)
def no_web(monkeypatch: pytest.MonkeyPatch) -> None:
    """checkdmarc would fetch what a BIMI record names, and judges the text all the same where nobody answers."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise requests.ConnectionError("nobody answers")

    monkeypatch.setattr(requests.Session, "get", refuse)


def peer_takes(kind: str, text: str) -> bool:
    parse, error = PEERS[kind]
    try:
        parse(text)
    except error:
        return False
    return True


@pytest.mark.parametrize("kind", PEERS)
def test_another_implementation_judges_as_we_do(kind: str) -> None:
    table = TABLES[kind].items()

    differing = {name for name, (text, _said) in table if peer_takes(kind, text) != CHECKS[kind](text).valid}

    assert differing == {name for each, name in DIFFERENCES if each == kind}


def test_each_difference_is_explained() -> None:
    page = (ROOT / "docs/evaluators.md").read_text()

    assert [f"{kind}: {name}" for kind, name in sorted(DIFFERENCES) if f"{kind}: {name} " not in page] == []
