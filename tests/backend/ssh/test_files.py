"""Files put on and fetched from a real host: whole or not at all, with their modes, and trouble told as what it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.core.errors import SshError
from backend.core.ssh.session import SshSession
from tests.backend.ssh.hosts import host, login
from tests.lab.client import Client
from tests.lab.hosts import LabHost

pytestmark = pytest.mark.lab

MEGA = 1_000_000
SMALL_DISK = "mkdir -p /mnt/small && mount -t tmpfs -o size=1m small /mnt/small"
WORKER = (
    "useradd --create-home --shell /bin/sh worker && cp -r /root/.ssh /home/worker/ && "
    "chown -R worker: /home/worker/.ssh"
)


@pytest.fixture(scope="module")
def mx(lab: Client) -> Iterator[LabHost]:
    with host(lab, "files") as made:
        with made.shell() as shell:
            shell.read(f"{SMALL_DISK} && {WORKER}")
        yield made


@pytest.fixture
def ssh(mx: LabHost) -> Iterator[SshSession]:
    with SshSession(login(mx)) as session:
        yield session


@pytest.mark.parametrize("content", [b"", b"text\n", bytes(range(256)) * 40, b"x" * 3 * MEGA])
def test_what_was_put_is_got_back(ssh: SshSession, content: bytes) -> None:
    ssh.put("/root/file", content)

    assert ssh.get("/root/file") == content
    assert ssh.run("ls /root/file.mailyard-new").exit_code != 0


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_a_file_has_its_mode_also_over_another(ssh: SshSession, mode: int) -> None:
    ssh.check("install -m 0777 /dev/null /root/moded")

    ssh.put("/root/moded", b"content", mode=mode)

    assert ssh.check("stat -c %a /root/moded").strip() == f"{mode:o}"


def test_a_file_is_private_unless_told_otherwise(ssh: SshSession) -> None:
    ssh.put("/root/private", b"secret")

    assert ssh.check("stat -c '%a %U' /root/private").strip() == "600 root"


def test_a_file_that_is_written_anew_keeps_owner_mode_and_the_links_to_it(ssh: SshSession) -> None:
    ssh.check("install -m 0640 -o worker -g worker /dev/null /mnt/theirs && ln -sf ../mnt/theirs /root/link")

    ssh.rewrite("/root/link", b"content")

    assert ssh.get("/mnt/theirs") == b"content"
    assert ssh.check("stat -c '%a %U %G' /mnt/theirs && readlink /root/link") == "640 worker worker\n../mnt/theirs\n"
    assert ssh.check("ls /root/link* /mnt/theirs*").split() == ["/mnt/theirs", "/root/link"]


def test_a_file_that_is_not_there_is_not_written_anew(ssh: SshSession) -> None:
    with pytest.raises(SshError, match="could not be read or written"):
        ssh.rewrite("/root/nowhere", b"content")

    assert ssh.run("ls /root/nowhere*").exit_code != 0


def test_a_full_disk_leaves_the_old_file_and_no_half_one(ssh: SshSession) -> None:
    ssh.put("/mnt/small/file", b"old")

    with pytest.raises(SshError) as failed:
        ssh.put("/mnt/small/file", b"x" * 2 * MEGA)

    assert "free space" in failed.value.remedy
    assert not failed.value.retryable
    assert ssh.get("/mnt/small/file") == b"old"
    assert ssh.check("ls /mnt/small").split() == ["file"]
    ssh.put("/mnt/small/file", b"new")


@pytest.mark.parametrize("path", ["/root/file", "/no/such/folder/file", "/proc/file"])
def test_what_may_not_be_written_is_told(mx: LabHost, path: str) -> None:
    with SshSession(login(mx, user="worker")) as worker:
        with pytest.raises(SshError, match="could not be read or written") as failed:
            worker.put(path, b"content")
        assert failed.value.remedy
        assert worker.check("echo alive") == "alive\n"


@pytest.mark.parametrize("path", ["/etc/shadow", "/no/such/file", "/root"])
def test_what_may_not_be_read_is_told(mx: LabHost, path: str) -> None:
    with SshSession(login(mx, user="worker")) as worker, pytest.raises(SshError, match="could not be read or written"):
        worker.get(path)


def test_a_file_over_the_limit_is_not_fetched(ssh: SshSession) -> None:
    ssh.put("/root/large", b"x" * 2_000)

    with pytest.raises(SshError, match="too large"):
        ssh.get("/root/large", limit=1_999)
    assert len(ssh.get("/root/large", limit=2_000)) == 2_000


def test_files_of_the_kernel_that_have_no_size_are_read(ssh: SshSession) -> None:
    assert b"MemTotal" in ssh.get("/proc/meminfo")
