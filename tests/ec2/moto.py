"""Moto's server as a child: ``python -m tests.ec2.moto OWNER IMAGES``; it ends when the process OWNER is gone.

It remembers in memory alone, and so that the front may be killed, it lives on beside it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from wsgiref.types import WSGIApplication


def main(owner: int, images: str) -> None:
    """Prints ``ready PORT`` when it listens."""
    os.environ |= {
        "MOTO_AMIS_PATH": images,
        "MOTO_ENABLE_AMI_VALIDATION": "1",
        "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "1",
    }
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    application: WSGIApplication = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    threading.Thread(target=_end_with, args=(owner,), daemon=True).start()
    print(f"ready {server.server_port}", flush=True)
    server.serve_forever()


def _end_with(owner: int) -> None:
    while True:
        time.sleep(1)
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
