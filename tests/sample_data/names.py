"""Every name that others may choose, or that a provider answers with, put into the test fleet."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from backend.bootstrap import Installation
from backend.store.schema.fleet import Account, Orphan, OrphanScan, Server, ServerEvent, Snapshot, Workspace
from backend.store.schema.operations import Job, JobLog, JobStep
from backend.store.scope import ENGINE_SCOPE
from tests.sample_data.orphans import add_orphans
from tests.sample_data.snapshots import add_snapshot

FIELDS = (
    (Server, ("name", "region", "plan", "image", "health_note")),
    (ServerEvent, ("text",)),
    (Account, ("name", "note", "holder")),
    (Workspace, ("name",)),
    (Snapshot, ("name",)),
    (Orphan, ("name", "region", "plan")),
    (OrphanScan, ("trouble",)),
    (Job, ("about", "author", "cause", "remedy")),
    (JobStep, ("note",)),
    (JobLog, ("text",)),
)


def rename_everything(installation: Installation, renamed: Callable[[str], str]) -> None:
    """Write ``renamed(text)`` for each of them, orphans and a snapshot among them."""
    add_orphans(installation)
    add_snapshot(installation, 0)
    with installation.store.write(ENGINE_SCOPE) as session:
        for kind, fields in FIELDS:
            for row in session.scalars(select(kind)):
                for field in fields:
                    setattr(row, field, renamed(getattr(row, field)))
