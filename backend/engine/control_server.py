"""The engine's side of the control channel: which windows there are, how they left, what they say."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from backend.core.secrets.keys import StoreKey
from backend.engine.control import (
    END,
    ENDING,
    KEY,
    LANGUAGE,
    LEAVE,
    MOST_BYTES,
    NO,
    RUNNING,
    TOLD,
    YES,
    ControlFile,
    Leave,
    Message,
    hang_up,
    remove_socket,
)
from backend.engine.threads import start_thread

if TYPE_CHECKING:
    from multiprocessing.connection import Connection, Listener

log = logging.getLogger(__name__)

JOIN_S = 5.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0  # where accepting fails at once, as without descriptors, it fails again


class ControlServer:
    """Owner of a thread that takes windows, and of one a window that hears it.

    :meth:`open` first, :meth:`stop` when the engine begins to end, :meth:`close` when it has.

    ``take_key``, ``speak`` (a language) and ``end`` are called on a window's thread.
    """

    def __init__(
        self,
        file: ControlFile,
        *,
        take_key: Callable[[StoreKey], None],
        speak: Callable[[str], None],
        end: Callable[[], None],
    ) -> None:
        self._file = file
        self._take_key, self._speak, self._end = take_key, speak, end
        self._lock = threading.Lock()
        self._windows: list[Connection] = []
        self._left: list[Connection] = []
        self._running = NO
        self._listener: Listener | None = None
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._last_leave: Leave | None = None

    @property
    def windows(self) -> int:
        """How many are there now."""
        with self._lock:
            return len(self._windows)

    @property
    def last_leave(self) -> Leave | None:
        """What the window that went last said of its going; None of one that was killed, or that never came."""
        return self._last_leave

    def open(self) -> None:
        """:raises OSError: no socket can be made here."""
        self._listener = listener = self._file.listen()
        self._thread = start_thread(lambda: self._take(listener), "engine-control")

    def tell_running(self, is_engine: bool) -> None:
        """To the windows that are there and to those that come."""
        with self._lock:
            self._running = YES if is_engine else NO
            for window in self._windows:
                _say(window, RUNNING, self._running)

    def stop(self, why: str) -> None:
        """Take no window any more, and tell those that are there why the engine ends."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self._closed.set()
        if (bell := self._file.connect()) is not None:  # only that ends a wait for the next one
            bell.close()
        self._file.say_ending()
        if self._thread is not None:
            self._thread.join(timeout=JOIN_S)
        remove_socket(listener)
        with self._lock:
            for window in self._windows:
                _say(window, ENDING, why)

    def close(self) -> None:
        """Let all go, those too that closed and wait for this: the engine has ended."""
        self.stop(TOLD)
        self._file.forget()
        with self._lock:
            for window in self._windows:
                hang_up(window)
            self._let_go_of_left()

    def _let_go_of_left(self) -> None:
        for window in self._left:
            window.close()
        self._left.clear()

    def _take(self, listener: Listener) -> None:
        pause_s = 0.0
        while not self._closed.wait(pause_s):
            try:
                window = listener.accept()
            except (OSError, EOFError) as error:
                if not pause_s:
                    log.warning("Windows cannot be taken: %s", type(error).__name__)
                pause_s = min(max(2 * pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)
                continue
            pause_s = 0.0
            if self._closed.is_set():
                window.close()
                return
            with self._lock:
                self._windows.append(window)
                self._let_go_of_left()  # the engine stays for this one: nobody waits for its end
                _say(window, RUNNING, self._running)
            start_thread(partial(self._hear, window), "engine-window")

    def _hear(self, window: Connection) -> None:
        leave: Leave | None = None
        with suppress(EOFError, OSError):
            while leave is None:
                leave = self._heard(Message.read(window.recv_bytes(MOST_BYTES)))
        with self._lock:
            self._windows.remove(window)
            self._last_leave = leave
            if leave is not None and not self._closed.is_set():
                self._left.append(window)  # it hears of our end by the connection's
            else:
                window.close()
        log.info("A window %s", "closed" if leave is not None else "is gone without a word")

    def _heard(self, message: Message | None) -> Leave | None:
        """What this window says of its going, where that is the last thing it has to say."""
        if message is not None and message.kind == KEY:
            if (key := StoreKey.read(message.value)) is not None:
                self._take_key(key)
        elif message is not None and message.kind == LANGUAGE:
            self._speak(message.value)
        elif message is not None and message.kind == END:
            self._end()
        return Leave.read(message.value) if message is not None and message.kind == LEAVE else None


def _say(window: Connection, kind: str, value: str) -> None:
    with suppress(OSError):  # it went; its own thread notices
        Message(kind, value).send(window)
