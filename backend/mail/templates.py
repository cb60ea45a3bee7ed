"""Templates of limits: named numbers that fill in what a domain may have. A domain keeps no link to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.engine.payload import Result, from_plain, to_plain
from backend.engine.settings import AnySetting, Setting
from backend.mail.limits import check_limits
from backend.mail.requests import KeepTemplate, RemoveTemplate
from backend.store.schema.operations import SettingRow
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.store.query import Source
    from backend.store.scope import ScopedSession

MOST, LONGEST = 50, 60  # templates; characters of a name
KEY = (AGENCY, KeepTemplate.kind)


@dataclass(frozen=True)
class LimitTemplate(Result):
    """Limits under a name; one that is None is none. Bytes are of one mailbox."""

    name: str
    max_mailboxes: int | None
    max_aliases: int | None
    max_quota_bytes: int | None

    @property
    def limits(self) -> tuple[int | None, int | None, int | None]:
        """Mailboxes, aliases, bytes of a mailbox."""
        return self.max_mailboxes, self.max_aliases, self.max_quota_bytes


@dataclass(frozen=True)
class LimitTemplates:
    """Query: all of them, by name."""

    topics: ClassVar[tuple[str, ...]] = ("settings",)

    def run(self, source: Source) -> tuple[LimitTemplate, ...]:
        with source.store.read(ENGINE_SCOPE) as session:
            return tuple(_kept(session))


def named(templates: Iterable[LimitTemplate], name: str) -> LimitTemplate | None:
    """The one of that name, however its letters are written."""
    return next((each for each in templates if each.name.casefold() == name.strip().casefold()), None)


def keep(session: ScopedSession, request: KeepTemplate, _now: datetime) -> str:
    """:raises Refused: it has no name, another one's name, or no limit that could be one; or there are too many."""
    there, template = _kept(session), LimitTemplate(request.name, *_limits(request))
    if not 0 < len(request.name) <= LONGEST:
        raise Refused(_("A template needs a name of at most {n} characters.").format(n=LONGEST))
    if not any(each is not None for each in template.limits):
        raise Refused(_("A template needs at least one limit."))
    check_limits(*template.limits)
    before = _found(there, request.of) if request.of else None
    others = [each for each in there if each != before]
    if named(others, request.name) is not None:
        raise Refused(_("There is already a template named {name}.").format(name=request.name))
    if len(others) >= MOST:
        raise Refused(_("There can be at most {most} templates.").format(most=MOST))
    _write(session, [*others, template])
    return request.name


def remove(session: ScopedSession, request: RemoveTemplate, _now: datetime) -> str:
    """:raises Refused: there is none of that name."""
    there = _kept(session)
    gone = _found(there, request.name)
    _write(session, [each for each in there if each != gone])
    return gone.name


SETTINGS: tuple[AnySetting, ...] = (Setting(KeepTemplate, keep), Setting(RemoveTemplate, remove))


def _limits(request: KeepTemplate) -> tuple[int | None, int | None, int | None]:
    return request.max_mailboxes, request.max_aliases, request.max_quota_bytes


def _found(there: Sequence[LimitTemplate], name: str) -> LimitTemplate:
    found = named(there, name)
    if found is None:
        raise Refused(_("There is no template named {name}.").format(name=name or "–"))
    return found


def _kept(session: ScopedSession) -> Sequence[LimitTemplate]:
    row = session.get(SettingRow, KEY)
    return [from_plain(LimitTemplate, each) for each in row.value] if row is not None else []


def _write(session: ScopedSession, templates: Iterable[LimitTemplate]) -> None:
    value = [to_plain(each) for each in sorted(templates, key=lambda each: each.name.casefold())]
    row = session.get(SettingRow, KEY)
    if row is None:
        session.add(SettingRow(tenant_id=AGENCY, key=KeepTemplate.kind, value=value))
    else:
        row.value = value
