"""Whether the packet filter that is loaded is the one that was written: told by what nft lists."""

from __future__ import annotations

from typing import Any, cast

import pytest

from backend.core.errors import SshError
from backend.core.ssh.channel import Finished
from backend.mail.host.hardening import HardeningPlan, harden
from tests.polls import Polls

PLAN = HardeningPlan(open_ports=(25, 80, 443, 993), ssh_port=22, console="192.0.2.10")
LISTED = """table inet mailyard {{
	chain input {{
		type filter hook input priority filter - 5; policy drop;
		ct state established,related accept
		iifname "lo" accept
		udp dport 546 ip6 saddr fe80::/10 accept
		{rule}
	}}
}}
"""


class FilteredHost:
    """A server that takes everything, and lists one filter whatever it was given."""

    def __init__(self, rule: str) -> None:
        self._rule = rule

    def run(self, _command: str, **_more: Any) -> Finished:
        return Finished(0, "".join(f"{name} installed\n" for name in ("nftables", "fail2ban")), "")

    def check(self, command: str, **_more: Any) -> str:
        return LISTED.format(rule=self._rule) if command.startswith("nft list") else ""

    def put(self, _path: str, _content: bytes, *, mode: int) -> None:
        assert mode == 0o644


def test_the_ports_that_were_asked_for_are_proof() -> None:
    harden(cast("Any", FilteredHost("tcp dport { 22, 25, 80, 443, 993 } accept")), PLAN, Polls())


def test_one_port_is_listed_without_braces() -> None:
    harden(cast("Any", FilteredHost("tcp dport 22 accept")), HardeningPlan((22,), 22, "192.0.2.10"), Polls())


@pytest.mark.parametrize(
    "rule",
    [
        "tcp dport { 22, 2525, 80, 443, 993 } accept",
        "tcp dport { 22, 25, 80, 110, 443, 993 } accept",
        "tcp dport { 22, 25, 80, 443, 993 } accept\n\t\ttcp dport 3306 accept",
        "tcp dport { 22, 25, 80, 443, 993 } drop",
        "",
    ],
    ids=["digits of another", "one more", "another rule", "not let in", "none"],
)
def test_a_filter_that_opens_anything_else_is_none(rule: str) -> None:
    with pytest.raises(SshError, match="not the one that Mailyard wrote"):
        harden(cast("Any", FilteredHost(rule)), PLAN, Polls())
