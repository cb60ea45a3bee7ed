"""Where the mail of a relayed domain may go on: every form that Mailu's map of transports reads, and no other."""

from __future__ import annotations

import pytest

from backend.core.errors import Refused
from backend.mailu.next_hop import check_hop, host_of, plain_hop

GOOD = (
    ("", "", ""),
    (" MX2.Example.com ", "mx2.example.com", "mx2.example.com"),
    ("mx2.example.com:2525", "mx2.example.com:2525", "mx2.example.com"),
    ("[mx2.example.com]:25", "[mx2.example.com]:25", "mx2.example.com"),
    ("203.0.113.9:25", "203.0.113.9:25", "203.0.113.9"),
    ("[2001:db8::1]:25", "[2001:db8::1]:25", "2001:db8::1"),
    ("MX:bücher.example", "mx:xn--bcher-kva.example", ""),
    ("mx:example.com:26", "mx:example.com:26", ""),
    ("lmtp:dovecot:2525", "lmtp:dovecot:2525", "dovecot"),
)
BAD = (
    *("2001:db8::1", "mx:", "mx:203.0.113.9", "mx:[a.example]", "mx:local", "lmtp:", ":25", "a b", "host:", "1.2.3"),
    *("http://x.example", "host:25:25", "-x.example", "[a.example", f"{'a.' * 40}example", "ho_st"),
)


@pytest.mark.parametrize(("typed", "plain", "host"), GOOD)
def test_a_form_that_mailu_reads_is_taken(typed: str, plain: str, host: str) -> None:
    hop = plain_hop(typed)
    check_hop(hop)
    assert (hop, host_of(hop)) == (plain, host)


@pytest.mark.parametrize("typed", BAD)
def test_what_mailu_would_take_and_never_read_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="cannot be handed on"):
        check_hop(plain_hop(typed))


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(Refused, match=f"{port} is no port"):
        check_hop(f"mx2.example.com:{port}")
