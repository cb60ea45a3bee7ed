"""python -m backend.demo.linode: the emulator as a process."""

import sys

from backend.demo.emulator.process import run
from backend.demo.linode.api import LinodeApi

if __name__ == "__main__":
    sys.exit(run(LinodeApi))
