"""One window for a data folder and a database: a later start asks, and the first comes forward."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING
from zlib import adler32, crc32

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

    from backend.core.paths import DataFolder

RAISE_MS = 1000
#: What a socket's path may take (unix(7): 108 with its end), less what Qt adds while it makes one.
PATH_BYTES = 100


class SingleInstance(QObject):
    """Lives in the GUI thread with the window. ``activated``: somebody started the program on this folder again.

    The network module is imported late: it costs a twentieth of the start.
    """

    activated = Signal()

    def __init__(self, folder: DataFolder, parent: QObject, database_url: str | None = None) -> None:
        super().__init__(parent)
        path = os.fsencode(f"{folder.root.resolve()}{database_url or ''}")
        self._address = _address(f"mailyard-{crc32(path):08x}{adler32(path):08x}")
        self._server: QLocalServer | None = None

    def activate_running(self) -> bool:
        """Whether another window of this data folder is open; then it comes to the front."""
        if sys.platform == "linux" and not self._is_of_this_person():
            return False
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        socket.connectToServer(self._address)
        if not socket.waitForConnected(RAISE_MS // 4):
            return False
        socket.write(b"raise")
        socket.waitForBytesWritten(RAISE_MS)
        socket.disconnectFromServer()
        return True

    def open(self) -> None:
        """Listen for later starts."""
        from PySide6.QtNetwork import QLocalServer

        QLocalServer.removeServer(self._address)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._hear)
        self._server.listen(self._address)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def _is_of_this_person(self) -> bool:
        """The folder of sockets is everybody's: a socket that another user put there would swallow every start."""
        try:
            return Path(self._address).stat(follow_symlinks=False).st_uid == os.getuid()
        except OSError:
            return False

    def _hear(self) -> None:
        assert self._server is not None
        connection = self._server.nextPendingConnection()
        connection.disconnected.connect(connection.deleteLater)
        self.activated.emit()


def _address(name: str) -> str:
    """On Linux where the socket lies: a folder of temporary files may have a longer name than a socket's may be."""
    if sys.platform != "linux":
        return name
    own = Path(gettempdir()) / name
    return str(own if len(os.fsencode(own)) <= PATH_BYTES else Path("/tmp") / name)  # noqa: S108  who owns it is asked
