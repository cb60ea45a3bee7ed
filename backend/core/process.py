"""What a process of ours begins with: standard streams that are open, and nothing that it leaves for others to read."""

from __future__ import annotations

import os
import sys

UMASK = 0o077
PR_SET_DUMPABLE = 4  # linux/prctl.h


def open_standard_streams() -> None:
    """Put the null device where this process was started without standard input, output or error.

    Otherwise the next file that is opened, be it a database, gets the number, and is read as input or written into.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if not _is_open(number):
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            mode = "r" if number == 0 else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - until the end


def keep_private() -> None:
    """Called first in each process of ours, before there is anything to hide; children inherit all but the last.

    A core file would hold tokens and the passphrase in clear. Where the process is not dumpable, other processes of the
    same user cannot read its memory either; root still can, which is who debugs it.
    """
    os.umask(UMASK)
    if sys.platform == "win32":
        return
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    if sys.platform == "linux":
        _set_not_dumpable()


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _set_not_dumpable() -> None:
    """A core that goes to a program instead of a file ignores the limit of its size (core(5))."""
    import ctypes

    try:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (OSError, AttributeError):
        return  # a C library without it: the limit holds all the same
