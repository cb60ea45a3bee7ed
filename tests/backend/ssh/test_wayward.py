"""Servers that let us in and leave something out: every wait ends in time, by one of our errors, and can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import paramiko
import pytest

from backend.core.errors import Cancelled, CommandTimedOut, HostUnreachable, LoginRefused, SshError
from backend.core.ssh import session as module
from backend.core.ssh.session import SshSession
from tests.backend.ssh.wayward import Site, says, sftp_greeting, wayward

LIMIT_S = 0.5
HELD_S = 30.0  # by then a wait without a limit would be told from one with it, on any machine


def _in_time(work: Callable[[], object]) -> BaseException | None:
    """The error that ``work`` ends with; fails when it does not end."""
    ended: list[BaseException | None] = []

    def run() -> None:
        try:
            work()
        except (SshError, Cancelled) as error:
            ended.append(error)
        else:
            ended.append(None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(HELD_S)
    assert ended, "it is still held"
    return ended[0]


def _silent(_channel: paramiko.Channel, _command: str) -> None:
    """It runs for ever."""


def _ends_without_a_code(channel: paramiko.Channel, _command: str) -> None:
    channel.sendall(b"out")
    channel.shutdown_write()


def _drips(channel: paramiko.Channel, _command: str) -> None:
    while not channel.closed:
        channel.sendall(b".")
        time.sleep(0.05)  # house: sleeps, a server whose output drips


def _never_reads(channel: paramiko.Channel, _command: str) -> None:
    """It stops to read from its connection, as a stopped process does."""
    packetizer: Any = channel.get_transport().packetizer
    packetizer.read_message = lambda: threading.Event().wait(60)


HELD: dict[str, dict[str, object]] = {
    "no answer to exec": {"silent": "exec"},
    "no output": {"act": _silent},
    "no exit code": {"act": _ends_without_a_code},
    "no end of output": {"act": says(b"out", ends=False)},
    "output that drips": {"act": _drips},
    "nothing is read": {"act": _never_reads},
}


@pytest.mark.parametrize("conduct", HELD)
def test_a_command_ends_in_its_time_whatever_the_server_leaves_out(conduct: str) -> None:
    with wayward(**HELD[conduct]) as site, site.session() as ssh:
        error = _in_time(lambda: ssh.run("true", stdin="x" * 50_000_000, timeout_s=LIMIT_S))

        assert isinstance(error, CommandTimedOut)
        assert error.retryable


def test_a_channel_that_is_never_opened_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with wayward(silent="channel") as site, site.session() as ssh:
        assert isinstance(_in_time(lambda: ssh.run("true", timeout_s=LIMIT_S)), SshError)


def test_a_connection_that_was_taken_away_runs_nothing_more() -> None:
    with wayward(silent="exec") as site, site.session() as ssh:
        _in_time(lambda: ssh.run("true", timeout_s=LIMIT_S))

        assert not ssh.is_open
        with pytest.raises(HostUnreachable):
            ssh.run("true")


def _garbles(channel: paramiko.Channel) -> None:
    """A file service that answers each request by half a packet."""
    sftp_greeting(channel)
    while channel.recv(32_768):
        channel.sendall(b"\0")


@pytest.mark.parametrize("conduct", [{"silent": "files"}, {}, {"files": sftp_greeting}, {"files": _garbles}])
def test_files_end_in_their_time_whatever_the_server_leaves_out(
    conduct: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHANNEL_S", LIMIT_S)
    for work in (
        lambda ssh: ssh.put("/root/file", b"content", timeout_s=2 * LIMIT_S),
        lambda ssh: ssh.get("/root/file", timeout_s=2 * LIMIT_S),
    ):
        with wayward(**conduct) as site, site.session() as ssh:
            assert isinstance(_in_time(lambda ssh=ssh, work=work: work(ssh)), SshError)  # type: ignore[misc]


@pytest.mark.parametrize("noise", [b"Welcome to mx1!\n", b"\0\0\0\0", b"\0\0\0\1\2", b"\xff\xfe"])
def test_a_start_file_that_prints_is_told_with_its_remedy(noise: bytes) -> None:
    def greets(channel: paramiko.Channel) -> None:
        channel.sendall(noise)
        sftp_greeting(channel)

    with wayward(files=greets, act=says(b"ok\n")) as site, site.session(host="203.0.113.9") as ssh:
        for work in (lambda: ssh.put("/root/file", b"content"), lambda: ssh.get("/root/file")):
            with pytest.raises(SshError, match=r"File transfer with 203\.0\.113\.9 failed") as failed:
                work()
            assert "start-up file" in failed.value.remedy
            assert not failed.value.retryable


@pytest.mark.parametrize("noise", [b"Welcome to mx1!\n", b"no end of line", b"\xff\0" * 50_000, b"echo mailyard-\n"])
def test_what_a_start_file_prints_is_no_part_of_a_commands_output(noise: bytes) -> None:
    with wayward(noise=noise, act=says(b"one\n", b"two\n")) as site, site.session() as ssh:
        assert ssh.check("true") == "one\ntwo\n"
        done = ssh.run("true", limit=4)
        assert (done.stdout, done.is_cut) == ("one\n", True)


@pytest.mark.parametrize(
    ("noise", "code"),
    [
        (b"This account is currently not available.\n", 1),
        (b"Your password has expired.\nPassword change required but no TTY available.\n", 1),
        (b"", 0),
    ],
)
def test_a_login_that_runs_no_commands_is_told_with_what_the_server_said(noise: bytes, code: int) -> None:
    def ends(channel: paramiko.Channel, _command: str) -> None:
        channel.send_exit_status(code)
        channel.shutdown_write()
        channel.close()

    refused_as = pytest.raises(LoginRefused, match="mx1 lets root in, but runs no commands")
    with (
        wayward(noise=noise, has_shell=False, act=ends) as site,
        site.session(host="mx1") as ssh,
        refused_as as refused,
    ):
        ssh.check("true")
    assert noise.decode().split("\n")[0] in refused.value.detail
    assert f"exit {code}" in refused.value.detail


def _run(ssh: SshSession) -> None:
    with ssh:
        ssh.run("true")


def _get(ssh: SshSession) -> None:
    with ssh:
        ssh.get("/root/file")


STOPPED: dict[str, tuple[dict[str, object], Callable[[SshSession], None]]] = {
    "login": ({"silent": "login"}, SshSession.connect),
    "exec": ({"silent": "exec"}, _run),
    "output": ({}, _run),
    "files": ({"silent": "files"}, _get),
}


@pytest.mark.parametrize("held", STOPPED)
def test_a_stop_ends_a_wait_wherever_it_stands(held: str) -> None:
    conduct, work = STOPPED[held]
    asked: list[str] = []

    def stop() -> bool:
        asked.append(threading.current_thread().name)
        return len(asked) > 10

    with wayward(**conduct) as site:
        ssh = site.session(stop=stop)
        assert isinstance(_in_time(lambda: work(ssh)), Cancelled)
        ssh.close()

    assert len(set(asked)) == 1  # by the thread that waits, and by no other


def test_a_stop_leaves_no_connection_behind() -> None:
    with wayward(silent="login") as site:
        asked: list[bool] = []
        ssh = site.session(stop=lambda: len(asked) > 3 or asked.append(True))  # type: ignore[func-returns-value]
        with pytest.raises(Cancelled):
            ssh.connect()

        assert not ssh.is_open


@pytest.mark.parametrize("factors", ["password", "keyboard-interactive", "password,keyboard-interactive"])
def test_a_server_that_wants_a_second_factor_is_told_at_once(factors: str) -> None:
    with wayward(factors=factors) as site, pytest.raises(LoginRefused, match="second factor") as refused:
        site.session(host="mx1.acme-dental.example").connect()

    assert refused.value.title == "mx1.acme-dental.example asks for a second factor after the login."
    assert "AuthenticationMethods" in refused.value.remedy
    assert refused.value.detail == factors.replace(",", ", ")
    assert not refused.value.retryable


SERVER = "198.51.100.17"


def _fails(channel: paramiko.Channel, _command: str) -> None:
    channel.send_exit_status(3)
    channel.close()


def _connect_to_another(site: Site) -> None:
    session = site.session(host=SERVER)
    session._login = replace(session._login, host_keys=(site.login.public,))
    session.connect()


def _connect_to_nobody(site: Site) -> None:
    session = site.session(host=SERVER)
    site.close()
    session.connect()


def _get_after_the_end(site: Site) -> None:
    session = site.session(host=SERVER)
    session.connect()
    session.close()
    session.get("/root/file")


def _check(site: Site) -> None:
    with site.session(host=SERVER) as ssh:
        ssh.check("true", timeout_s=LIMIT_S)


TOLD: dict[str, tuple[dict[str, object], Callable[[Site], object]]] = {
    "failed command": ({"act": _fails}, _check),
    "command in time": ({"silent": "exec"}, _check),
    "second factor": ({"factors": "password"}, _check),
    "closed channel": ({"act": lambda channel, _command: channel.close()}, _check),
    "file": ({"files": lambda channel: channel.close()}, lambda site: _get(site.session(host=SERVER))),
    "another host key": ({}, _connect_to_another),
    "nobody": ({}, _connect_to_nobody),
    "closed": ({}, _get_after_the_end),
}


@pytest.mark.parametrize("trouble", TOLD)
def test_errors_name_the_server_and_not_what_was_dialled(trouble: str) -> None:
    conduct, work = TOLD[trouble]
    with wayward(**conduct) as site:
        error = _in_time(lambda: work(site))

    assert isinstance(error, SshError)
    assert SERVER in error.title
    assert "127.0.0.1" not in f"{error.title} {error.remedy} {error.detail}"


def test_output_that_comes_together_with_its_end_is_whole() -> None:
    """Output, exit code, end and close arrive in the midst of a look at the channel: none of them is missed."""
    with wayward(act=says(b"one\n", b"two\n")) as site, site.session() as ssh:
        assert {ssh.run("true").stdout for _time in range(60)} == {"one\ntwo\n"}
