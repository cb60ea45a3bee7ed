"""Where labs keep things on this machine. A lab's name is in all of them, so that a dead one's can be found."""

from __future__ import annotations

from pathlib import Path

PREFIX = "mailyard-lab-"
#: One folder a lab: its control socket, its log, its daemon's pid, and the lock it holds while it lives.
STATE = Path("/run/mailyard-labs")
#: One folder a lab: disk templates and snapshots.
IMAGES = Path("/var/tmp")
#: Hidden under a mount of each lab's own.
RUN = STATE / ".run"
