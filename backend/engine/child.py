"""The engine of a window as a process of its own: begun where none runs, else adopted, and heard until it ends."""

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from backend.core.errors import MailyardError
from backend.core.present.text import _
from backend.core.private import private
from backend.engine.control import (
    ENDING,
    KEY,
    LANGUAGE,
    LEAVE,
    MOST_BYTES,
    NO,
    RUNNING,
    UNNEEDED,
    YES,
    ControlFile,
    Message,
    hang_up,
)
from backend.engine.threads import start_thread

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from backend.core.secrets.keys import StoreKey
    from backend.engine.lock import Holder, Lock

log = logging.getLogger(__name__)

LOOK_S = 0.05
READY_S = 60.0  # a slow machine may take as long to import what an engine needs
LEAVING_S = 15.0  # another engine of this folder that is closing: a step may take ten seconds to a safe point
EARLY_S = 10.0  # an engine that lived shorter than this met its end in its start
EARLY_DEATHS = 2
JOIN_S = 5.0
AFTER_S = 2.0  # from the end of its connection to the end of a process
MOST_OUTPUT, LAST_WORDS = 200_000, 2_000


class EngineFailed(MailyardError):
    """The engine's process could not be started, or ended again and again as soon as it was."""


class ChildEngine:
    """Owned by a window; its thread begins or adopts the engine and hears it. Any thread may call it.

    ``command`` starts the engine's process; what it writes before it has a log goes to ``output``. ``ask_key`` answers
    the key of the secret store, once a passphrase gave it, ``ask_language`` what the window speaks. ``told`` hears, on
    the thread, that something below changed.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        file: ControlFile,
        *,
        output: Path,
        ask_key: Callable[[], StoreKey | None],
        ask_language: Callable[[], str],
        told: Callable[[], None],
    ) -> None:
        self._command, self._environment = list(command), dict(environment)
        self._file, self._output = file, output
        self._ask_key, self._ask_language, self._told = ask_key, ask_language, told
        self._speaking = threading.Lock()
        self._leaving = threading.Event()
        self._connection: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._began_at, self._said_before, self._early_deaths = 0.0, 0, 0
        self._thread: threading.Thread | None = None
        self.is_starting, self.is_running, self.was_running = False, False, False
        self.trouble: MailyardError | None = None

    @property
    def is_connected(self) -> bool:
        """Whether there is an engine that belongs to this window: begun by it, or adopted."""
        return self._connection is not None

    def start(self, lock: Lock) -> None:
        """Begin the engine's process unless an engine runs; what comes of it is told."""
        if self._leaving.is_set() or (self._thread is not None and self._thread.is_alive()):
            return
        self.is_starting, self.trouble = True, None
        self._thread = start_thread(lambda: self._work(lock), "engine-child")

    def give_key(self, key: StoreKey) -> None:
        """What the passphrase that was typed, or changed, just now opens the secret store by."""
        self._say(KEY, key.text())

    def speak(self, language: str) -> None:
        """The window speaks another language: what the engine writes from now on is in it."""
        self._say(LANGUAGE, language)

    def leave(self, *, keep: bool) -> None:
        """The window closes. Without another window the engine ends in order, unless it shall be kept: that is told
        with it, whatever the person's setting says.
        """
        self._leaving.set()
        self._say(LEAVE, YES if keep else NO)
        if keep or self._connection is None:
            self._let_go()
        process = self._process
        if process is not None and process.poll() is None and not keep and not self.was_running:
            process.terminate()  # it may not have heard of us yet

    def wait_for_end(self, seconds: float) -> bool:
        """After :meth:`leave`: whether the engine has ended, waited for so long; one that was adopted too.

        Another window that comes meanwhile ends the wait: the engine stays for it.
        """
        if self._thread is not None:
            self._thread.join(timeout=seconds)
        self._let_go()
        if self._process is None:
            return not self.is_connected
        try:
            self._process.wait(timeout=AFTER_S)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _let_go(self) -> None:
        """End the connection, if there is one, and the thread."""
        with self._speaking:
            if self._connection is not None:
                hang_up(self._connection)
        if self._thread is not None:
            self._thread.join(timeout=JOIN_S)

    def _work(self, lock: Lock) -> None:
        try:
            while self._follow_one(lock):
                log.info("The engine ended while this window came: another one is begun")
                self.is_starting = True
        except MailyardError as error:
            self.trouble = error
            log.warning("%s %s", error.title, error.detail)
        finally:
            self.is_starting = self.is_running = False
            self._told()

    def _follow_one(self, lock: Lock) -> bool:
        """From its beginning to its end; whether another one is to be begun.

        :raises MailyardError: no engine comes about.
        """
        self._process = None
        connection = self._connected(lock)
        if connection is None:
            return False
        with self._speaking:
            self._connection = connection
        self.speak(self._ask_language())
        if (key := self._ask_key()) is not None:
            self.give_key(key)
        is_again = self._hear(connection)
        with self._speaking:
            self._connection, self.is_running = None, False
            connection.close()
        if self._leaving.is_set():
            return False
        self._judge_end()
        return is_again

    def _connected(self, lock: Lock) -> Connection | None:
        """A connection to an engine that belongs to windows; None where another one works, or the window closes."""
        begun = time.monotonic()
        while not self._leaving.wait(LOOK_S):
            passed = time.monotonic() - begun
            if (connection := self._file.connect()) is not None:
                return connection
            if self._process is not None:
                if self._process.poll() is None and passed > READY_S:
                    _end(self._process)
                if self._process.poll() is not None:
                    raise self._failure()
            elif (holder := _other_engine(lock)) is None:
                self._begin()
                begun = time.monotonic()
            elif self._file.is_ending(holder):
                begun = time.monotonic()  # it is waited for, however long its steps take to a safe point
            elif _stays(holder) or passed > LEAVING_S:
                return None
        return None

    def _begin(self) -> None:
        """:raises EngineFailed: the process cannot be made."""
        try:
            with open(self._output, "ab", opener=private) as output:
                if output.tell() > MOST_OUTPUT:
                    output.truncate(0)
                self._said_before = output.seek(0, 2)
                self._process = subprocess.Popen(
                    self._command,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,  # what a terminal tells the window is not meant for it
                    creationflags=_WINDOWS_FLAGS,
                )
        except OSError as error:
            raise EngineFailed(_("The engine could not be started."), detail=str(error)) from error
        self._began_at = time.monotonic()

    def _hear(self, connection: Connection) -> bool:
        """Until the connection ends; whether another engine is to be begun.

        That is so where it took us for gone, and where one that we found was ending already.
        """
        is_unneeded, has_run = False, False
        with suppress(EOFError, OSError):
            while True:
                message = Message.read(connection.recv_bytes(MOST_BYTES))
                if message is not None and message.kind == RUNNING:
                    self.is_running = message.value == YES
                    has_run |= self.is_running
                    self.was_running |= self.is_running
                    self.is_starting &= not self.is_running
                    self._told()
                elif message is not None and message.kind == ENDING:
                    is_unneeded = message.value == UNNEEDED
        return is_unneeded or (self._process is None and not has_run)

    def _judge_end(self) -> None:
        """:raises EngineFailed: it ended early, not for the first time, or before it ever ran."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=JOIN_S)
        is_early = time.monotonic() - self._began_at < EARLY_S
        self._early_deaths = self._early_deaths + 1 if is_early and self._process.returncode else 0
        if self._process.returncode and (self.is_starting or self._early_deaths >= EARLY_DEATHS):
            raise self._failure()

    def _failure(self) -> EngineFailed:
        words = ""
        with suppress(OSError), self._output.open("rb") as output:
            output.seek(self._said_before)
            words = output.read().decode(errors="replace")[-LAST_WORDS:].strip()
        title = _("The engine could not be started.") if self.is_starting else _("The engine ended again at once.")
        remedy = _("Its log is in {folder}.").format(folder=self._output.parent)
        code = self._process.returncode if self._process is not None else None
        return EngineFailed(title, remedy=remedy, detail=f"{words} ({code})".strip())

    def _say(self, kind: str, value: str) -> None:
        with self._speaking, suppress(OSError):
            if self._connection is not None:
                Message(kind, value).send(self._connection)


def _other_engine(lock: Lock) -> Holder | None:
    """Who holds the lock and is to be heeded: neither a command, which does not stay, nor this window, which prepares
    the folder.
    """
    holder = lock.living_holder()
    if holder is None or holder.role == "command":
        return None
    return holder if _stays(holder) or holder.pid != os.getpid() else None


def _end(process: subprocess.Popen[bytes]) -> None:
    """One that is not there in its time: coming up later it would work for nobody, and hold the lock."""
    process.terminate()
    try:
        process.wait(timeout=LEAVING_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _stays(holder: Holder) -> bool:
    """Whether it is an engine that no window of this folder can have."""
    return holder.is_elsewhere or holder.role == "headless"


#: No console window flashes up, and Ctrl+C in the window's terminal is not for the engine.
_WINDOWS_FLAGS: int = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
