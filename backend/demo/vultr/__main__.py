"""python -m backend.demo.vultr: the emulator as a process."""

import sys

from backend.demo.emulator.process import run
from backend.demo.vultr.api import VultrApi

if __name__ == "__main__":
    sys.exit(run(VultrApi))
