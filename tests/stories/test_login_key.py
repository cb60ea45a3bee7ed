"""The SSH key of a real host is renewed, with a real sshd as the judge of who may come in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from paramiko import AuthenticationException

from backend.servers.requests import RotateLoginKey
from tests.lab.client import Client
from tests.stories.mail_hosts import MailAgency, mail_agency

HOST = "mx5.lab.test"
AUTHORIZED = "/root/.ssh/authorized_keys"
#: What a person wrote there: a comment, and a key that may only come from one address.
OTHERS = '# of a person\nfrom="192.0.2.1" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBk6CQ person@example.net\n'

pytestmark = pytest.mark.lab


@pytest.fixture
def agency(tmp_path: Path, lab: Client) -> Iterator[MailAgency]:
    with mail_agency(tmp_path / "agency", lab) as made:
        yield made


def test_a_new_key_opens_a_real_host_and_the_old_one_no_longer_does(agency: MailAgency) -> None:
    with agency.server(HOST, has_docker=True) as (host, server):
        with host.shell() as shell:
            shell.read(f"cat >> {AUTHORIZED} <<'END'\n{OTHERS}END")
            mode = shell.read(f"stat -c '%a %u' {AUTHORIZED}")

        agency.done(RotateLoginKey(server, overlap_hours=0))

        with agency.access().session(server) as ssh:
            now = ssh.check(f"cat {AUTHORIZED}")
            assert ssh.check(f"stat -c '%a %u' {AUTHORIZED}").strip() == mode
        with pytest.raises(AuthenticationException):
            host.shell()
        assert host.public_key not in now
        assert OTHERS in now
