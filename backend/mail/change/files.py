"""The files of a mail server before and while they are changed: read, copied beside themselves, put back."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.mail.change.plan import FilesThere
from backend.mail.host.docker import ComposeProject

if TYPE_CHECKING:
    from uuid import UUID

    from backend.core.ssh.session import SshSession
    from backend.store.schema.mail import MailServer


class ServerFiles:
    """Of one mail server, over one connection. One thread at a time. Copies are told apart by the ``job`` that makes
    them.
    """

    def __init__(self, ssh: SshSession, row: MailServer, job: UUID) -> None:
        self._ssh = ssh
        self._end = f".before-{job.hex[:12]}"
        self._compose = row.files[0]
        self._env = row.env_file
        self._is_ours = not row.is_adopted
        self.project = ComposeProject(ssh, row.project, row.files)

    def read(self) -> FilesThere:
        return self._read("")

    def before(self) -> FilesThere | None:
        """As they were when the change began; None: it has not begun, or was taken back."""
        return self._read(self._end) if self._has_copy() else None

    def write(self, files: FilesThere, expected: str) -> None:
        """What was there is kept beside first. May be repeated.

        :raises Refused: before anything was written, where the files are not those with this fingerprint.
        """
        if not self._has_copy():
            there = self.read()
            if there.fingerprint != expected:
                raise Refused(
                    _("Somebody changed the files of the mail server meanwhile."),
                    remedy=_("Ask for the change again: it is compared with what is there then."),
                )
            self._put(there, self._end)
        self._put_changed(files)
        self.project.check()

    def put_back(self) -> None:
        """As they were, where a change had begun; the copy goes last."""
        before = self.before()
        if before is not None:
            self._put_changed(before)

    def start(self) -> None:
        """What the files say now. Containers that they no longer name go, but those that somebody else may have added
        to a project of theirs.
        """
        self.project.up(removes=self._is_ours)

    def drop_copy(self) -> None:
        """The one of the compose file first: without it no copy counts."""
        self._ssh.check(f"rm -f {shlex.quote(self._compose + self._end)}")
        self._ssh.check(f"rm -f {shlex.quote(self._env + self._end)}")

    def _has_copy(self) -> bool:
        return self._ssh.run(f"test -e {shlex.quote(self._compose + self._end)}").exit_code == 0

    def _read(self, end: str) -> FilesThere:
        return FilesThere(self._ssh.get(self._env + end).decode(), self._ssh.get(self._compose + end).decode())

    def _put_changed(self, files: FilesThere) -> None:
        """A file that says so already is not touched."""
        there = self.read()
        if files.env != there.env:
            self._ssh.rewrite(self._env, files.env.encode())
        if files.compose != there.compose:
            self._ssh.rewrite(self._compose, files.compose.encode())

    def _put(self, files: FilesThere, end: str) -> None:
        """The compose file last: it is what is looked for. Either may hold secrets, whatever its mode is."""
        self._ssh.put(self._env + end, files.env.encode(), mode=0o600)
        self._ssh.put(self._compose + end, files.compose.encode(), mode=0o600)
