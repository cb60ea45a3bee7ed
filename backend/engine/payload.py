"""What a request asks for and what a step leaves behind: frozen dataclasses with a round trip to JSON and a version.

A feature says each of its requests as a type, the dispatcher reads the stored JSON once, and mypy knows the fields in
every step. msgspec does the reading; it is imported where something is read or written, because pages that only make
requests start without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, TypeVar, cast

from backend.core.errors import Refused
from backend.core.present.said import SIGN, from_json, to_json
from backend.core.present.text import Words, _

#: Plain JSON data as it lies in a row.
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Plain = dict[str, Json]
VERSION_FIELD = "_version"


class Payload:
    """Base of frozen dataclasses that are stored as JSON.

    Fields may be text, numbers, booleans, UUIDs, datetimes with a zone, literals, other frozen dataclasses, tuples of
    these, and None beside each. References to secrets are fields; secret values never are.

    When the fields change, raise ``version`` and teach :meth:`upgraded` the older form: what is stored outlives the
    program that wrote it.
    """

    version: ClassVar[int] = 1

    @classmethod
    def upgraded(cls, plain: Plain, _version: int) -> Plain:
        """``plain`` of an older ``version`` in today's fields. A row written before there were versions counts as 1."""
        return plain


class Request(Payload):
    """What a page, a command or a schedule asks the engine for; ``kind`` names the job or the setting it is for.

    ``changes_server``: while its job is under way, the server it is about may differ from what we know of it, and that
    is no drift. ``class ResizeServer(Request, kind="server.resize", changes_server=True)``
    """

    kind: ClassVar[str] = ""
    changes_server: ClassVar[bool] = False

    def __init_subclass__(cls, *, kind: str = "", changes_server: bool = False, **rest: object) -> None:
        super().__init_subclass__(**rest)
        if kind:
            cls.kind = kind
        if changes_server:
            cls.changes_server = True


class Result(Payload):
    """What a finished step leaves for the steps after it."""


P = TypeVar("P", bound=Payload)


def to_plain(payload: Payload) -> Plain:
    """JSON data that :func:`from_plain` reads back; equal payloads give equal data."""
    import msgspec

    plain = cast("Plain", msgspec.to_builtins(payload, builtin_types=(), enc_hook=_kept))
    if payload.version != 1:
        plain[VERSION_FIELD] = payload.version
    return plain


def from_plain(kind: type[P], plain: Mapping[str, object]) -> P:
    """What was stored as JSON, checked field by field. A field that ``kind`` does not know is passed over.

    :raises Refused: a field is missing or holds something else, or a newer program wrote it; the detail names the
        field, never its value.
    """
    import msgspec

    stored = cast("Plain", dict(plain))
    version = stored.pop(VERSION_FIELD, 1)
    if not isinstance(version, int) or version > kind.version:
        raise Refused(
            _("This request was made by a newer version of Mailyard."),
            remedy=_("Update this installation, then retry."),
        )
    try:
        stored = cast("Plain", _said(stored))
        if version < kind.version:
            stored = kind.upgraded(stored, version)
        return msgspec.convert(stored, kind)
    except (msgspec.ValidationError, LookupError, TypeError, ValueError, AttributeError) as error:
        detail = _place(error) if isinstance(error, msgspec.ValidationError) else type(error).__name__
        raise Refused(_("Invalid request."), detail=f"{kind.__name__}: {detail}") from error


def _kept(value: object) -> dict[str, object]:
    """Words of ours go with their message id; msgspec asks about what it does not know.

    :raises NotImplementedError: it is none of ours either.
    """
    if isinstance(value, Words):
        return {SIGN: to_json(value)}
    raise NotImplementedError(type(value).__name__)


def _said(stored: object) -> object:
    """The same with these in the language spoken now."""
    if isinstance(stored, list):
        return [_said(each) for each in stored]
    if not isinstance(stored, dict):
        return stored
    return from_json(stored[SIGN]) if stored.keys() == {SIGN} else {key: _said(each) for key, each in stored.items()}


def _place(error: Exception) -> str:
    """The library's words, without the value that some of them quote: it may be anything, a secret by mistake too."""
    words, _at, place = str(error).partition(" - at ")
    return f"{words.split(chr(39))[0].strip()} {place}".strip()
