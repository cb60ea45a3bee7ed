"""The SFTP side of an emulated host: its files whole, read and replaced as OpenSSH's own server does it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import paramiko
from paramiko.sftp import SFTP_NO_SUCH_FILE, SFTP_OK

from backend.demo.fleet.host import Host

if TYPE_CHECKING:
    from typing_extensions import Buffer


class HostFiles(paramiko.SFTPServerInterface):
    """One session's view of a host's files."""

    def __init__(self, server: paramiko.ServerInterface, *_more: Any, host: Host) -> None:
        super().__init__(server)
        self._host = host

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        content = self._host.files.get(path)
        if content is None:
            return SFTP_NO_SUCH_FILE
        return _attributes(content)

    lstat = stat

    def open(self, path: str, flags: int, _attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        if not flags & (os.O_WRONLY | os.O_RDWR) and path not in self._host.files:
            return SFTP_NO_SUCH_FILE
        return _OpenFile(self._host, path, flags)

    def chattr(self, _path: str, _attr: paramiko.SFTPAttributes) -> int:
        return SFTP_OK

    def remove(self, path: str) -> int:
        return SFTP_OK if self._host.files.pop(path, None) is not None else SFTP_NO_SUCH_FILE

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        content = self._host.files.pop(oldpath, None)
        if content is None:
            return SFTP_NO_SUCH_FILE
        self._host.files[newpath] = content
        return SFTP_OK


class _OpenFile(paramiko.SFTPHandle):
    """A file that is being read or written; what was written is there when it is closed."""

    def __init__(self, host: Host, path: str, flags: int) -> None:
        super().__init__(flags)
        self._host = host
        self._path = path
        self._is_written = bool(flags & (os.O_WRONLY | os.O_RDWR))
        old = b"" if flags & os.O_TRUNC else host.files.get(path, "").encode()
        self._content = bytearray(old)
        if self._is_written:
            host.files[path] = bytes(self._content).decode()

    def read(self, offset: int, length: int) -> bytes:
        return bytes(self._content[offset : offset + length])

    def write(self, offset: int, data: Buffer) -> int:
        part = bytes(data)
        self._content[offset : offset + len(part)] = part
        return SFTP_OK

    def stat(self) -> paramiko.SFTPAttributes:
        return _attributes(self._content.decode("utf-8", "replace"))

    def chattr(self, _attr: paramiko.SFTPAttributes) -> int:
        return SFTP_OK

    def close(self) -> None:
        if self._is_written:
            self._host.files[self._path] = self._content.decode("utf-8", "replace")


def _attributes(content: str) -> paramiko.SFTPAttributes:
    found = paramiko.SFTPAttributes()
    found.st_size, found.st_mode, found.st_uid, found.st_gid = len(content.encode()), 0o100600, 0, 0
    return found
