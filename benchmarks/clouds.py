"""1 000 servers over five accounts, read at once: ``python -m benchmarks.clouds [SERVERS]``.

Each provider is its emulator (EC2: moto behind its front), a process of its own with the service's limits in force, and
each driver keeps its own. An engine syncs all accounts at the same time, as its scheduler does every five minutes;
the clock runs from the request to the last row. Beside it, in the same run: the same lists read by the drivers alone,
one after the other, with no store.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

SERVERS, ROUNDS = 1000, 5


@contextmanager
def clouds(folder: Path, each: int) -> Iterator[list[Any]]:
    """Five emulators with so many servers each."""
    from tests.backend.providers.cases import CASES
    from tests.emulators.process import Emulator

    with ExitStack() as stack:
        made = []
        for case in CASES:
            emulator = Emulator(folder / case.kind, kind=case.kind)
            stack.callback(emulator.close)
            emulator.set("fill", count=each, kind="servers")
            made.append(emulator)
        yield made


def main(servers: int) -> None:
    with tempfile.TemporaryDirectory() as place, clouds(Path(place), servers // 5) as emulators:
        alone = bare(emulators)
        seconds, requests = synced(Path(place) / "data", emulators)
    for kind, count in requests.items():
        print(f"{kind:13} {count:3} requests a sync, {alone[kind]:.2f} s by its driver alone")
    median, worst = statistics.median(seconds), max(seconds)
    print(
        f"{servers} servers over {len(emulators)} accounts: median {median:.2f} s, worst {worst:.2f} s (target < 10 s)"
    )
    print(f"drivers alone, one after the other: {sum(alone.values()):.2f} s; ratio {median / sum(alone.values()):.2f}")


def bare(emulators: list[Any]) -> dict[str, float]:
    """Seconds each driver takes for the list."""
    from backend.core.secrets.values import Secret
    from backend.providers.registry import known_providers

    found = {}
    for emulator in emulators:
        driver = known_providers().open(emulator.kind, Secret(emulator.token), endpoint_url=emulator.url)
        driver.verify()  # the connection is there
        begun = time.monotonic()
        assert driver.machines()
        found[emulator.kind] = time.monotonic() - begun
        driver.close()
    return found


def synced(data: Path, emulators: list[Any]) -> tuple[list[float], dict[str, int]]:
    """Seconds of each round, and the requests of the last one by provider."""
    from backend.fleet.requests import RefreshInventory
    from tests.installation import Driver, open_installation

    installation = open_installation(data)
    assert installation.become_engine("benchmark")
    driver = Driver(installation)
    accounts = [driver.add_account(emulator, emulator.kind) for emulator in emulators]
    seconds, requests = [], {}
    for _round in range(ROUNDS):
        time.sleep(12)  # so that the limits of the calls before are over: syncs are five minutes apart
        before = [len(emulator.log()) for emulator in emulators]
        begun = time.monotonic()
        jobs = [driver.submit(RefreshInventory(account)) for account in accounts]
        for job in jobs:
            assert driver.wait_for(job, seconds=120).state == "succeeded"
        seconds.append(time.monotonic() - begun)
        requests = {each.kind: len(each.log()) - was for each, was in zip(emulators, before, strict=True)}
    print(f"{len(driver.servers())} rows")
    installation.close()
    return seconds, requests


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SERVERS)
