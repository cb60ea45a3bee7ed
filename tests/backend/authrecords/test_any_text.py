"""Any text gets a verdict, in time that grows with its length: never a fault, never the same problem twice."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli.output import plain
from backend.authrecords.kinds import CHECKS
from backend.authrecords.txt import MOST_BYTES

#: What records are made of, so that more than their first character is looked at.
PIECES = st.sampled_from(
    [
        *(
            "v=",
            "DKIM1",
            "STSv1",
            "TLSRPTv1",
            "BIMI1",
            "spf1",
            "DMARC1",
            "p=",
            "k=",
            "ed25519",
            "h=",
            "t=",
            "s=",
            "id=",
            "rua=",
        ),
        *(
            "l=",
            "a=",
            "lps=",
            "version:",
            "mode:",
            "enforce",
            "max_age:",
            "mx:",
            "*.",
            "0 ",
            "128 ",
            "issue ",
            "iodef ",
        ),
        *(
            "mailto:",
            "https://",
            "[::1",
            "]",
            "@",
            "%",
            "!",
            ",",
            ":",
            "=",
            ";",
            '"',
            "\\",
            "\\999",
            " ",
            "\t",
            "\r\n",
            "\n",
        ),
        *("a.example", "MIIB", "AAAA", "1", "-", "+", "\ud800", "\x00", "é", "İ", "ſ", "²", "١", "{", "{0}"),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))
#: Of each a text as long as a record can be.
LONG = {
    "letters": "a",
    "semicolons": ";",
    "spaces": " ",
    "colons": "a:",
    "tags": "a=b;",
    "quotes": '"a"',
    "escapes": '"\\',
    "commas": "mailto:a@b.c,",
    "dots": "a.",
    "hyphens": "-",
    "digits": "1",
    "lines": "mx: a\n",
    "base64": "AAAA",
    "signs": "%{i}",
}


def beginnings(kind: str) -> tuple[str, ...]:
    """What lets a long text be read beyond its beginning."""
    known = {
        "SPF": ("v=spf1 ", "v=spf1 a:"),
        "DKIM": ("v=DKIM1; p=", "v=DKIM1; h=", "v=DKIM1; p=MIIB; "),
        "DMARC": ("v=DMARC1; ", "v=DMARC1; p=none; rua="),
        "MTA-STS": ("v=STSv1; ", "v=STSv1; id="),
        "MTA-STS-POLICY": ("version: STSv1\n", "mx: "),
        "TLS-RPT": ("v=TLSRPTv1; rua=", "v=TLSRPTv1; rua=https://", "v=TLSRPTv1; rua=mailto:"),
        "BIMI": ("v=BIMI1; l=https://a.example/", "v=BIMI1; lps=", "v=BIMI1; "),
        "CAA": ('0 issue "', "0 contactphone +", "0 iodef https://", "0 issue a; validationmethods="),
    }
    return ("", *known[kind])


@pytest.mark.parametrize("kind", CHECKS)
@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_any_text_gets_a_verdict(kind: str, text: str) -> None:
    verdict = CHECKS[kind](text)

    assert verdict.kind == kind
    assert verdict.valid == all(problem.severity != "error" for problem in verdict.problems)
    assert len(set(verdict.problems)) == len(verdict.problems)
    assert all(problem.text and problem.rule for problem in verdict.problems)
    assert json.loads(json.dumps(plain(verdict)))["kind"] == kind


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", CHECKS)
def test_a_long_text_gets_its_verdict_in_time(kind: str) -> None:
    """Expressions that went back and forth over 65 535 characters would take hours, not the limit of this test."""
    for beginning in beginnings(kind):
        for each in LONG.values():
            text = (beginning + each * MOST_BYTES)[: MOST_BYTES - 1]
            for end in "!", '"':
                assert CHECKS[kind](text + end).kind == kind


OF_A_ZONE_FILE = {
    "SPF": '"v=spf1 " "-all"',
    "DKIM": '"v=DKIM1\\; " "p="',
    "DMARC": '"v=DMARC1\\; " "p=reject"',
    "MTA-STS": '"v=STSv1; "\t"id=1"',
    "TLS-RPT": '"v=TLSRPTv1; rua=mailto:" "a@example.com"',
    "BIMI": '"v=BIMI1; l=\\059" " a="',
}


@pytest.mark.parametrize(("kind", "text"), OF_A_ZONE_FILE.items())
def test_strings_of_a_zone_file_are_joined(kind: str, text: str) -> None:
    assert CHECKS[kind](text).valid


@pytest.mark.parametrize("kind", CHECKS)
def test_random_bytes_get_a_verdict(kind: str) -> None:
    source = random.Random(15)
    for length in range(0, 400, 4):
        data = source.randbytes(length)
        assert CHECKS[kind](data.decode("latin-1")).kind == kind
        assert CHECKS[kind](data.decode(errors="surrogateescape")).kind == kind
