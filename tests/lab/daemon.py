"""The lab's process: PID 1 of namespaces of its own, alive as long as its owner. ``-m tests.lab.daemon`` starts it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time

from tests.lab import namespaces as ns
from tests.lab.cgroups import drop_lab
from tests.lab.control import Control
from tests.lab.lab import Lab
from tests.lab.places import IMAGES, STATE

END_S = 60.0


def main(name: str, base: str, owner: int) -> None:
    """``owner`` is a descriptor of the line to whoever started this; when it closes, the lab ends."""
    ns.unshare(ns.NEWNS | ns.NEWNET | ns.NEWPID)
    pid = os.fork()
    if pid:
        (STATE / name / "pid").write_text(str(pid))
        return
    line = socket.socket(fileno=owner)
    line.set_inheritable(False)
    _be_the_lab(name, base, line)


def _be_the_lab(name: str, base: str, owner: socket.socket) -> None:
    images = IMAGES / name
    images.mkdir(mode=0o700)
    lab = Lab(name, base, str(images))
    try:
        lab.start()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(str(STATE / name / "control"))
        listener.listen(32)
        owner.send(b"ready")
        Control(lab, listener, owner).run()
        lab.close()
        shutil.rmtree(STATE / name)
    finally:
        _end_all_others()
        shutil.rmtree(images, ignore_errors=True)
        drop_lab(name)


def _end_all_others() -> None:
    """As PID 1: kill everything in the lab and reap it, so that its cgroups can be removed."""
    end = time.monotonic() + END_S
    while time.monotonic() < end:
        try:
            os.kill(-1, signal.SIGKILL)
            if not os.waitpid(-1, os.WNOHANG)[0]:
                time.sleep(0.002)
        except (ProcessLookupError, ChildProcessError):
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
