"""What a change of settings means for the files that lie on a server: which lines, which containers. Pure.

Only what differs between the settings that the files say now and those that are wanted is written: every other line,
whoever wrote it, stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.core.errors import AlreadyThere, BadResponse, Refused
from backend.core.present.text import _
from backend.core.unreadable import UNREADABLE
from backend.engine.plan import fingerprint
from backend.mail.change.requests import ALL, ChangeMail
from backend.mailu.compose import HEAD, compose, document_text
from backend.mailu.environment import MailSecrets, environment, with_values
from backend.mailu.found import Difference, Found, differences, settings_in, shown
from backend.mailu.settings import MailSettings, check_settings

COMMENT = re.compile(r"(^|\s)#")
HEAD_BEGIN = HEAD.partition("{")[0]


@dataclass(frozen=True)
class FilesThere:
    """The two files as they lie there, secrets and all: at the wire only."""

    env: str = field(repr=False)
    compose: str

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.env, self.compose)


@dataclass(frozen=True)
class Line:
    """A key of mailu.env, before and after; None: it is not there. Values of secrets are masked."""

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ChangePlan:
    """``parts`` are the containers that the compose file gets (+), loses (-) or has otherwise (~); ``kept`` what was
    changed by hand and stays; ``restarts`` the containers that are made anew; ``comments`` how many lines of the
    compose file lose what somebody noted there: YAML is written without.
    """

    before: MailSettings
    after: MailSettings
    lines: tuple[Line, ...]
    parts: tuple[str, ...]
    kept: tuple[Difference, ...]
    restarts: tuple[str, ...]
    images: tuple[str, ...]
    comments: int
    files: FilesThere


def plan_change(
    found: Found, there: FilesThere, known: MailSettings, secrets: MailSecrets, request: ChangeMail
) -> ChangePlan:
    """``found`` is what the files ``there`` say; ``known`` what Mailyard set the server up with.

    :raises Refused: a setting will not do, or a key to set back was not changed by hand.
    :raises AlreadyThere: nothing would change.
    """
    relay = known.smart_host
    before = settings_in(found, relay.password_ref if relay is not None else "by hand")
    after = request.on(before)
    check_settings(after)
    by_hand = differences(found, known, secrets)
    back = _set_back(by_hand, request.sets_back)
    values = _changed(before, after, secrets) | _ours(request.on(known), secrets, back)
    env = with_values(there.env, values.keys(), ((key, value) for key, value in values.items() if value is not None))
    document = _document(there.compose)
    wanted = merged(document, compose(before), compose(after))
    text = there.compose if wanted == document else document_text(wanted, after.mailu_version)
    files = FilesThere(there.env if _is_same(found, values) else env, text)
    if files == there:
        raise AlreadyThere(_("The mail server is set up like that already."))
    return ChangePlan(
        before=before,
        after=after,
        lines=tuple(_lines(found, values)),
        parts=tuple(_parts(document["services"], wanted["services"])),
        kept=tuple(each for each in by_hand if each.name not in values),
        restarts=_restarts(document["services"], wanted["services"], is_env=files.env != there.env),
        images=tuple(str(node["image"]) for node in wanted["services"].values()),
        comments=0 if text == there.compose else _comments(there.compose),
        files=files,
    )


def merged(there: Any, before: Any, after: Any) -> Any:
    """What is ``there`` with all that differs between ``before`` and ``after``, and what else it has."""
    if before == after:
        return there
    if isinstance(there, dict) and isinstance(before, dict) and isinstance(after, dict):
        found = dict[str, Any]()
        for key in (*there, *(key for key in after if key not in there)):
            if key in there and key in before and key in after:
                found[key] = merged(there[key], before[key], after[key])
            elif key in after and after[key] != before.get(key):
                found[key] = after[key]
            elif key in there and key not in before:
                found[key] = there[key]
        return found
    if isinstance(there, list) and isinstance(before, list) and isinstance(after, list):
        kept = [each for each in there if each in after or each not in before]
        return [*kept, *(each for each in after if each not in before and each not in kept)]
    return after


def _document(text: str) -> dict[str, Any]:
    """
    :raises BadResponse: it is no compose file that can be changed.
    """
    import yaml

    try:
        document = yaml.safe_load(text)
        return {**document, "services": dict(document["services"])}
    except (yaml.YAMLError, *UNREADABLE) as error:
        raise BadResponse(
            _("The compose file of the mail server could not be read."),
            remedy=_("Mailyard changes plain files; this one was changed by hand."),
            detail=type(error).__name__,
        ) from error


def _set_back(by_hand: Sequence[Difference], wanted: Sequence[str]) -> frozenset[str]:
    keys = frozenset(each.name for each in by_hand if each.place == "mailu.env")
    if ALL in wanted:
        return keys
    unknown = sorted(set(wanted) - keys)
    if unknown:
        raise Refused(
            _("{key} is in mailu.env as Mailyard wrote it.").format(key=unknown[0]),
            remedy=_("Name keys that somebody changed by hand."),
        )
    return frozenset(wanted)


def _changed(before: MailSettings, after: MailSettings, secrets: MailSecrets) -> dict[str, str | None]:
    old, new = dict(environment(before, secrets)), dict(environment(after, secrets))
    return {key: new.get(key) for key in (*new, *old) if old.get(key) != new.get(key)}


def _ours(settings: MailSettings, secrets: MailSecrets, keys: Iterable[str]) -> dict[str, str | None]:
    ours = dict(environment(settings, secrets))
    return {key: ours.get(key) for key in sorted(keys)}


def _is_same(found: Found, values: Mapping[str, str | None]) -> bool:
    return all(found.env.get(key) == value for key, value in values.items())


def _lines(found: Found, values: Mapping[str, str | None]) -> Iterable[Line]:
    for key, value in values.items():
        if found.env.get(key) != value:
            yield Line(key, shown(key, found.env.get(key)), shown(key, value))


def _parts(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterable[str]:
    for name in sorted({*there, *wanted}):
        if there.get(name) != wanted.get(name):
            yield f"{'+' if name not in there else '-' if name not in wanted else '~'} {name}"


def _comments(text: str) -> int:
    """Lines of a compose file with a comment, but for those that Mailyard writes itself."""
    return sum(bool(COMMENT.search(line)) for line in text.splitlines() if not line.startswith(HEAD_BEGIN))


def _restarts(there: Mapping[str, Any], wanted: Mapping[str, Any], *, is_env: bool) -> tuple[str, ...]:
    """Compose makes each container anew that has the file, whichever line of it is another (*tried*)."""
    return tuple(name for name, node in wanted.items() if node != there.get(name) or (is_env and "env_file" in node))
