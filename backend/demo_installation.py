"""The demo: an installation of its own folder, and the emulated clouds that belong to it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from backend.bootstrap import Installation
from backend.choices import Choices
from backend.core.clock import SystemClock
from backend.core.errors import MailyardError, Refused
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.engine.lock import EngineLock

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.core.paths import DataFolder
    from backend.demo.fleet.context import DemoContext


LOOK_S = 0.05


class Demo:
    """The demo: an installation of its own folder, and the emulated clouds that belong to it."""

    def __init__(self, folder: DataFolder) -> None:
        from backend.demo.fleet.fleet import DemoFleet

        self.folder = folder
        self._fleet = DemoFleet(folder)

    def open(self, *, wait_s: float = 0.0, has_lock: Callable[[], None] = lambda: None) -> Installation:
        """Start the clouds, and write the past where there is none. May be repeated after a failure.

        Whoever opens it at the moment is waited for so long; ``has_lock`` is called when nobody else does.

        :raises MailyardError: they do not start, the folder is not a demo's or in use, or cannot be used.
        """
        lock = EngineLock(self.folder.engine_lock)
        end = time.monotonic() + wait_s
        while not lock.take("console", SystemClock().now()):
            if time.monotonic() > end:
                raise Refused(
                    _("The demo is already open or being opened."),
                    remedy=_("Use the other window, or close it and retry."),
                )
            time.sleep(LOOK_S)
        try:
            has_lock()
            return self._open()
        except (OSError, ValueError) as error:
            words = _("The demo could not be opened.")
            raise MailyardError(words, remedy=_("Retry."), detail=f"{type(error).__name__}: {error}") from error
        finally:
            lock.release()

    def open_beside(self, begin_engine: Callable[[], None]) -> Installation:
        """For a window whose engine is another process, which starts the clouds: what is there already is only read.

        The first time, and after an upgrade, the past is written here, and the clouds run until it is. The engine is
        begun meanwhile, and waits for the lock: that it starts takes as long.

        :raises MailyardError: as :meth:`open`.
        """
        if self._fleet.is_written:
            installation = Installation(self.folder, self._choices())
            if installation.is_readable():
                return installation
            installation.close()
        try:
            return self.open(has_lock=begin_engine)
        finally:
            self._fleet.close()

    def _choices(self, references: tuple[tuple[str, int], ...] = ()) -> Choices:
        from backend.demo.fleet.package_key import PACKAGE_KEY
        from backend.mail.host.signing_key import fingerprints

        return Choices(
            endpoint=self._fleet.endpoint,
            references=references,
            docker_key=fingerprints(PACKAGE_KEY)[0],
            ask_passphrase=_demo_passphrase,
            use_keyring=lambda: False,
            takes_real_accounts=False,
            shortest_passphrase=0,
        )

    def _open(self) -> Installation:
        """Under the engine's lock."""
        self._fleet.claim()
        self._fleet.start()
        installation = Installation(self.folder, self._choices(self._fleet.references))
        try:
            installation.prepare_store()
            self._fleet.seed(_demo_context(installation))
        except BaseException:
            installation.close()
            raise
        return installation

    def fill_in(self, installation: Installation) -> None:
        """Write what was observed before today, where it is missing: seconds, for when the first page is there."""
        self._fleet.fill_in(_demo_context(installation))

    def close(self) -> None:
        """After the installation."""
        self._fleet.close()

    def remove(self) -> None:
        """Delete the demo's folder, once it is closed.

        :raises MailyardError: it is still in use, or cannot be deleted.
        """
        from backend.demo.fleet.fleet import remove_demo

        remove_demo(self.folder, EngineLock(self.folder.engine_lock))


def _demo_context(of: Installation) -> DemoContext:
    from backend.demo.fleet.context import DemoContext

    return DemoContext(of.store, of.metrics, of.secrets, of.providers, of.clock)


def _demo_passphrase() -> Secret:
    """No secret: behind it lie keys of emulated servers and tokens of emulated clouds."""
    return Secret("demo")


def run_demo_clouds(folder: str) -> int:
    """The process of a demo's clouds, until its owner closes it; the exit code."""
    from backend.demo.fleet.clouds import main

    return main([folder])
