"""A process with the real engine on the machine's own clock, whose clock a test sets: it says each try of a job that
waits again and again.

``python -m tests.backend.engine.waiting_process FOLDER EVERY_S``; ends when its standard input closes.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from backend.core.clock import SystemClock
from backend.core.paths import DataFolder
from backend.engine.context import StepContext
from backend.engine.engine import Engine
from backend.engine.intents import IntentJournal
from backend.engine.jobs import JobKinds, WaitUntil
from backend.engine.requests import RequestEnvelope, write_request
from backend.store.database import Store, StoreAddress
from backend.store.migrate import migrate
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.engine.bench import AUTHOR, Play, PlayRequest, step
from tests.said import say

PLAY = "waits"


def main() -> None:
    folder, every, clock = DataFolder(Path(sys.argv[1])), timedelta(seconds=float(sys.argv[2])), SystemClock()
    folder.prepare()
    store = Store(StoreAddress.in_folder(folder))
    migrate(store, folder, clock.now())

    def wait(ctx: StepContext[PlayRequest]) -> WaitUntil:
        say(ctx.now().isoformat())
        return WaitUntil(ctx.now() + every, "again")

    kind = Play()
    kind.plays[PLAY] = (step("wait", wait),)
    engine = Engine(store, clock, JobKinds([kind]), journal=IntentJournal(store, clock))
    engine.start()
    say("ready")
    with store.write(ENGINE_SCOPE) as session:
        write_request(session, RequestEnvelope(AGENCY, PlayRequest(PLAY), AUTHOR), clock.now())
    sys.stdin.read()
    engine.close()
    store.close()


if __name__ == "__main__":
    main()
