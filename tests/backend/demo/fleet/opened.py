"""A demo as tests open it, with its clouds and its hosts; its engine runs only where a test wants it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from backend.bootstrap import Installation
from backend.core.paths import DataFolder
from backend.demo_installation import Demo
from backend.servers.queries import ServerRow, Servers
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.installation import Driver, ask


class Opened:
    """A demo, opened; opened again after :meth:`close` it is the same one."""

    def __init__(self, root: Path) -> None:
        self.folder = DataFolder(root)
        self.folder.prepare()
        self.open()

    def open(self) -> None:
        self.demo = Demo(self.folder)
        self.installation: Installation = self.demo.open()
        self.driver = Driver(self.installation)

    def close(self) -> None:
        self.installation.close()
        self.demo.close()

    def servers(self) -> dict[str, ServerRow]:
        return {row.name: row for row in ask(self.installation, Servers(Scope.of(AGENCY)))}

    def job(self, about: str, kind: str) -> Job | None:
        """The newest one since the demo began."""
        asked = select(Job).where(Job.about == about, Job.kind == kind, Job.lane != "past")
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return session.scalars(asked.order_by(Job.requested_at.desc())).first()


@contextmanager
def opened_demo(folder: Path, *, has_engine: bool = False) -> Iterator[Opened]:
    """A new one in this folder, while the block lasts."""
    made = Opened(folder / "mailyard-demo")
    try:
        if has_engine:
            assert made.installation.become_engine("test")
        yield made
    finally:
        made.close()
