"""Words that are stored: a msgid with its values, put into the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union

from backend.core.present.said import from_column, to_column
from backend.core.present.text import Words, _

Value = Union[str, int, float, "Message"]
Plain = str | int | float | dict[str, "Plain"]


@dataclass(frozen=True)
class Message:
    """``msgid`` is marked with ``N_`` where it is written; a value may be a message itself.

    ``values`` None: the words as they were said, by a server, by an error or by an earlier version. Those of an error
    are in the language of whoever reads them, the others as they stand.
    """

    msgid: str = ""
    values: Mapping[str, Value] | None = field(default_factory=dict)

    @classmethod
    def said(cls, words: str) -> Message:
        """Words that are no msgid."""
        return cls(words, None)

    def text(self) -> str:
        """In the language spoken now."""
        if self.values is None or not self.msgid:
            return self.msgid
        words = {name: value.text() if isinstance(value, Message) else value for name, value in self.values.items()}
        return _(self.msgid).format(**words)

    def plain_values(self) -> dict[str, Plain] | None:
        """Its values as JSON keeps them beside the msgid."""
        if self.values is None:
            return None
        return {name: _plain(value) for name, value in self.values.items()}

    @classmethod
    def stored(cls, msgid: str, values: Mapping[str, Plain] | None) -> Message:
        """The inverse: from the two columns."""
        return cls(msgid, None if values is None else {name: _value(each) for name, each in values.items()})


def _plain(value: Value) -> Plain:
    if isinstance(value, Words):
        return {"msgid": to_column(value)}
    if not isinstance(value, Message):
        return value
    values = value.plain_values()
    return {"msgid": to_column(value.msgid)} if values is None else {"msgid": value.msgid, "values": values}


def _value(plain: Plain) -> Value:
    if not isinstance(plain, dict):
        return plain
    values = plain.get("values")
    return Message.stored(from_column(str(plain["msgid"])), values if isinstance(values, dict) else None)
