"""A process with the real scheduler on the machine's own clock, whose clock a test sets: it says each request it makes.

``python -m tests.backend.engine.scheduler_process FOLDER EVERY_S LOOK_S``; ends when its standard input closes.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from backend.core.clock import SystemClock
from backend.core.paths import DataFolder
from backend.engine.scheduler import Scheduler, upsert_schedule
from backend.store.database import Store, StoreAddress
from backend.store.migrate import migrate
from backend.store.schema.operations import Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.said import say


def main() -> None:
    root, every_s, look_s = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    folder, clock = DataFolder(root), SystemClock()
    folder.prepare()
    store = Store(StoreAddress.in_folder(folder))
    migrate(store, folder, clock.now())
    with store.write(ENGINE_SCOPE) as session:
        first = clock.now() + timedelta(seconds=every_s)
        keys = {"tenant_id": AGENCY, "id": uuid4(), "kind": "x", "subject": "", "payload": {}}
        upsert_schedule(session, Schedule(**keys, every_s=every_s, grace_s=10 * every_s, next_at=first, enabled=True))
    scheduler = Scheduler(store, clock, wake=lambda: say(clock.now().isoformat()), look_every_s=look_s)
    scheduler.start()
    say("ready")
    sys.stdin.read()
    scheduler.close()
    store.close()


if __name__ == "__main__":
    main()
