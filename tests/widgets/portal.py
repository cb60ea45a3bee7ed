"""A desktop portal for tests: at first dark and nothing else; announces each ``key value`` of its standard input."""

from __future__ import annotations

import sys

from PySide6.QtCore import QCoreApplication, QSocketNotifier
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusVariant, QDBusVirtualObject

PATH, INTERFACE = "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings"
NAMESPACE = "org.freedesktop.appearance"
FIRST = {"color-scheme": 1, "contrast": 0, "reduced-motion": 0}


def variant(value: object) -> QDBusVariant:
    wrapped = QDBusVariant()
    wrapped.setVariant(value)
    return wrapped


class Portal(QDBusVirtualObject):
    def introspect(self, _path: str) -> str:
        return ""

    def handleMessage(self, message: QDBusMessage, connection: QDBusConnection) -> bool:
        """Refuses what the real one refuses: other methods and other settings."""
        if message.member() != "Read" or message.arguments()[0] != NAMESPACE or message.arguments()[1] not in FIRST:
            return False
        reply = message.createReply()
        reply.setArguments([variant(variant(FIRST[message.arguments()[1]]))])
        return connection.send(reply)


class Announcer(QSocketNotifier):
    def __init__(self, bus: QDBusConnection) -> None:
        super().__init__(sys.stdin.fileno(), QSocketNotifier.Type.Read)
        self._bus = bus
        self.activated.connect(self.announce)

    def announce(self) -> None:
        line = sys.stdin.readline()
        if not line:
            self.setEnabled(False)
            return
        signal = QDBusMessage.createSignal(PATH, INTERFACE, "SettingChanged")
        key, value = line.split()
        signal.setArguments([NAMESPACE, key, variant(int(value))])
        self._bus.send(signal)


def main() -> int:
    application = QCoreApplication([])
    bus = QDBusConnection.connectToBus(sys.argv[1], "portal")
    portal = Portal()
    bus.registerVirtualObject(PATH, portal)
    bus.registerService("org.freedesktop.portal.Desktop")
    announcer = Announcer(bus)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    code = application.exec()
    del announcer, portal
    return code


if __name__ == "__main__":
    sys.exit(main())
