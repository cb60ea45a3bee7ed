"""Runs the front: ``python -m tests.ec2 --state FOLDER``; moto's server starts with it and outlives its kill."""

import sys

from backend.demo.emulator.process import run
from tests.ec2.front import Ec2Front
from tests.ec2.handler import QueryHandler

if __name__ == "__main__":
    sys.exit(run(Ec2Front, handler=QueryHandler))
