"""One SSH connection to a real sshd: whom it accepts, what it runs, and that no wait and no output is without limit."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import paramiko
import pytest

from backend.core.errors import (
    Cancelled,
    CommandFailed,
    CommandTimedOut,
    HostKeyChanged,
    HostUnreachable,
    LoginRefused,
)
from backend.core.secrets.values import Secret
from backend.core.ssh import dialling
from backend.core.ssh import session as module
from backend.core.ssh.channel import Finished, collect
from backend.core.ssh.session import KEEPALIVE_S, SshSession
from tests.backend.ssh.hosts import host, login
from tests.lab.client import Client
from tests.lab.hosts import LabHost
from tests.lab.keys import new_key_pair

pytestmark = pytest.mark.lab

MEGA = 1_000_000


@pytest.fixture(scope="module")
def mx(lab: Client) -> Iterator[LabHost]:
    with host(lab, "ssh") as made:
        yield made


@pytest.fixture
def ssh(mx: LabHost) -> Iterator[SshSession]:
    with SshSession(login(mx)) as session:
        yield session


def _transport(session: SshSession) -> paramiko.Transport:
    assert session._transport is not None
    return session._transport


# Whom it accepts


def test_the_pinned_host_key_is_accepted_also_beside_others(mx: LabHost) -> None:
    other = " ".join(new_key_pair().public.split()[:2])
    known = login(mx)

    with SshSession(login(mx, host_keys=(other, *known.host_keys))) as session:
        assert session.is_open


def test_another_host_key_is_refused_before_we_log_in(mx: LabHost) -> None:
    other = " ".join(new_key_pair().public.split()[:2])
    logins = _logins(mx)
    session = SshSession(login(mx, host_keys=(other,)))

    with pytest.raises(HostKeyChanged) as refused:
        session.connect()

    assert refused.value.title == f"{mx.ip} presents an unknown host key."
    assert refused.value.detail == " ".join(mx.host_key.split()[:2])
    assert not refused.value.retryable
    assert not session.is_open
    assert _logins(mx) == logins + 1  # the look itself


def _logins(mx: LabHost) -> int:
    """How often its sshd let somebody in."""
    with mx.shell() as shell:
        return int(shell.read("journalctl -t sshd | grep -c 'Accepted publickey'"))


def test_a_key_that_the_machine_does_not_know_is_refused(mx: LabHost) -> None:
    with pytest.raises(LoginRefused) as refused:
        SshSession(login(mx, private_key=Secret(new_key_pair().private))).connect()

    assert refused.value.title == f"{mx.ip} refused the login."
    assert refused.value.remedy


def test_a_closed_port_is_told_at_once(mx: LabHost) -> None:
    with pytest.raises(HostUnreachable, match="does not respond over SSH") as failed:
        SshSession(login(mx, port=2222)).connect()

    assert failed.value.retryable


def test_a_port_that_never_speaks_ends_by_the_time_out(mx: LabHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_login = login(mx, address="127.0.0.1", port=silent.getsockname()[1])

        with pytest.raises(HostUnreachable):
            SshSession(silent_login).connect()


def test_something_else_than_ssh_is_told(mx: LabHost) -> None:
    with socket.create_server(("127.0.0.1", 0)) as web:
        thread = threading.Thread(target=_answer_http, args=(web,))
        thread.start()
        with pytest.raises(HostUnreachable):
            SshSession(login(mx, address="127.0.0.1", port=web.getsockname()[1])).connect()
        thread.join(timeout=10)


def _answer_http(web: socket.socket) -> None:
    line, _address = web.accept()
    with line:
        line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 200)


# The connection itself


def test_small_packets_are_not_held_back(ssh: SshSession) -> None:
    sock = _transport(ssh).sock
    assert isinstance(sock, socket.socket)

    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == dialling.PEER_S * 1000


def test_the_connection_is_kept_alive(ssh: SshSession) -> None:
    assert KEEPALIVE_S == 15
    assert _transport(ssh).packetizer._Packetizer__keepalive_interval == KEEPALIVE_S  # type: ignore[attr-defined]


def test_many_commands_go_over_one_connection(ssh: SshSession) -> None:
    transport = _transport(ssh)

    assert [ssh.check(f"echo {number}") for number in range(20)] == [f"{number}\n" for number in range(20)]
    assert _transport(ssh) is transport


def test_a_closed_session_says_so_instead_of_hanging(mx: LabHost) -> None:
    session = SshSession(login(mx))
    session.connect()
    session.close()
    session.close()

    assert not session.is_open
    with pytest.raises(HostUnreachable):
        session.run("true")
    with pytest.raises(HostUnreachable):
        session.get("/etc/hostname")


# Commands


@pytest.mark.parametrize(("command", "code"), [("true", 0), ("false", 1), ("exit 42", 42), ("no-such-command", 127)])
def test_exit_codes_come_back(ssh: SshSession, command: str, code: int) -> None:
    assert ssh.run(command).exit_code == code


def test_a_command_ended_by_a_signal_has_failed(ssh: SshSession) -> None:
    with pytest.raises(CommandFailed) as failed:
        ssh.check("kill -9 $$")

    assert failed.value.exit_code == -1
    assert ssh.check("echo alive") == "alive\n"


def test_both_outputs_are_kept_apart(ssh: SshSession) -> None:
    done = ssh.run("echo out; echo err >&2")

    assert (done.stdout, done.stderr, done.is_cut) == ("out\n", "err\n", False)


def test_a_failure_names_command_and_what_it_said(ssh: SshSession) -> None:
    with pytest.raises(CommandFailed) as failed:
        ssh.check("echo the reason >&2; exit 3")

    assert failed.value.exit_code == 3
    assert "the reason" in failed.value.detail


@pytest.mark.parametrize("size", [0, 1, 100_000, 5 * MEGA])
def test_standard_input_reaches_the_command_whole(ssh: SshSession, size: int) -> None:
    assert ssh.check("wc -c", stdin="x" * size).strip() == str(size)


def test_input_that_nobody_reads_does_not_hang(ssh: SshSession) -> None:
    assert ssh.run("exit 0", stdin="x" * 5 * MEGA, timeout_s=20).exit_code == 0


@pytest.mark.parametrize(("stream", "target"), [("stdout", ""), ("stderr", ">&2")])
def test_output_over_the_limit_is_cut_and_the_command_still_ends(ssh: SshSession, stream: str, target: str) -> None:
    done = ssh.run(f"head -c {20 * MEGA} /dev/zero | tr '\\0' x {target}; exit 5", limit=1000)

    assert (done.exit_code, done.is_cut) == (5, True)
    assert getattr(done, stream) == "x" * 1000


def test_output_that_is_no_text_is_shown_with_marks(ssh: SshSession) -> None:
    assert ssh.check(r"printf 'a\377b'") == "a\N{REPLACEMENT CHARACTER}b"


def test_a_command_that_does_not_end_is_given_up(ssh: SshSession) -> None:
    with pytest.raises(CommandTimedOut) as failed:
        ssh.run("sleep 60", timeout_s=0.3)

    assert failed.value.retryable
    assert ssh.check("echo alive") == "alive\n"


def test_a_command_that_never_stops_talking_is_given_up(ssh: SshSession) -> None:
    with pytest.raises(CommandTimedOut):
        ssh.run("yes", timeout_s=0.5)


def test_a_stop_ends_the_command_and_not_the_connection(mx: LabHost) -> None:
    asked: list[bool] = []
    requested = range(3, 6)  # somebody who changes his mind

    def stop() -> bool:
        asked.append(True)
        return started.is_set() and len(asked) in requested

    started = threading.Event()
    with SshSession(login(mx), stop=stop) as session:
        asked.clear()
        started.set()
        with pytest.raises(Cancelled):
            session.run("sleep 60")
        started.clear()

        assert session.check("echo alive") == "alive\n"


def test_a_key_that_is_only_the_first_of_two_factors_does_not_let_us_in(mx: LabHost) -> None:
    with mx.shell() as shell:
        shell.read(
            "useradd --create-home --shell /bin/sh twice && cp -r /root/.ssh /home/twice/ && "
            "chown -R twice: /home/twice/.ssh && mkdir -p /run/sshd && "
            "printf 'Match User twice\\n AuthenticationMethods publickey,password\\n' >> /etc/ssh/sshd_config && "
            "sshd -t && systemctl restart ssh"  # a reload does not wait until it listens again
        )

    with pytest.raises(LoginRefused, match="asks for a second factor") as refused:
        SshSession(login(mx, user="twice")).connect()

    assert "password" in refused.value.detail


def test_waiting_for_a_child_that_holds_the_output_costs_no_processor(ssh: SshSession) -> None:
    """The command has ended, its child has not: the wait must sleep, not spin."""
    used = time.process_time()

    with pytest.raises(CommandTimedOut):
        ssh.run("sleep 30 & exit 0", timeout_s=1.0)

    assert time.process_time() - used < 0.5


# A peer that dies


@pytest.fixture
def cut(lab: Client, mx: LabHost) -> Iterator[Callable[[], None]]:
    def cut_it() -> None:
        lab.net("cut", a=mx.ip)

    yield cut_it
    lab.net("heal")


def test_a_command_cut_off_is_given_up_and_the_connection_goes_on_when_healed(
    lab: Client, mx: LabHost, ssh: SshSession, cut: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = _transport(ssh)

    def cut_while_it_runs(*given: Any, **named: Any) -> Finished:
        cut()
        return collect(*given, **named)

    monkeypatch.setattr(module, "collect", cut_while_it_runs)
    with pytest.raises(CommandTimedOut):
        ssh.run("sleep 0.2", timeout_s=1.0)
    monkeypatch.undo()
    lab.net("heal", a=mx.ip)

    assert ssh.check("echo on") == "on\n"
    assert _transport(ssh) is transport


def test_a_dead_peer_takes_no_new_command(
    ssh: SshSession, cut: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHANNEL_S", 0.5)
    cut()

    with pytest.raises(HostUnreachable):
        ssh.run("true")
    with pytest.raises(HostUnreachable):
        ssh.put("/root/file", b"content")


def test_a_peer_that_dies_between_a_channel_and_its_command_is_given_up(
    mx: LabHost, cut: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There the library itself waits without a limit: the connection must end."""
    monkeypatch.setattr(dialling, "PEER_S", 1)
    with SshSession(login(mx)) as session:
        opened = session._open_channel

        def cut_after(within_s: float) -> paramiko.Channel:
            channel = opened(within_s)
            cut()
            return channel

        monkeypatch.setattr(session, "_open_channel", cut_after)

        with pytest.raises(HostUnreachable):
            session.run("true", timeout_s=60)
        assert not session.is_open


def test_a_peer_that_dies_while_a_file_is_written_is_told_from_trouble_with_the_file(
    mx: LabHost, cut: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHANNEL_S", 0.5)
    write = paramiko.SFTPFile.write

    def cut_before(file: paramiko.SFTPFile, data: bytes) -> None:
        cut()
        write(file, data)

    with SshSession(login(mx)) as session:
        monkeypatch.setattr(paramiko.SFTPFile, "write", cut_before)

        with pytest.raises(HostUnreachable):
            session.put("/root/file", b"x" * 100_000)
