"""What a screen reader is told without asking, over AT-SPI 2: what is announced, and what menu opens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Self

from jeepney import DBusAddress, DBusErrorResponse, HeaderFields, Message, MessageType, message_bus, new_method_call

from tests.desktop.screen_reader import ATSPI, PATIENCE_S, REGISTRY, ScreenReader, Thing, accessibility_bus

EVENTS = f"{ATSPI}.Event.Object"
WANTED = ("object:announcement", "object:state-changed:showing")


class Ears:
    """Hears from the moment it is made until its block is left; what was heard once is not heard again."""

    def __init__(self, address: str, reader: ScreenReader) -> None:
        self._reader = reader
        self._bus = accessibility_bus(address)
        registry = DBusAddress("/org/a11y/atspi/registry", bus_name=REGISTRY, interface=REGISTRY)
        for event in WANTED:
            self._bus.send_and_get_reply(new_method_call(registry, "RegisterEvent", "sass", (event, [], "")))
        self._bus.send_and_get_reply(message_bus.AddMatch(f"type='signal',interface='{EVENTS}'"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_trouble: object) -> None:
        self._bus.close()

    def wait_for(self, words: str) -> str:
        """All that is announced together with these words, as soon as it is."""
        heard = []
        for event in self._events():
            if _member(event) == "Announcement":
                heard.append(str(event.body[3][1]))
                if words in heard[-1]:
                    return heard[-1]
        raise AssertionError(f"waited {PATIENCE_S:.0f} s to hear {words!r}: {heard}")

    def menu(self) -> Thing:
        """The menu that opens: it stands outside the tree of its window."""
        for event in self._events():
            if _member(event) == "StateChanged" and event.body[:2] == ("showing", 1):
                thing = Thing(event.header.fields[HeaderFields.sender], event.header.fields[HeaderFields.path])
                with suppress(DBusErrorResponse):  # it has gone since
                    if self._reader.role(thing) == "popup menu":
                        return thing
        raise AssertionError(f"waited {PATIENCE_S:.0f} s for a menu to open")

    def _events(self) -> Iterator[Message]:
        end = time.monotonic() + PATIENCE_S
        while (left := end - time.monotonic()) > 0:
            try:
                event = self._bus.receive(timeout=left)
            except TimeoutError:
                return
            if event.header.message_type is MessageType.signal:
                yield event


def _member(event: Message) -> str:
    return str(event.header.fields.get(HeaderFields.member))
