"""Trouble on request that a test must be able to see, and to end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.emulators.process import Emulator
from tests.installation import until


def test_a_slow_call_stands_in_the_log_at_once_and_goes_on_when_the_faults_are_cleared(emulator: Emulator) -> None:
    emulator.fault("slow", "GET", "/v2/account", seconds=3_600)

    with emulator.client() as client, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.get, "/v2/account")
        until(emulator.log, "the call to come")
        assert [(each["status"], each["fault"]) for each in emulator.log()] == [(0, "slow")]
        assert not asked.done()
        emulator.heal()

        assert asked.result(60).status_code == 200
    assert [each["status"] for each in emulator.log()] == [0, 200]
