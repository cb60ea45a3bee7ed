"""Runs the front: ``python -m tests.route53 --state FOLDER``; moto is in it, and remembers as long as it lives."""

import sys

from backend.demo.emulator.process import run
from tests.route53.front import Route53Front
from tests.route53.handler import RestHandler

if __name__ == "__main__":
    sys.exit(run(Route53Front, handler=RestHandler))
