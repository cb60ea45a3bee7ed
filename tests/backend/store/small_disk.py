"""What the store, the measurements and the secrets do on a disk that fills up and one that turns read-only.

``python -m tests.backend.store.small_disk full|read-only FOLDER``, where FOLDER is a small file system of its own;
answers with JSON. Tests run it inside a mount namespace, so that nothing of it is left when it is killed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.core.errors import MailyardError
from backend.core.log import start_logging, stop_logging
from backend.core.paths import DataFolder
from backend.core.secrets.keys import PassphraseHolder
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret, SecretRef
from backend.fleet.metrics import server_series
from backend.store.database import Store, StoreAddress
from backend.store.integrity import check_integrity
from backend.store.metrics import MetricStore
from backend.store.migrate import migrate
from backend.store.schema.fleet import Workspace
from backend.store.scope import ENGINE_SCOPE
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import row_of

FIRST, SERVER = SecretRef("tokens/first"), server_series(UUID(int=1))
MOST_WRITES = 20_000


def main() -> None:
    what, folder = sys.argv[1], DataFolder(Path(sys.argv[2]) / "data")
    folder.prepare()
    data = Data(folder)
    data.write_first()
    print(json.dumps(on_full_disk(data) if what == "full" else on_read_only(data)))


class Data:
    """One installation's data, as this process sees it."""

    def __init__(self, folder: DataFolder) -> None:
        self.folder = folder
        self.store = Store(StoreAddress.in_folder(folder))
        self.metrics = MetricStore(self.store)
        holder = PassphraseHolder(lambda: Secret("correct horse battery staple"))
        self.secrets = SealedFile(folder.sealed_secrets, holder)
        self.written = self.samples = 0

    def write_first(self) -> None:
        migrate(self.store, self.folder, NOW)
        self.write_row()
        self.write_sample()
        self.secrets.keep(FIRST, Secret("the first secret"))

    def write_row(self) -> None:
        with self.store.write(ENGINE_SCOPE) as session:
            session.add(row_of(Workspace, UUID(int=1000 + self.written), name=f"{self.written:0120}"))
        self.written += 1

    def write_sample(self) -> None:
        self.metrics.add(ENGINE_SCOPE, SERVER, 1_000_000 + self.samples, {"cpu": 1.0})
        self.samples += 1

    def write_secret(self) -> None:
        self.secrets.keep(SecretRef("tokens/second"), Secret("the second secret" * 400))

    def found(self) -> dict[str, Any]:
        """What can be read, beside what was acknowledged."""
        with self.store.read(ENGINE_SCOPE) as session:
            rows = session.scalar(select(func.count()).select_from(Workspace))
        samples = len(self.metrics.raw(ENGINE_SCOPE, SERVER, 0, 2**40).times)
        whole = self.secrets.read(FIRST).reveal() == "the first secret"
        return {"rows": [rows, self.written], "samples": [samples, self.samples], "secret": whole}

    def check(self) -> bool:
        """:raises StoreDamaged: a file is not sound."""
        self.store.close()
        check_integrity(self.folder.app_database)
        check_integrity(self.folder.metrics_database)
        return True


def on_full_disk(data: Data) -> dict[str, Any]:
    ballast = data.folder.root.parent / "ballast"
    fill(ballast)
    deeds = {"row": data.write_row, "sample": data.write_sample, "secret": data.write_secret}
    troubles = {name: trouble_of(deed) for name, deed in deeds.items()}
    during = data.found()
    ballast.unlink()
    for deed in deeds.values():
        deed()
    return {"troubles": troubles, "during": during, "after": data.found(), "sound": data.check()}


def on_read_only(data: Data) -> dict[str, Any]:
    data.store.close()
    subprocess.run(["mount", "-o", "remount,ro", data.folder.root.parent], check=True)
    again = Data(data.folder)
    deeds = {
        "folder": again.folder.prepare,
        "upgrade": lambda: migrate(again.store, again.folder, NOW),
        "row": again.write_row,
        "sample": again.write_sample,
        "secret": again.write_secret,
    }
    troubles = {name: trouble_of(deed) for name, deed in deeds.items()}
    handler = start_logging(data.folder.logs)
    stop_logging(handler)
    whole = again.secrets.read(FIRST).reveal() == "the first secret"
    subprocess.run(["mount", "-o", "remount,rw", data.folder.root.parent], check=True)
    return {"troubles": troubles, "secret": whole, "log": type(handler).__name__, "after": data.found()}


def fill(ballast: Path) -> None:
    """To the last byte."""
    with ballast.open("wb", buffering=0) as file:
        size = 65536
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2


def trouble_of(deed: Callable[[], object]) -> list[str]:
    """The class, title and remedy of what it ends in; the last that was written before is not lost."""
    for _ in range(MOST_WRITES):
        try:
            deed()
        except MailyardError as error:
            return [type(error).__name__, error.title, error.remedy]
    return []


if __name__ == "__main__":
    main()
