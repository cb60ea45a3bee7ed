"""What a mail server's host gets beside key logins and updates: a packet filter, a ban of guessers, a lasting journal.

Docker's published ports do not pass the INPUT chain, and a ruleset that begins with ``flush ruleset`` takes its address
translation away (docs.docker.com, "Packet filtering and firewalls"): rules stand in a table of our own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.core.errors import SshError
from backend.core.present.text import _
from backend.core.ssh.packages import Poll, install_packages

if TYPE_CHECKING:
    from backend.core.ssh.session import SshSession

PACKAGES = ("nftables", "fail2ban", "python3-systemd", "curl", "ca-certificates")
RESTART_S = 120.0
FILTER_PATH = "/etc/mailyard/filter.nft"
FILTER_UNIT_PATH = "/etc/systemd/system/mailyard-filter.service"
JAIL_PATH = "/etc/fail2ban/jail.d/mailyard.conf"
JOURNAL_PATH = "/etc/systemd/journald.conf.d/mailyard.conf"
DOCKER_UNIT_PATH = "/etc/systemd/system/docker.service.d/mailyard.conf"

#: ``DOCKER-USER`` is where Docker lets others have a say before its own rules; it is left empty for the operator.
FILTER = """#!/usr/sbin/nft -f
# Written by Mailyard: its own table alone is made anew, never the whole ruleset.
table inet mailyard
delete table inet mailyard
table inet mailyard {
    chain input {
        type filter hook input priority filter - 5; policy drop;
        ct state established,related accept
        ct state invalid drop
        iifname "lo" accept
        iifname "docker0" accept
        iifname "br-*" accept
        meta l4proto { icmp, ipv6-icmp } accept
        udp dport 546 ip6 saddr fe80::/10 accept
        tcp dport { PORTS } accept
    }
}
"""
FILTER_UNIT = """[Unit]
Description=Packet filter of Mailyard
Before=network-pre.target docker.service
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/mailyard/filter.nft
ExecReload=/usr/sbin/nft -f /etc/mailyard/filter.nft
ExecStop=/usr/sbin/nft delete table inet mailyard

[Install]
WantedBy=multi-user.target
"""
#: Debian has no log file of sshd: fail2ban does not start unless it reads the journal.
JAIL = """# Written by Mailyard.
[DEFAULT]
backend = systemd
ignoreip = 127.0.0.1/8 ::1 CONSOLE

[sshd]
enabled = true
port = SSH
"""
#: Two weeks of mail's log: what a trace and a complaint need. Docker's containers write in bursts.
JOURNAL = """# Written by Mailyard.
[Journal]
Storage=persistent
SystemMaxUse=2G
MaxRetentionSec=1month
"""
#: Not by an interval of 0, which systemd hands on for the whole journal alone: a unit with it has the default, and
#: loses what is above 10 000 lines in half a minute (seen with 252).
DOCKER_UNIT = """# Written by Mailyard: no line of mail is dropped.
[Service]
LogRateLimitIntervalSec=30s
LogRateLimitBurst=10000000
"""
#: A limit holds from the unit's next start on.
APPLY_LIMIT = """if systemctl -q is-active docker; then
  [ -L /run/systemd/units/log-rate-limit-burst:docker.service ] || systemctl restart docker
fi"""
#: As nft lists the ports of a rule that lets them in: braces around several, none around one.
OPENED = re.compile(r"^\s*tcp dport \{?([\d, ]+)\}? accept$", re.MULTILINE)
#: It is *active* as soon as it was started, also where its settings then end it.
BANS = "for try in $(seq 30); do fail2ban-client status sshd && exit 0; sleep 1; done; exit 1"


@dataclass(frozen=True)
class HardeningPlan:
    """``open_ports`` stay reachable; ``ssh_port`` is among them whatever else is. ``console`` is where we come from."""

    open_ports: Sequence[int]
    ssh_port: int
    console: str


def harden(ssh: SshSession, plan: HardeningPlan, poll: Poll) -> None:
    """Write, load, and read back; may be repeated.

    :raises SshError: a package or a service does not come up, or the filter is not what it should be.
    """
    _install(ssh, poll)
    ssh.check("mkdir -p /etc/mailyard /etc/systemd/journald.conf.d /etc/systemd/system/docker.service.d")
    ports = ", ".join(map(str, _open_ports(plan)))
    ssh.put(FILTER_PATH, FILTER.replace("PORTS", ports).encode(), mode=0o644)
    ssh.put(FILTER_UNIT_PATH, FILTER_UNIT.encode(), mode=0o644)
    jail = JAIL.replace("CONSOLE", plan.console).replace("SSH", str(plan.ssh_port))
    ssh.put(JAIL_PATH, jail.encode(), mode=0o644)
    ssh.put(JOURNAL_PATH, JOURNAL.encode(), mode=0o644)
    ssh.put(DOCKER_UNIT_PATH, DOCKER_UNIT.encode(), mode=0o644)
    ssh.check("nft -c -f " + FILTER_PATH)
    ssh.check("systemctl daemon-reload && systemctl enable mailyard-filter && systemctl restart mailyard-filter")
    ssh.check("systemctl restart systemd-journald && journalctl --flush")
    ssh.check(APPLY_LIMIT, timeout_s=RESTART_S)
    ssh.check("systemctl enable fail2ban && systemctl restart fail2ban")
    _prove(ssh, plan)


def _open_ports(plan: HardeningPlan) -> Sequence[int]:
    return sorted({plan.ssh_port, *plan.open_ports})


def _install(ssh: SshSession, poll: Poll) -> None:
    """What is missing; a server that has it all asks no package source."""
    wanted = " ".join(PACKAGES)
    told = ssh.run(f"dpkg-query -W -f='${{Package}} ${{db:Status-Status}}\\n' {wanted} 2>/dev/null").stdout
    there = {line.split()[0] for line in told.splitlines() if line.endswith(" installed")}
    missing = [name for name in PACKAGES if name not in there]
    if missing:
        install_packages(ssh, missing, poll)


def _prove(ssh: SshSession, plan: HardeningPlan) -> None:
    """The filter that is loaded opens these ports and no other."""
    told = OPENED.findall(ssh.check("nft list table inet mailyard"))
    if [set(ports.replace(",", " ").split()) for ports in told] != [{str(port) for port in _open_ports(plan)}]:
        raise SshError(
            _("The packet filter of the server is not the one that Mailyard wrote."),
            remedy=_("Look for another program that changes nftables, then retry."),
        )
    ssh.check(f"systemctl is-active mailyard-filter && {{ {BANS}; }}", timeout_s=RESTART_S)
