"""What this process leaves for others: no file they can read, no core file, no memory to look into."""

from __future__ import annotations

import os
import sys

UMASK = 0o077
PR_SET_DUMPABLE = 4  # linux/prctl.h


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


def _set_not_dumpable() -> None:
    """A core that goes to a program instead of a file ignores the limit of its size (core(5))."""
    import ctypes

    try:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (OSError, AttributeError):
        return  # a C library without it: the limit holds all the same
