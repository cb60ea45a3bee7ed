"""The first contact by password: bound to the marks the provider tells, once, and found again after a kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from backend.bootstrap import Installation
from backend.core.errors import LoginRefused, SshError
from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair
from backend.core.ssh.session import Login, UnpinnedSession
from backend.engine.jobs import Done
from backend.fleet.servers import ServerAccess
from backend.providers.ports import MachineIdentity
from backend.servers.provision import first_login as module
from backend.servers.provision.first_boot import NONCE_PATH
from backend.servers.provision.first_login import FirstLogin
from backend.servers.provision.naming import login_ref, nonce_ref
from backend.servers.provision.results import KeysMade, LoggedIn, ServerCreated
from backend.servers.provision.verification import IdentityVerification
from backend.servers.repository import ServerRepository
from backend.servers.requests import ProvisionServer
from tests.backend.servers.steps import step_context
from tests.installation import open_installation
from tests.lab.hosts import LabHost

pytestmark = pytest.mark.lab
NAME, PASSWORD, MAC = "mx1.example.net", "CANARY-root-password", "fa:16:3e:00:00:2a"
OPEN = {"/etc/ssh/sshd_config.d/10-provider.conf": "PermitRootLogin yes\nPasswordAuthentication yes\n"}


@dataclass
class Cloud:
    """A provider that tells address, password and marks of one machine, and counts how often it was asked."""

    address: str
    identity: MachineIdentity
    asked: int = 0

    def enter(self, _machine_id: str, meet: Callable[[str, Secret, MachineIdentity], str]) -> str:
        self.asked += 1
        return meet(self.address, Secret(PASSWORD), self.identity)


@dataclass
class Meeting:
    """A job at the step of its first login."""

    installation: Installation
    host: LabHost
    cloud: Cloud
    request: ProvisionServer
    public: str

    def go(self) -> Done:
        installation = self.installation
        servers = ServerAccess(installation.store, installation.secrets, installation.choices.endpoint)
        verification = IdentityVerification(
            servers, installation.secrets, ServerRepository(installation.store), installation.metrics
        )
        accounts: Any = SimpleNamespace(provider=lambda _account: self.cloud)
        ctx = step_context(
            installation, self.request, {"create": ServerCreated("7"), "keys": KeysMade(self.public, "")}
        )
        done = FirstLogin(accounts, servers, installation.secrets, verification).log_in(ctx)
        assert isinstance(done, Done)
        return done

    def password_opens(self) -> bool:
        login = Login(self.host.ip, 22, "root", Secret(""), ())
        try:
            with UnpinnedSession(login, Secret(PASSWORD)):
                return True
        except LoginRefused:
            return False


@pytest.fixture
def meeting(tmp_path: Path, lab_host: Callable[..., LabHost], monkeypatch: pytest.MonkeyPatch) -> Iterator[Meeting]:
    monkeypatch.setattr(module, "SSH_LIMIT_S", 20.0)
    users = [{"name": "root", "password": PASSWORD, "type": "text"}]
    config = {"chpasswd": {"expire": False, "users": users}}
    host = lab_host("mx1", cloud_config=config, mac=MAC, files=OPEN)
    installation = open_installation(tmp_path / "data")
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    request = ProvisionServer(uuid4().hex, NAME, uuid4(), region="", plan="", image="")
    pair, server = new_key_pair(), request.server_id
    installation.secrets.keep(login_ref(server), pair.private)
    installation.secrets.keep(nonce_ref(server), Secret("the machine's identity"))
    cloud = Cloud(host.ip, MachineIdentity(MAC.upper(), "", (host.ip,)))
    yield Meeting(installation, host, cloud, request, pair.public)
    installation.close()


def test_a_machine_with_the_right_marks_is_entered_once_and_its_password_ends(meeting: Meeting) -> None:
    done = meeting.go()

    assert done.result == LoggedIn(host_key=" ".join(meeting.host.host_key.split()[:2]))
    assert PASSWORD not in done.note
    assert not meeting.password_opens()
    with meeting.host.shell() as shell:
        assert shell.read("hostname -f") == NAME
        assert shell.read(f"stat -c %a {NONCE_PATH}; cat {NONCE_PATH}").split("\n", 1) == [
            "600",
            "the machine's identity",
        ]
        assert shell.read("passwd -S root").split()[1] == "L"
        assert meeting.public in shell.read("cat /root/.ssh/authorized_keys")


def test_after_a_kill_the_same_machine_is_found_by_our_key_and_nonce(meeting: Meeting) -> None:
    first, asked = meeting.go(), meeting.cloud.asked

    again = meeting.go()

    assert (again.result, meeting.cloud.asked) == (first.result, asked + 1)
    with meeting.host.shell() as shell:
        assert shell.read("grep -c mailyard$ /root/.ssh/authorized_keys") == "1"


def test_another_machine_that_takes_our_key_but_not_the_nonce_is_refused(meeting: Meeting) -> None:
    meeting.go()
    meeting.installation.secrets.keep(nonce_ref(meeting.request.server_id), Secret("of another machine"))

    with pytest.raises(SshError, match="does not have the file Mailyard left on it"):
        meeting.go()


@pytest.mark.parametrize("mac", ["fa:16:3e:00:00:2b", "", "16:3e:00:00:2a"])
def test_a_machine_without_the_providers_mac_address_is_not_touched(meeting: Meeting, mac: str) -> None:
    meeting.cloud.identity = replace(meeting.cloud.identity, mac=mac)

    with pytest.raises(SshError, match="not the one described by the provider") as refused:
        meeting.go()

    assert "Roll the job back" in refused.value.remedy
    assert PASSWORD not in refused.value.sentence() + refused.value.detail
    assert meeting.password_opens()
    with meeting.host.shell() as shell:
        assert shell.run(f"test -e {NONCE_PATH}").code == 1
