"""python -m backend.demo.digitalocean: the emulator as a process."""

import sys

from backend.demo.digitalocean.api import DigitalOceanApi
from backend.demo.emulator.process import run

if __name__ == "__main__":
    sys.exit(run(DigitalOceanApi))
