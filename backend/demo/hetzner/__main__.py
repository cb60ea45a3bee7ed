"""python -m backend.demo.hetzner: the emulator as a process."""

import sys

from backend.demo.emulator.process import run
from backend.demo.hetzner.api import HetznerApi
from backend.demo.hetzner.pages import HetznerHandler

if __name__ == "__main__":
    sys.exit(run(HetznerApi, handler=HetznerHandler))
