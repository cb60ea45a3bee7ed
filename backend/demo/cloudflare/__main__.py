"""python -m backend.demo.cloudflare: the emulator as a process."""

import sys

from backend.demo.cloudflare.api import CloudflareApi
from backend.demo.cloudflare.pages import CloudflareHandler
from backend.demo.emulator.process import run

if __name__ == "__main__":
    sys.exit(run(CloudflareApi, handler=CloudflareHandler))
