"""Files of tests are shared out so that one which ends its worker is counted once, and what it left is still run.

xdist's own ``loadfile`` hands the test that ended a worker to the next one, which ends in the same way, up to a limit
that ends the run; and files that were done already, with which a worker waits for ever (xdist 3.8, ``remove_node``).
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController


class SharedOut(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Whole files to each worker."""

    def remove_node(self, node: WorkerController) -> str | None:
        """The test that was under way, if the worker ended with one; what is left of its files waits for another."""
        files = self.assigned_work.get(node, {})
        under_way = next((test for tests in files.values() for test, is_done in tests.items() if not is_done), None)
        for name, tests in list(files.items()):
            if under_way in tests:
                tests[under_way] = True
            if all(tests.values()):
                del files[name]
        super().remove_node(node)
        return under_way


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharedOut | None:
    """For ``--dist loadfile``; every other way is xdist's."""
    return SharedOut(config, log) if config.getvalue("dist") == "loadfile" else None
