"""The files of a mail server while they are changed: copied first, and none is touched that says so already."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

import pytest

from backend.core.errors import Refused
from backend.core.ssh.channel import Finished
from backend.mail.change.files import ServerFiles
from backend.mail.change.plan import FilesThere
from tests.backend.mail.world import mail_server

ENV, COMPOSE = "/srv/their mail/.env", "/srv/their mail/compose.yml"


class Disk:
    """What a server has, and which commands it was given. Copies are for us alone, and no file of the server is another
    one's or opened wider by a change.
    """

    def __init__(self) -> None:
        self.files = {ENV: "A=1\n", COMPOSE: "services: {}\n"}
        self.written: list[str] = []
        self.said: list[str] = []

    def get(self, path: str) -> bytes:
        return self.files[path].encode()

    def put(self, path: str, content: bytes, *, mode: int) -> None:
        assert (mode, path in (ENV, COMPOSE)) == (0o600, False), path
        self.files[path] = content.decode()
        self.written.append(path)

    def rewrite(self, path: str, content: bytes) -> None:
        assert path in (ENV, COMPOSE), path
        self.files[path] = content.decode()
        self.written.append(path)

    def run(self, command: str) -> Finished:
        assert command.startswith("test -e '")
        return Finished(0 if command.removeprefix("test -e ").strip("'") in self.files else 1, "", "")

    def check(self, command: str, **_more: Any) -> str:
        self.said.append(command)
        if command.startswith("rm -f "):
            self.files.pop(command.removeprefix("rm -f ").strip("'"), None)
        return ""


def files_on(disk: Disk, *, is_adopted: bool = True) -> ServerFiles:
    row = mail_server(uuid4(), files=[COMPOSE], env_file=ENV, is_adopted=is_adopted)
    return ServerFiles(cast("Any", disk), row, uuid4())


def test_a_file_that_stays_as_it_is_is_not_written() -> None:
    disk = Disk()
    files = files_on(disk)

    files.write(FilesThere("A=2\n", "services: {}\n"), files.read().fingerprint)

    assert [path for path in disk.written if path in (ENV, COMPOSE)] == [ENV]
    assert files.before() == FilesThere("A=1\n", "services: {}\n")


def test_files_that_somebody_changed_in_between_are_left() -> None:
    disk = Disk()
    files = files_on(disk)
    agreed = files.read().fingerprint
    disk.files[ENV] = "A=3\n"

    with pytest.raises(Refused, match="Somebody changed the files"):
        files.write(FilesThere("A=2\n", "services: {}\n"), agreed)

    assert (disk.written, disk.files[ENV]) == ([], "A=3\n")


def test_what_was_there_is_put_back_and_the_copy_goes() -> None:
    disk = Disk()
    before, files = dict(disk.files), files_on(disk)
    files.write(FilesThere("A=2\n", "services: {front: {}}\n"), files.read().fingerprint)

    files.put_back()
    files.drop_copy()

    assert disk.files == before


@pytest.mark.parametrize("is_adopted", [True, False])
def test_containers_that_others_added_to_their_own_project_stay(is_adopted: bool) -> None:
    disk = Disk()

    files_on(disk, is_adopted=is_adopted).start()

    assert ("--remove-orphans" in disk.said[-1]) is not is_adopted
