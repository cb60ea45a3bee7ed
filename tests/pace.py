"""Which tests ``make check`` leaves out: those that start more than themselves are marked ``slow``."""

from __future__ import annotations

import pytest

#: A console, the command line as a process, an engine, an emulator in a process of its own, a database cluster.
SLOW_FIXTURES = frozenset(
    {"new_console", "fleet", "engine", "new_emulator", "prisms", "drift_emulators", "postgres_cluster"}
    | {"new_store", "new_campaign", "new_installation", "new_commands", "world", "cloud"}
)
#: Its probes are due by the second of a real clock; emulators, and services that play Amazon's part.
SLOW_FILES = ("tests/backend/engine/test_probe_scheduler.py", "tests/backend/demo/", "tests/backend/providers/test_ec2")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before pytest looks at ``-m``. A server of PostgreSQL is often asked for by a parameter."""
    for item in items:
        uses_slow = SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if uses_slow or item.nodeid.startswith(SLOW_FILES) or "postgres]" in item.nodeid:
            item.add_marker(pytest.mark.slow)
