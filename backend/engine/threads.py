"""Threads of what lives beside the engine: started here, so that one floor knows of all of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

T = TypeVar("T")
Given = TypeVar("Given")


def start_thread(work: Callable[[], None], name: str) -> threading.Thread:
    """Run ``work`` on a thread of its own; it ends with the process. Its owner joins it."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


async def off_loop(work: Callable[[], T]) -> T:
    """What ``work`` answers, done on a thread so that it does not hold up the event loop.

    Whoever is cancelled meanwhile waits for its end all the same: what writes is not left running behind its owner.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def side_by_side(function: Callable[[Given], T], given: Sequence[Given], at_once: int) -> Generator[T, None, None]:
    """What ``function`` answers to each, as they come, on so many threads; whoever stops asking begins no more."""
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="side")
    try:
        for each in as_completed([pool.submit(function, one) for one in given]):
            yield each.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
