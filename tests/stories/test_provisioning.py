"""From an account to a server that proved itself: real cloud-init, real sshd, a provider that keeps state."""

from __future__ import annotations

import pytest

from backend.fleet.servers import ServerAccess
from tests.emulators.process import Emulator
from tests.installation import Driver

pytestmark = pytest.mark.lab


def test_a_server_is_made_proved_and_handed_over(driver: Driver, emulator_with_machines: Emulator) -> None:
    account = driver.add_account(emulator_with_machines)

    job = driver.wait_for(driver.order(account), seconds=120)

    assert job.state == "succeeded", (job.cause, driver.described(job.id))
    (server,) = driver.servers()
    assert (server.life, server.power, server.health) == ("active", "on", "ok")
    access = ServerAccess(driver.installation.store, driver.installation.secrets, driver.installation.choices.endpoint)
    with access.session(server.id) as ssh:
        assert ssh.check("hostname -f").strip() == "mx1.example.net"
        assert "permitrootlogin without-password" in ssh.check("sshd -T")
    counters = emulator_with_machines.counters()
    assert counters["keys"] == []
    assert counters["doubles"] == 0
    assert len(counters["servers"]) == 1
