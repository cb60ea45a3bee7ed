"""Notifications by the desktop's own service over D-Bus: org.freedesktop.Notifications 1.2, where a session bus is."""

from __future__ import annotations

import html
import logging
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, DBusErrorResponse, HeaderFields, MatchRule, Message, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from PySide6.QtCore import QObject, QSocketNotifier, Signal

log = logging.getLogger(__name__)

INTERFACE = "org.freedesktop.Notifications"
SERVICE = DBusAddress("/org/freedesktop/Notifications", bus_name=INTERFACE, interface=INTERFACE)
OPEN = "default"
BY_THE_SERVER = -1  # how long a notice stays is the desktop's choice
BROKEN = (OSError, DBusErrorResponse, KeyError, ValueError)  # no bus, a refusal, no address, an odd one


@dataclass(frozen=True)
class Notification:
    """One notice; one of the same key replaces it. ``act`` names what a click does."""

    key: str
    title: str
    text: str
    act: str


class DesktopNotifier(QObject):
    """Lives in the GUI thread; the bus is first reached for with the first notice, and no answer is waited for.

    ``chosen`` carries the key of a notice that was clicked; ``lacking`` that nobody shows notices here, and why.
    """

    chosen = Signal(str)
    lacking = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._bus: DBusConnection | None = None
        self._ear: QSocketNotifier | None = None
        self._able: frozenset[str] | None = None
        self._question = 0
        self._waiting: list[Notification] = []
        self._asked: dict[int, str] = {}
        self._numbers: dict[str, int] = {}

    def show(self, notification: Notification) -> None:
        """Hand a notice to the desktop; returns at once."""
        self._waiting.append(notification)
        try:
            if self._bus is None:
                self._reach()
            self._send_waiting()
        except BROKEN as error:
            self._break(error)

    def close(self) -> None:
        """Close the bus; what is shown stays until the person has seen it."""
        if self._ear is not None:
            self._ear.setEnabled(False)
            self._ear.deleteLater()
            self._ear = None
        if self._bus is not None:
            self._bus.close()
            self._bus = None
        self._able = None
        self._waiting.clear()
        self._asked.clear()

    def _reach(self) -> None:
        """Connect, ask to hear of clicks, and what the service can show: until it says so, notices wait."""
        self._bus = open_dbus_connection("SESSION")
        rule = MatchRule(type="signal", interface=INTERFACE, path=SERVICE.object_path)
        self._bus.send(message_bus.AddMatch(rule))
        self._question = self._call("GetCapabilities")
        self._ear = QSocketNotifier(self._bus.sock.fileno(), QSocketNotifier.Type.Read, self)
        self._ear.activated.connect(self._listen)

    def _call(self, method: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> int:
        """Send a call; the number that its answer refers to."""
        assert self._bus is not None
        serial = next(self._bus.outgoing_serial)
        self._bus.send(new_method_call(SERVICE, method, signature, body), serial=serial)
        return int(serial)

    def _send_waiting(self) -> None:
        """A body may hold markup where the service reads it: there, words are escaped."""
        if self._able is None:
            return
        while self._waiting:
            notification = self._waiting.pop(0)
            text = html.escape(notification.text, quote=False) if "body-markup" in self._able else notification.text
            hints = {"urgency": ("y", 1), "desktop-entry": ("s", "mailyard"), "category": ("s", "network")}
            number = self._numbers.get(notification.key, 0)
            body = ("Mailyard", number, "", notification.title, text, [OPEN, notification.act], hints, BY_THE_SERVER)
            self._asked[self._call("Notify", "susssasa{sv}i", body)] = notification.key

    def _listen(self) -> None:
        """All that has arrived; the bus may be gone after any of it."""
        try:
            while self._bus is not None:
                self._hear(self._bus.receive(timeout=0))
        except TimeoutError:
            pass
        except BROKEN as error:
            self._break(error)

    def _hear(self, message: Message) -> None:
        fields: Any = message.header.fields
        answered = fields.get(HeaderFields.reply_serial, 0)
        is_error = message.header.message_type is MessageType.error
        if answered == self._question:
            if is_error:
                raise DBusErrorResponse(message)
            self._able = frozenset(message.body[0])
            self._send_waiting()
        elif answered in self._asked:
            key = self._asked.pop(answered)
            if is_error:
                raise DBusErrorResponse(message)
            self._numbers[key] = message.body[0]
        elif fields.get(HeaderFields.member) == "ActionInvoked" and message.body[1] == OPEN:
            self._choose(message.body[0])
        elif fields.get(HeaderFields.member) == "NotificationClosed":
            self._numbers = {key: number for key, number in self._numbers.items() if number != message.body[0]}

    def _choose(self, number: int) -> None:
        for key in [key for key, shown in self._numbers.items() if shown == number]:
            self.chosen.emit(key)

    def _break(self, error: Exception) -> None:
        """The next notice tries again."""
        name = error.name if isinstance(error, DBusErrorResponse) else type(error).__name__
        log.info("No notice could be shown: %s", name)
        self.close()
        self.lacking.emit(str(name))
