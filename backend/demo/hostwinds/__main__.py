"""python -m backend.demo.hostwinds: the emulator as a process."""

import sys

from backend.demo.emulator.process import run
from backend.demo.hostwinds.api import HostwindsApi

if __name__ == "__main__":
    sys.exit(run(HostwindsApi))
