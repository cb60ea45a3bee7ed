"""Steps that wait for a host over SSH: a cancel and the engine's end end them, wherever the host hangs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial

import pytest

from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair
from backend.core.ssh.session import Login, SshSession
from backend.engine.context import StepContext
from tests.backend.engine.bench import Bench, PlayRequest, step, until
from tests.backend.ssh.test_wayward import _never_reads
from tests.backend.ssh.wayward import wayward

AT_MOST_S = 10.0
AFTERWARDS_S = 3.0  # in which nothing of the wait is left, not even its thread: the process's end would wait for that

Begin = Callable[[Callable[[], bool]], SshSession]
Host = tuple[Begin, Callable[[], object]]  # a session with it, and whether that is held


@contextmanager
def _mute() -> Iterator[Host]:
    """It takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def is_taken() -> bool:
            taken[:] = taken or [listener.accept()[0]]
            return True

        yield partial(_session, listener), is_taken
        for each in taken:
            each.close()


@contextmanager
def _black_hole() -> Iterator[Host]:
    """What is sent to it is dropped: its queue of connections is full, so the system answers no further one."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _queued in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(listener.getsockname())
        asked: list[bool] = []

        def begin(stop: Callable[[], bool]) -> SshSession:
            def stopped() -> bool:
                asked.append(True)
                return stop()

            return _session(listener, stopped)

        yield begin, lambda: len(asked) > 2  # it waits for the connection, and for nothing after it


def _session(listener: socket.socket, stop: Callable[[], bool]) -> SshSession:
    keys = new_key_pair()
    port = int(listener.getsockname()[1])
    return SshSession(Login("127.0.0.1", port, "root", Secret(keys.private.reveal()), (keys.public,)), stop=stop)


@contextmanager
def _lets_in(**conduct: object) -> Iterator[Host]:
    with wayward(**conduct) as site:
        yield (
            lambda stop: site.session(stop=stop),
            lambda: site.transports and (conduct.get("silent") == "login" or site.transports[0].is_authenticated()),
        )


HOSTS: dict[str, Callable[[], AbstractContextManager[Host]]] = {
    "says nothing": _mute,
    "drops all": _black_hole,
    "stops at the login": partial(_lets_in, silent="login"),
    "stops at the command": partial(_lets_in, silent="exec"),
    "stops amid the command": partial(_lets_in),
    "stops to read": partial(_lets_in, act=_never_reads),
    "stops at a file": partial(_lets_in, silent="files"),
}


@pytest.mark.parametrize("how", ["cancel", "close"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_step_ends_in_time_wherever_its_host_hangs(own_bench: Bench, host: str, how: str) -> None:
    with HOSTS[host]() as (begin, is_held):

        def enter(ctx: StepContext[PlayRequest]) -> None:
            with begin(ctx.is_cancelled) as ssh:
                if host == "stops at a file":
                    ssh.get("/root/file")
                ssh.run("true", stdin="x" * 1_000_000)

        engine = own_bench.start()
        job_id = own_bench.play(step("enter", enter))
        until(is_held, "the step to be held")
        began_s = time.monotonic()
        if how == "cancel":
            own_bench.act(job_id, "job.cancel")
            job = own_bench.wait_for(job_id)
        else:
            own_bench.close()
            job = own_bench.wait_for(job_id, "queued")
        spent_s = time.monotonic() - began_s

        assert (job.state, engine.is_idle) == ("cancelled" if how == "cancel" else "queued", True)
        assert spent_s < AT_MOST_S
        until(lambda: not _ssh_threads(), "nothing of the wait to be left", AFTERWARDS_S)


def _ssh_threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("ssh")]
