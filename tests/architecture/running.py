"""The walls of what runs: thread starts and handlers that catch everything."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import FLOORS, Breach, Source, name_of

#: Where ``except Exception`` may end an error, and why a bug there must not go on.
LAST_RESORTS = {
    "backend/engine/runner.py": "job loop: a bug in a step ends its job with the trace in the log, not the worker",
    "backend/engine/engine.py": "job loop: a bug in one pass of the dispatcher must not end the engine's thread",
    "backend/engine/beat.py": "threads that turn: a bug in one turn must not end what comes after it",
    "backend/store/changes.py": "change feed: a follower's bug must not reach whoever committed",
}
THREAD_ROOMS = (
    "backend/engine/",
    "backend/demo/",
    "backend/core/ssh/errand.py",  # only another thread can end a wait of the SSH library
    "app/shell/background/reader.py",
    "app/shell/background/task.py",  # the start-up importer
    "backend/providers/ec2/regions.py",  # a list is of all regions; one after another they would take a minute
)
THREADS = frozenset(
    {"Thread", "ThreadPoolExecutor", "ProcessPoolExecutor", "QThread", "QThreadPool", "QRunnable", "to_thread"}
    | {"start_new_thread", "run_in_executor", "Process"}
)


def catch_all(source: Source) -> Iterator[Breach]:
    """A handler that catches everything hides bugs; to put things in order and raise again is fine."""
    if source.floor not in FLOORS or source.path in LAST_RESORTS:
        return
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler) and _catches_all(node) and not _raises_again(node):
            yield source.breach(node, "a handler that catches everything")


def threads(source: Source) -> Iterator[Breach]:
    """Only the engine, SSH work, the reader, the start-up importer, the demo and EC2's lists start threads."""
    if source.floor not in FLOORS or source.path.startswith(THREAD_ROOMS):
        return
    for node in source.nodes:
        if isinstance(node, ast.Call) and (called := name_of(node.func)).split(".")[-1] in THREADS:
            yield source.breach(node, f"{called}() starts a thread")
        elif isinstance(node, ast.Call) and name_of(node.func) == "threading.Timer":
            yield source.breach(node, "threading.Timer() starts a thread")
        elif isinstance(node, ast.ClassDef) and any(name_of(base).split(".")[-1] in THREADS for base in node.bases):
            yield source.breach(node, f"{node.name} is a thread")


def _catches_all(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(name_of(each) in ("Exception", "BaseException") for each in caught)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None
