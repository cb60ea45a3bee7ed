"""Where the engine of a window runs: in a process beside it, or in the window's own where a test wants that."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.bootstrap import Installation
    from backend.core.errors import MailyardError
    from backend.core.paths import DataFolder
    from backend.core.secrets.keys import StoreKey
    from backend.engine.child import ChildEngine
    from backend.engine.lock import Lock

ROLE = "console"
PREPARED_S, LOOK_S = 30.0, 0.1
END_S = 15.0  # a step that runs gets ten seconds to a safe point
OUTPUT = "engine-output.log"


class EngineRunner(Protocol):
    """Begun after the first page is read; its owner closes it after the window. Any thread may ask."""

    @property
    def is_starting(self) -> bool:
        """Whether an engine is on its way: that none is there yet is no trouble."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether the engine that runs is this window's."""
        ...

    @property
    def was_running(self) -> bool:
        """Whether one of this window's has ever run."""
        ...

    @property
    def trouble(self) -> MailyardError | None:
        """Why there is none, where more than its end is known."""
        ...

    def prepare(self, installation: Installation) -> None:
        """Make the database, or bring it up to date, before it is read.

        :raises StoreError: that is not possible.
        """
        ...

    def start(self, installation: Installation) -> None:
        """Begin the engine where none runs.

        :raises MailyardError: that is not possible.
        """
        ...

    def start_first(self, folder: DataFolder) -> None:
        """Begin the engine of a demo while this process still prepares the folder: it waits for that."""
        ...

    def give_key(self, key: StoreKey) -> None:
        """The key that opens the secret store, once a passphrase gave it."""
        ...

    def speak(self, language: str) -> None:
        """Which language the window speaks from now on."""
        ...

    def close(self, *, keep: bool) -> None:
        """The window is gone: its engine ends, unless it shall be kept. Returns before it has ended."""
        ...

    def wait_for_end(self) -> None:
        """Until the engine's process that was begun here has ended, within its time."""
        ...


class EngineHere:
    """The engine in the window's process, as a test that looks into both wants it."""

    is_starting, trouble = False, None

    def __init__(self) -> None:
        self._installation: Installation | None = None

    @property
    def is_running(self) -> bool:
        return self._installation is not None and self._installation.engine is not None

    @property
    def was_running(self) -> bool:
        return False  # it dies with us

    def prepare(self, installation: Installation) -> None:
        if not installation.is_readable():
            self.start(installation)

    def start(self, installation: Installation) -> None:
        self._installation = installation
        if installation.engine is None:
            installation.become_engine(ROLE)

    def start_first(self, folder: DataFolder) -> None:
        """A demo's is never here."""

    def give_key(self, key: StoreKey) -> None:
        """It has the same store."""

    def speak(self, language: str) -> None:
        """A process has one language."""

    def close(self, *, keep: bool) -> None:
        """The installation's close ends it."""

    def wait_for_end(self) -> None:
        """It has ended with the installation."""


class EngineBeside:
    """The engine as a process of its own: ``mailyard engine run``, of which the window is a client.

    ``told`` is called on another thread when what can be asked of it has changed.
    """

    def __init__(
        self, folder: DataFolder, database_url: str | None, *, is_demo: bool, told: Callable[[], None]
    ) -> None:
        self._folder, self._database_url, self._is_demo, self._told = folder, database_url, is_demo, told
        self._child: ChildEngine | None = None
        self._key: StoreKey | None = None
        self._language = "en"

    @property
    def is_starting(self) -> bool:
        return self._child is None or self._child.is_starting

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.is_running

    @property
    def was_running(self) -> bool:
        return self._child is not None and self._child.was_running

    @property
    def trouble(self) -> MailyardError | None:
        return self._child.trouble if self._child is not None else None

    def prepare(self, installation: Installation) -> None:
        """By this process: what keeps a database from being made or upgraded is said in the window."""
        end = time.monotonic() + PREPARED_S
        while not installation.is_readable():
            if installation.prepare_alone(ROLE):
                return
            if time.monotonic() > end:
                return  # the engine beside has another version; what is read says so
            time.sleep(LOOK_S)

    def start(self, installation: Installation) -> None:
        self._start(installation.lock)

    def start_first(self, folder: DataFolder) -> None:
        from backend.engine.lock import EngineLock

        self._start(EngineLock(folder.engine_lock))

    def _start(self, lock: Lock) -> None:
        if self._child is None:
            self._child = self._made()
        self._child.start(lock)

    def give_key(self, key: StoreKey) -> None:
        self._key = key
        if self._child is not None:
            self._child.give_key(key)

    def speak(self, language: str) -> None:
        self._language = language
        if self._child is not None:
            self._child.speak(language)

    def close(self, *, keep: bool) -> None:
        if self._child is not None:
            self._child.leave(keep=keep)

    def wait_for_end(self) -> None:
        if self._child is not None:
            self._child.wait_for_end(END_S)

    def _made(self) -> ChildEngine:
        from backend.engine.child import ChildEngine
        from backend.engine.control import ControlFile

        return ChildEngine(
            engine_command(self._folder, is_demo=self._is_demo),
            engine_environment(self._database_url),
            ControlFile.of(self._folder.root, self._database_url),
            output=self._folder.logs / OUTPUT,
            ask_key=lambda: self._key,
            ask_language=lambda: self._language,
            told=self._told,
        )


def engine_command(folder: DataFolder, *, is_demo: bool) -> list[str]:
    """How this program is started once more, as a window's engine. Others can read these words."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "app"]
    words = ["--data-dir", str(folder.root), "engine", "run", "--for-window"]
    return [*program, *words, *(["--for-demo"] if is_demo else [])]


def engine_environment(database_url: str | None) -> dict[str, str]:
    """The window's own, and the database: its address may hold a password, which is not for the arguments."""
    environment = {name: value for name, value in os.environ.items() if name != "MAILYARD_DATABASE_URL"}
    return environment | ({"MAILYARD_DATABASE_URL": database_url} if database_url else {})
