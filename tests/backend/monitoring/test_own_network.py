"""The check of our own network: what a busy store or a missing name service does to it, and how often it is written."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from backend.bootstrap import Installation
from backend.monitoring import names
from backend.monitoring.names import ProviderNames
from backend.monitoring.network import AGE_WRITTEN, EVERY_S, WatchOwnNetwork
from backend.monitoring.queries import BELIEVED
from backend.monitoring.reach import OwnNetwork
from backend.store.schema.fleet import Account
from backend.store.schema.observations import Check
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.monitoring.watched import BusyOnce
from tests.clocks import SetClock
from tests.installation import open_installation


def _network(installation: Installation, *, is_up: bool = True, host: str = "api.somecloud.invalid") -> WatchOwnNetwork:
    class Known(OwnNetwork):
        async def look(self) -> bool:
            return is_up

    return WatchOwnNetwork(
        installation.store, Known(), ProviderNames(installation.store, lambda _kind: host), installation.clock
    )


def _verdict(installation: Installation) -> tuple[str, str]:
    with installation.store.read(ENGINE_SCOPE) as session:
        row = session.query(Check).filter(Check.check_key == "own_network").one()
        return row.verdict, row.why


def test_a_busy_store_is_no_bug_of_the_check_of_our_network(installation: Installation) -> None:
    probe = _network(installation, host="localhost")
    busy: Any = BusyOnce(installation.store)
    probe._store = busy

    asyncio.run(probe.observe(AGENCY))
    busy.is_busy = False
    asyncio.run(probe.observe(AGENCY))

    assert _verdict(installation) == ("ok", "")


def test_a_network_without_names_does_not_read_as_well(tmp_path: Path) -> None:
    made = open_installation(tmp_path)
    assert made.lock.take("test", made.clock.now())
    made.prepare_store()
    asyncio.run(_network(made).observe(AGENCY))
    assert _verdict(made) == ("ok", "")  # no provider, no name

    _add_account(made, None)
    asyncio.run(_network(made).observe(AGENCY))
    assert _verdict(made) == ("warning", "names cannot be resolved")

    asyncio.run(_network(made, is_up=False).observe(AGENCY))
    assert _verdict(made)[0] == "inconclusive"

    _add_account(made, "http://localhost:8080/v2")
    _add_account(made, "https://[::1]:8080")
    asyncio.run(_network(made, host="127.0.0.1").observe(AGENCY))
    assert _verdict(made) == ("ok", "")  # addresses need no names
    made.close()


def test_a_name_service_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = open_installation(tmp_path)
    assert made.lock.take("test", made.clock.now())
    made.prepare_store()
    _add_account(made, None)
    gate = threading.Event()
    monkeypatch.setattr(names, "LIMIT_S", 0.2)
    monkeypatch.setattr(names, "_resolves", lambda _name: gate.wait(60))

    asyncio.run(_network(made).observe(AGENCY))
    gate.set()

    assert _verdict(made)[0] == "warning"
    made.close()


def _add_account(installation: Installation, endpoint_url: str | None) -> None:
    common = {"provider": "vultr", "secret_ref": "none", "state": "verified", "created_at": installation.clock.now()}
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add(Account(tenant_id=AGENCY, id=uuid4(), name=uuid4().hex, endpoint_url=endpoint_url, **common))


def test_the_verdict_on_our_network_is_written_when_it_differs_or_grows_old(installation: Installation) -> None:
    clock = SetClock()
    commits: list[object] = []
    end = installation.store.feed.subscribe(commits.append)

    def observe(*, is_up: bool = True) -> int:
        probe = _network(installation, is_up=is_up, host="localhost")
        probe._clock = clock
        before = len(commits)
        asyncio.run(probe.observe(AGENCY))
        return len(commits) - before

    observe(is_up=False)
    assert [observe(), observe()] == [1, 0]
    clock.move(seconds=AGE_WRITTEN.total_seconds() - 10)
    assert observe() == 0
    clock.move(seconds=20)
    assert [observe(), observe()] == [1, 0]
    assert [observe(is_up=False), observe(is_up=False), observe()] == [1, 0, 1]
    clock.move(seconds=-3600)  # a clock set back makes no verdict old
    assert observe() == 1
    end()
    assert AGE_WRITTEN.total_seconds() + 2 * EVERY_S < BELIEVED.total_seconds()
