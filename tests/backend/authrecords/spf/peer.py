"""pyspf, asked the same questions: an SPF of other hands (https://github.com/sdgathman/pyspf)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dns.message
import dns.rdatatype
import pytest
import spf

from backend.core.resolver import to_name
from tests.backend.authrecords.name_server import Answers, Zone, text_of
from tests.backend.authrecords.spf.suite import NO_EXPLANATION, Case


def peers_answer(case: Case, zone: Zone, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Result and explanation of pyspf, as strict as RFC 7208; it reads the zone without a network between."""
    answers = Answers(zone)

    def look_up(name: str, kind: str, _strict: bool = True, _timeout: float = 0) -> Iterator[tuple[Any, Any]]:
        wire = answers.answer(dns.message.make_query(to_name(name), kind).to_wire(), 65_535)
        if wire is None:
            raise spf.TempError("DNS timeout")
        response = dns.message.from_wire(wire)
        if response.rcode() not in (0, 3):
            raise spf.TempError("DNS failure")
        for rrset in response.answer:
            for record in rrset:
                yield (text_of(rrset.name), dns.rdatatype.to_text(rrset.rdtype)), _value(record)

    monkeypatch.setattr(spf, "DNSLookup", look_up)
    query = spf.query(i=case.ip, s=case.mail_from, h=case.helo, strict=True)
    query.set_default_explanation(NO_EXPLANATION)
    result, _code, explanation = query.check()
    return result, explanation


def _value(record: Any) -> Any:
    """In the form that pyspf reads."""
    if record.rdtype == dns.rdatatype.TXT:
        return record.strings
    if record.rdtype == dns.rdatatype.MX:
        return record.preference, record.exchange.to_text(omit_final_dot=True)
    if record.rdtype in (dns.rdatatype.PTR, dns.rdatatype.CNAME):
        return record.target.to_text(omit_final_dot=True)
    return record.address
