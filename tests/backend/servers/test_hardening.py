"""The first hardening of a server, on a real sshd that takes its time to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.core.ssh.session import SshSession
from backend.servers.provision.hardening import close_password_logins
from tests.backend.ssh.hosts import host, login
from tests.lab.client import Client
from tests.lab.hosts import LabHost

pytestmark = pytest.mark.lab

#: It starts itself anew after a reload, too, and for each connection with -R.
SLOW_SSHD = """#!/bin/bash
case " $* " in *" -R "*) ;; *) sleep 3 ;; esac
exec -a "$0" /usr/sbin/sshd "$@"
"""
IN_PLACE = "[Service]\nExecStart=\nExecStart=/opt/slow-sshd -D\n"


@pytest.fixture(scope="module")
def mx(lab: Client) -> Iterator[LabHost]:
    with host(lab, "hardening") as made:
        with SshSession(login(made)) as ssh:
            ssh.put("/opt/slow-sshd", SLOW_SSHD.encode(), mode=0o755)
            ssh.check("mkdir -p /etc/systemd/system/ssh.service.d")
            ssh.put("/etc/systemd/system/ssh.service.d/slow.conf", IN_PLACE.encode())
            ssh.check("systemctl daemon-reload && systemctl restart ssh")
        yield made


def test_the_next_login_is_taken_as_soon_as_passwords_are_not(mx: LabHost) -> None:
    with SshSession(login(mx)) as ssh:
        close_password_logins(ssh)

        with SshSession(login(mx)) as next_one:
            assert next_one.check("echo alive") == "alive\n"
        assert ssh.check("echo alive") == "alive\n"
