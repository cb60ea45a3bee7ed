"""checkdmarc beside us on DMARC records, by RFC 9989: where its verdict is not ours, docs/evaluators.md says why.

Texts without report addresses alone: of these it would look up mail servers, and keep what it found.
"""

from __future__ import annotations

from checkdmarc import dmarc

from backend.authrecords.dmarc.record import check_dmarc
from tests.requirements import ROOT

ALIKE = (
    "v=DMARC1; p=reject",
    "v=DMARC1; sp=reject; p=reject",
    "v=DMARC1; p=none; pct=101",
    "v=DMARC1; p=none; rf=iodef",
    "v=DMARC1; p=none; np=bogus",
    "v=DMARC1; p=none; t=x",
    "v=DMARC1; p=reject; psd=x",
    "v=DMARC1; P=None; ADKIM=S",
    "V = DMARC1 ;\tp\t=\tnone ;\t",
    "v=dmarc1; p=none",
    "v=DMARC1 p=none",
    "v=DMARC1; p=none;; sp=none",
    "v=DMARC1; p=none; sp",
    "v=DMARC1; p=none; v=DMARC1",
    "v=DMARC1; p=none; colour=red",
    "v=DMARC1; p=bogus",
)
DIFFERENT = {"whitespace at the beginning": " v=DMARC1; p=none", "neither policy nor rua": "v=DMARC1"}


def peer_takes(text: str) -> bool:
    try:
        dmarc.parse_dmarc_record(text, "example.com")
    except dmarc.DMARCError:
        return False
    return True


def test_another_implementation_judges_as_we_do() -> None:
    texts = (*ALIKE, *DIFFERENT.values())

    differing = [text for text in texts if peer_takes(text) != check_dmarc(text, "9989").valid]

    assert differing == list(DIFFERENT.values())


def test_each_difference_is_explained() -> None:
    page = (ROOT / "docs/evaluators.md").read_text()

    assert [name for name in DIFFERENT if f"| DMARC: {name} |" not in page] == []
