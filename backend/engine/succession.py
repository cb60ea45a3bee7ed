"""Who follows the engine: a process that stands by becomes it, and one that lost the lock tries to be it again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from backend.core.errors import StoreError
from backend.engine.beat import Beat

if TYPE_CHECKING:
    from backend.engine.engine import Engine

log = logging.getLogger(__name__)

AGAIN_S = 4.0  # a holder's end is followed well within fifteen seconds, and the lock asked for a few times a minute
AT_REST_S = 3600.0


class Succession:
    """One thread that asks for the engine's place until it has it, and sleeps while it does. Owned by the installation.

    ``give_up`` hands over an engine that has no lock any more, to be ended here; ``become`` says whether this process
    is the engine now.
    """

    def __init__(self, *, give_up: Callable[[], Engine | None], become: Callable[[], bool]) -> None:
        self._give_up = give_up
        self._become = become
        self._leaving: Engine | None = None
        self._is_silent = False
        self._beat = Beat(self._turn, name="engine-succession", after_bug_s=AGAIN_S)

    def start(self) -> None:
        self._beat.start()

    def wake(self) -> None:
        """The lock was lost."""
        self._beat.wake()

    def close(self) -> None:
        """Wait for a turn under way: nobody becomes the engine afterwards."""
        self._beat.close()

    def _step_down(self) -> bool:
        """Whether no step runs that an engine of ours began: nobody may run it a second time beside it."""
        engine = self._give_up()
        if engine is not None:
            self._leaving = engine
            engine.halt()
            engine.close()
        return self._leaving is None or self._leaving.is_idle

    def _turn(self) -> float:
        if not self._step_down():
            return AGAIN_S
        try:
            is_engine = self._become()
        except StoreError as error:
            if not self._is_silent:
                log.warning("Becoming the engine waits: %s", error.title)
            self._is_silent = True
            return AGAIN_S
        self._is_silent = False
        return AT_REST_S if is_engine else AGAIN_S
