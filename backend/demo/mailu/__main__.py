"""python -m backend.demo.mailu: the emulator as a process."""

import sys

from backend.demo.emulator.process import run
from backend.demo.mailu.api import MailuAdmin
from backend.demo.mailu.pages import MailuHandler

if __name__ == "__main__":
    sys.exit(run(MailuAdmin, handler=MailuHandler))
