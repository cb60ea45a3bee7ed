"""Asks the desktop's portal whether it is dark or light, without waiting, and hears when that changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import SLOT, QObject, Qt, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusVariant

SERVICE, PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
INTERFACE = "org.freedesktop.portal.Settings"
NAMESPACE, KEY = "org.freedesktop.appearance", "color-scheme"
SCHEMES = {1: Qt.ColorScheme.Dark, 2: Qt.ColorScheme.Light}


def has_session_bus() -> bool:
    """Whether a session bus is there already: asking for one could start it."""
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    folder = os.environ.get("XDG_RUNTIME_DIR")
    return folder is not None and (Path(folder) / "bus").exists()


class DesktopScheme(QObject):
    """Lives in the GUI thread with the appearance. Where no portal answers, the scheme stays unknown.

    The values are those of the XDG desktop portal's Settings interface: 1 prefers dark, 2 light, 0 neither.
    """

    told = Signal()

    def __init__(self, parent: QObject, bus: QDBusConnection | None = None) -> None:
        super().__init__(parent)
        self._bus = bus or QDBusConnection.sessionBus()
        self._asked: QDBusPendingCallWatcher | None = None
        self.scheme = Qt.ColorScheme.Unknown

    def ask(self) -> None:
        """Send the question; :attr:`told` comes with the answer, or never."""
        if not self._bus.isConnected() or self._asked is not None:
            return
        slot: Any = SLOT("setting_changed(QDBusMessage)")  # the stubs ask for bytes, the binding takes text only
        self._bus.connect(SERVICE, PATH, INTERFACE, "SettingChanged", self, slot)
        message = QDBusMessage.createMethodCall(SERVICE, PATH, INTERFACE, "Read")
        message.setArguments([NAMESPACE, KEY])
        self._asked = QDBusPendingCallWatcher(self._bus.asyncCall(message), self)
        self._asked.finished.connect(self._answered)

    @Slot(QDBusMessage)
    def setting_changed(self, message: QDBusMessage) -> None:
        """A signal of the portal: namespace, key, value."""
        namespace, key, value = message.arguments()
        if (namespace, key) == (NAMESPACE, KEY):
            self._take(value)

    def _answered(self, watcher: QDBusPendingCallWatcher) -> None:
        reply = watcher.reply()
        if reply.type() is QDBusMessage.MessageType.ReplyMessage and reply.arguments():
            self._take(reply.arguments()[0])

    def _take(self, value: object) -> None:
        """``Read`` answers with a variant in a variant; the signal with one."""
        while isinstance(value, QDBusVariant):
            value = value.variant()
        scheme = SCHEMES.get(value, Qt.ColorScheme.Unknown) if isinstance(value, int) else Qt.ColorScheme.Unknown
        if scheme is not self.scheme:
            self.scheme = scheme
            self.told.emit()
