"""What a bug says on a terminal: a sentence and the place, never a value that stood in an exception."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from pathlib import Path
from types import TracebackType

log = logging.getLogger(__name__)


def watch_for_faults() -> None:
    """For the main thread and all others. The whole trace goes to the log, known secrets masked."""
    import threading

    # A full disk costs the log's lines; its own trouble is not the person's, and no line goes to the terminal instead.
    logging.raiseExceptions = False
    logging.lastResort = None
    sys.excepthook = tell_fault
    threading.excepthook = lambda hook: tell_fault(hook.exc_type, hook.exc_value, hook.exc_traceback)


def tell_fault(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Kind and place of an exception nobody foresaw."""
    if error is not None:
        log.critical("A bug got through", exc_info=(kind, error, trace))
    frames = traceback.extract_tb(trace)[-3:]
    places = ", ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    sys.stderr.write(f"Internal error: {kind.__name__} at {places}\n")
    sys.stderr.write("Retry. If it happens again, send the file logs/command.log of the data folder.\n")


def takes_no_output() -> bool:
    """Whether nothing can be written to standard output: a full disk, a device that refuses."""
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError:
        return True
    return False


def tell_lost_output(error: OSError) -> None:
    """What became of a command whose output went nowhere. What is still to be written is dropped, else Python's end
    fails for it as well."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    sys.stderr.write(f"The output cannot be written: {error.strerror}. What the command had begun goes on.\n")
