"""What a screen reader gets over AT-SPI 2: the tree of things with roles, names and states, and what can be done.

Interfaces and numbers are those of the AT-SPI D-Bus protocol (org.a11y.atspi, at-spi2-core 2.46).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from jeepney import DBusAddress, DBusErrorResponse, MessageType, Properties, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from tests.waiting import found_within

ATSPI = "org.a11y.atspi"
REGISTRY, ROOT = f"{ATSPI}.Registry", "/org/a11y/atspi/accessible/root"
NOWHERE = "/org/a11y/atspi/null"
#: Bits of the state set (Atspi.StateType).
ACTIVE, CHECKED, ENABLED, FOCUSED, SELECTED, SHOWING = 1, 4, 8, 12, 23, 25
WINDOWS = ("frame", "dialog")
#: Rows of a list have a mark of their own, and of a current tab Qt says that it has the keyboard wherever that is.
MARKED = ("list item", "cell", "page tab")
#: What extents are told from (Atspi.CoordType).
ON_SCREEN = 0
#: Relations (Atspi.RelationType).
LABEL_FOR, LABELLED_BY = 1, 2
#: A look asks a hundred things over the bus, each of which waits for its turn on a machine that has much to do.
ANSWER_S, PATIENCE_S, PAUSE_S = 60.0, 120.0, 0.2


@dataclass(frozen=True)
class Thing:
    """Something on the screen: where it lives on the bus."""

    owner: str
    path: str


def accessibility_bus(address: str) -> DBusConnection:
    """A connection of one's own to the bus on which programs tell what they show, on the session bus at ``address``."""
    with open_dbus_connection(address) as session:
        where = DBusAddress("/org/a11y/bus", bus_name="org.a11y.Bus", interface="org.a11y.Bus")
        answer = session.send_and_get_reply(new_method_call(where, "GetAddress"), timeout=ANSWER_S)
    return open_dbus_connection(str(answer.body[0]))


class ScreenReader:
    """Reads the desktop whose session bus is at ``address``, until its block is left."""

    def __init__(self, address: str) -> None:
        self._bus = accessibility_bus(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_trouble: object) -> None:
        self._bus.close()

    def find(self, role: str, name: str, *, within: Thing | None = None, seconds: float = PATIENCE_S) -> Thing:
        """The first shown thing with this role and name; waits for it."""

        def look() -> Thing | None:
            return next(self._matching(role, name, within), None)

        found = self._wait(look)
        assert isinstance(found, Thing), f"no {role} {name!r} in {self.told(within)}"
        return found

    def field(self, label: str, *, within: Thing | None = None) -> Thing:
        """What a label is said to be of."""
        thing = self.find("label", label, within=within)
        for kind, targets in self._call(thing, "Accessible", "GetRelationSet")[0]:
            if kind == LABEL_FOR:
                return Thing(*targets[0])
        raise AssertionError(f"the label {label!r} is of nothing")

    def called(self, thing: Thing) -> str:
        """What is read out for it: the words of its label, where it has one, else its own name."""
        for kind, targets in self._call(thing, "Accessible", "GetRelationSet")[0]:
            if kind == LABELLED_BY:
                return self.name(Thing(*targets[0]))
        return self.name(thing)

    def has(self, role: str, name: str, *, within: Thing | None = None) -> bool:
        return next(self._matching(role, name, within), None) is not None

    def press(self, thing: Thing) -> None:
        """Do its first action: press, toggle, open."""
        assert self.state(thing, ENABLED), f"{self.name(thing)!r} is disabled"
        assert self._call(thing, "Action", "DoAction", "i", (0,))[0], f"{self.name(thing)!r} did nothing"

    def write(self, thing: Thing, text: str) -> None:
        """Replace the text of a field."""
        assert self._call(thing, "EditableText", "SetTextContents", "s", (text,))[0]

    def focus(self, thing: Thing) -> None:
        self._call(thing, "Component", "GrabFocus")

    def pick(self, table: Thing, *names: str) -> None:
        """Choose the rows of these cells, and no others."""
        self._call(table, "Selection", "ClearSelection")
        for name in names:
            cell = self.find("cell", name, within=table)
            row, _column = self._property(cell, "Position", "TableCell")
            assert self._call(table, "Table", "AddRowSelection", "i", (row,))[0], f"the row of {name!r} was not chosen"

    def turn_to(self, tabs: Thing, name: str) -> None:
        """Show the tab that is called so."""
        self.press(self.find("page tab", name, within=tabs))

    def place(self, thing: Thing) -> tuple[int, int, int, int]:
        """Left, top, width and height on the screen, in pixels."""
        left, top, width, height = self._call(thing, "Component", "GetExtents", "u", (ON_SCREEN,))[0]
        return left, top, width, height

    def name(self, thing: Thing) -> str:
        return str(self._property(thing, "Name"))

    def description(self, thing: Thing) -> str:
        return str(self._property(thing, "Description"))

    def role(self, thing: Thing) -> str:
        return str(self._call(thing, "Accessible", "GetRoleName")[0])

    def state(self, thing: Thing, bit: int) -> bool:
        low, high = self._call(thing, "Accessible", "GetState")[0]
        return bool((low | high << 32) >> bit & 1)

    def children(self, thing: Thing) -> list[Thing]:
        found = self._call(thing, "Accessible", "GetChildren")[0]
        return [Thing(owner, path) for owner, path in found if path != NOWHERE]

    def focused(self) -> Thing | None:
        """The control that has the keyboard: in the window in front, and nothing that has only a mark."""
        for window in self.walk():
            if self.role(window) in WINDOWS and self.state(window, ACTIVE):
                inside = (each for each in self.walk(window) if each != window and self.state(each, FOCUSED))
                return next((each for each in inside if self.role(each) not in MARKED), None)
        return None

    def wait(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
        assert self._wait(condition, seconds), f"waited {seconds:.0f} s for {what}: {self.told(None)}"

    def another(self, look: Callable[[], Thing | None], *, than: Thing | None) -> Thing:
        """What a look finds as soon as that is something else."""
        found = self._wait(lambda: thing if (thing := look()) != than else None)
        assert isinstance(found, Thing), f"nothing came after {than}"
        return found

    def walk(self, within: Thing | None = None) -> Iterator[Thing]:
        """All that is shown, parents first. What goes while it is walked is left out."""
        todo = [within or Thing(REGISTRY, ROOT)]
        while todo:
            thing = todo.pop(0)
            try:
                children = self.children(thing)
                is_shown = thing.owner == REGISTRY or self._is_application(thing) or self.state(thing, SHOWING)
            except DBusErrorResponse:
                continue
            if is_shown:
                yield thing
                todo = children + todo

    def told(self, within: Thing | None) -> list[tuple[str, str]]:
        """Role and name of everything shown, for messages."""
        found = []
        for thing in self.walk(within):
            try:
                found.append((self.role(thing), self.name(thing)))
            except DBusErrorResponse:
                continue
        return found

    def _matching(self, role: str, name: str, within: Thing | None) -> Iterator[Thing]:
        for thing in self.walk(within):
            try:
                if self.role(thing) == role and self.name(thing) == name:
                    yield thing
            except DBusErrorResponse:
                continue

    def _is_application(self, thing: Thing) -> bool:
        return thing.path == ROOT

    def _wait(self, condition: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
        return found_within(seconds, condition, PAUSE_S)

    def _call(self, thing: Thing, interface: str, method: str, signature: str | None = None, body: Any = ()) -> Any:
        where = DBusAddress(thing.path, bus_name=thing.owner, interface=f"{ATSPI}.{interface}")
        return self._ask(new_method_call(where, method, signature, body))

    def _property(self, thing: Thing, name: str, interface: str = "Accessible") -> Any:
        where = DBusAddress(thing.path, bus_name=thing.owner, interface=f"{ATSPI}.{interface}")
        return self._ask(Properties(where).get(name))[0][1]

    def _ask(self, message: Any) -> Any:
        answer = self._bus.send_and_get_reply(message, timeout=ANSWER_S)
        if answer.header.message_type is MessageType.error:
            raise DBusErrorResponse(answer)
        return answer.body
