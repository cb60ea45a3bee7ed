"""What opens behind the first frame: folder, log, the installation, and of a demo its first past."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from app import imports

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.shell.session.engine_runner import EngineRunner
    from app.shell.session.passphrase import PassphraseBox
    from backend.bootstrap import Installation
    from backend.choices import Choices
    from backend.core.paths import DataFolder
    from backend.core.secrets.keys import StoreKey
    from backend.demo_installation import Demo
    from backend.workspaces.queries import WorkspaceRow

log = logging.getLogger(__name__)


class Opening:
    """Owned by the console; :meth:`open` runs on the opening thread, again after a failure."""

    def __init__(self, folder: DataFolder, choices: Choices | None, database_url: str | None, *, is_demo: bool) -> None:
        self.folder = folder
        self._choices, self._database_url, self._is_demo = choices, database_url, is_demo
        self._log: logging.Handler | None = None
        self.demo: Demo | None = None
        self.was_open_to_others = False
        self.workspaces: tuple[WorkspaceRow, ...] = ()

    def prepare_folder(self) -> None:
        """Whoever comes first, nothing is written before the folder is its owner's alone.

        :raises StoreError: it cannot be used.
        """
        self.was_open_to_others |= self.folder.prepare()

    def open(self, engine: EngineRunner, passphrase: PassphraseBox, told: Callable[[], None]) -> Installation:
        """Heavy imports, then the store; making or upgrading a database takes longer.

        ``told`` hears that the secret store opened, on any thread.

        :raises MailyardError: it cannot be opened.
        """
        from backend.bootstrap import Installation
        from backend.core.log import start_logging
        from backend.store.query import Source
        from backend.workspaces.queries import Workspaces

        self.prepare_folder()
        if self._log is None:
            self._log = start_logging(self.folder.logs, name="console")
            log.info("The console started")
            if self.was_open_to_others:
                log.warning("The data folder stood open to other users")
        chosen = self._chosen(engine, passphrase, told)
        installation = self._open_demo(engine) if self._is_demo else Installation(self.folder, chosen)
        try:
            engine.prepare(installation)
        except BaseException:
            installation.close()
            raise
        imports.import_without_qt(imports.WITHOUT_QT)
        if installation.is_readable():
            source = Source(installation.store, installation.metrics, installation.clock.now())
            self.workspaces = Workspaces().run(source)
        return installation

    def close(self) -> None:
        """The log, when everything else is closed."""
        if self._log is not None:
            from backend.core.log import stop_logging

            stop_logging(self._log)
            self._log = None

    def _chosen(self, engine: EngineRunner, passphrase: PassphraseBox, told: Callable[[], None]) -> Choices:
        """What a person types is kept until the store is open: from then on its key is, and the engine has it too."""
        from backend.choices import Choices

        def found(key: StoreKey) -> None:
            passphrase.drop()
            engine.give_key(key)
            told()

        chosen = self._choices or Choices(database_url=self._database_url, ask_passphrase=passphrase.get)
        return replace(chosen, key_found=found)

    def _open_demo(self, engine: EngineRunner) -> Installation:
        """The first time it writes what lies before today's first look; a try after a failure goes on with it."""
        from backend.demo_installation import Demo

        self.demo = self.demo or Demo(self.folder)
        return self.demo.open_beside(lambda: engine.start_first(self.folder))
