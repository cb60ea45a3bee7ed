"""``flask mailu ...``: the commands that the demo's emulator carries out, on main.db."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from backend.demo.mailu.commands import Commands
from tests.lab.standins.admin.database import opened, prepare
from tests.lab.standins.admin.rest import model

READS_INPUT = "config-import"


def run(words: Sequence[str]) -> int:
    """What flask would leave as its exit code: 2 for words it does not know, 1 for what cannot be done."""
    prepare()
    told = sys.stdin.read() if words[:1] == [READS_INPUT] else ""
    with opened() as database:
        ended = Commands(model(database)).run(words, told)
    sys.stdout.write(ended.out)
    sys.stderr.write(ended.err)
    return ended.code
