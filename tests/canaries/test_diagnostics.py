"""The archive for whoever is asked for help holds no secret, even where a log line tried to."""

from __future__ import annotations

import logging
from pathlib import Path

from backend.core.log import start_logging, stop_logging
from backend.core.secrets.values import Secret
from backend.store.scope import AGENCY
from backend.upkeep.diagnostics import Diagnostics, DiagnosticsArchive
from tests.canaries.forms import needles
from tests.canaries.searcher import Searcher
from tests.installation import ask, open_installation

TOKEN = "dop_v1_canary_in_the_diagnostics_7be1"


def test_the_archive_holds_the_log_and_not_the_token(tmp_path: Path) -> None:
    installation = open_installation(tmp_path / "data")
    installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    ref = installation.client.keep_secret_now("api_keys", AGENCY, Secret(TOKEN))
    handler = start_logging(installation.folder.logs, name="console")
    logging.getLogger("mailyard.test").warning("The provider said: %s", installation.secrets.read(ref).reveal())
    stop_logging(handler)

    files = ask(installation, Diagnostics(installation.folder))
    archive = ask(installation, DiagnosticsArchive(files, tmp_path / "diagnostics.zip"))
    installation.close()

    searcher = Searcher(needles("token", TOKEN.encode()))
    assert searcher.in_file(archive) == []
    assert "logs/console.log" in archive.read_bytes().decode("latin-1")
    assert Searcher(needles("words", b"The provider said")).in_file(archive) != []
