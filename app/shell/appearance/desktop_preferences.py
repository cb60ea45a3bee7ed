"""Asks the desktop's portal how it looks (dark, contrast, motion), without waiting, and hears when that changes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import SLOT, QObject, Qt, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusVariant

SERVICE, PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
INTERFACE = "org.freedesktop.portal.Settings"
NAMESPACE = "org.freedesktop.appearance"
SCHEME, CONTRAST, MOTION = KEYS = ("color-scheme", "contrast", "reduced-motion")
SCHEMES = {1: Qt.ColorScheme.Dark, 2: Qt.ColorScheme.Light}


class DesktopPreferences(QObject):
    """Lives in the GUI thread with the appearance. What no portal answers stays unknown: no preference.

    The keys and values are those of the XDG desktop portal's Settings interface: of the colour scheme 1 prefers dark
    and 2 light; 1 wants higher contrast, or reduced motion; anything else is no preference.
    """

    told = Signal()

    def __init__(self, parent: QObject, bus: QDBusConnection | None = None) -> None:
        super().__init__(parent)
        self._bus = bus or QDBusConnection.sessionBus()
        self._asked: dict[str, QDBusPendingCallWatcher] = {}
        self._values: dict[str, int] = {}
        self._heard: set[str] = set()

    @property
    def scheme(self) -> Qt.ColorScheme:
        return SCHEMES.get(self._values.get(SCHEME, 0), Qt.ColorScheme.Unknown)

    @property
    def wants_contrast(self) -> bool:
        return self._values.get(CONTRAST) == 1

    @property
    def wants_stillness(self) -> bool:
        return self._values.get(MOTION) == 1

    def ask(self) -> None:
        """Send the questions; :attr:`told` comes with each answer that is news, or never."""
        if not self._bus.isConnected() or self._asked:
            return
        slot: Any = SLOT("setting_changed(QDBusMessage)")  # the stubs ask for bytes, the binding takes text only
        self._bus.connect(SERVICE, PATH, INTERFACE, "SettingChanged", self, slot)
        for key in KEYS:
            message = QDBusMessage.createMethodCall(SERVICE, PATH, INTERFACE, "Read")
            message.setArguments([NAMESPACE, key])
            watcher = QDBusPendingCallWatcher(self._bus.asyncCall(message), self)
            watcher.setProperty("key", key)
            watcher.finished.connect(self._answered)
            self._asked[key] = watcher

    @Slot(QDBusMessage)
    def setting_changed(self, message: QDBusMessage) -> None:
        """A signal of the portal: namespace, key, value."""
        namespace, key, value = message.arguments()
        if namespace == NAMESPACE and key in KEYS:
            self._heard.add(key)
            self._take(key, value)

    def _answered(self, watcher: QDBusPendingCallWatcher) -> None:
        """An answer may be delivered after a change that came later."""
        reply = watcher.reply()
        if watcher.property("key") in self._heard:
            return
        if reply.type() is QDBusMessage.MessageType.ReplyMessage and reply.arguments():
            self._take(str(watcher.property("key")), reply.arguments()[0])

    def _take(self, key: str, value: object) -> None:
        """``Read`` answers with a variant in a variant; the signal with one."""
        while isinstance(value, QDBusVariant):
            value = value.variant()
        fresh = value if isinstance(value, int) else 0
        if fresh != self._values.get(key, 0):
            self._values[key] = fresh
            self.told.emit()
