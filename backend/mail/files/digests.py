"""A digest of each setting in the files of a mail server, and which differ. Pure; no value can be read back."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backend.core.unreadable import UNREADABLE
from backend.mailu.found import is_secret

#: By the name of a setting: ``MESSAGE_RATELIMIT``, ``compose: front image``, ``overrides/postfix/postfix.cf``.
Digests = Mapping[str, str]
#: Mailu's own secret is what all others are keyed with, so that who reads our rows alone cannot try values.
KEY = "SECRET_KEY"
LENGTH = 24


def digests_of(env: str, composes: Iterable[str], overrides: Mapping[str, str]) -> dict[str, str]:
    """``env`` is the text of mailu.env, ``composes`` those of the compose files; ``overrides`` digests by path.

    Comments, order and blank lines say nothing. A file that is no YAML counts as one setting.
    """
    lines = _lines(env)
    key = lines.get(KEY, "")
    values = {name: "" if is_secret(name) and not key else value for name, value in lines.items()}
    for number, text in enumerate(composes):
        values |= {f"compose: {name}": value for name, value in _parts(text, number).items()}
    values |= {f"overrides/{path}": value for path, value in overrides.items()}
    return {name: _digest(key, name, value) for name, value in values.items()}


def digest_of(text: str) -> str:
    """Of a whole file beside them."""
    return hashlib.sha256(text.encode()).hexdigest()


def differing(one: Digests, other: Digests) -> Sequence[str]:
    """The names, in order. Where Mailu's own secret is another one nothing can be said of any other value."""
    names = sorted({*one, *other})
    if one.get(KEY) != other.get(KEY):
        return [name for name in names if name == KEY or (name in one) != (name in other)]
    return [name for name in names if one.get(name) != other.get(name)]


def with_own(accepted: Digests, before: Digests, now: Digests) -> dict[str, str]:
    """What is accepted once something of ours made ``now`` of ``before``: what others changed stays unaccepted."""
    own = {name for name in {*before, *now} if before.get(name) != now.get(name)}
    found = {name: (now if name in own else accepted).get(name) for name in {*accepted, *now}}
    return {name: digest for name, digest in found.items() if digest is not None}


def stamp_of(seen: Digests) -> str:
    """Another one when any setting is another one."""
    return hashlib.sha256(repr(sorted(seen.items())).encode()).hexdigest()[:LENGTH]


def _lines(env: str) -> dict[str, str]:
    """Of a key that is there twice the last line counts, as compose has it."""
    pairs = (line.strip().partition("=") for line in env.splitlines())
    return {key.strip(): value.strip() for key, sign, value in pairs if sign and not key.startswith("#")}


def _parts(text: str, number: int) -> dict[str, str]:
    """What a compose file says of each container, and whatever else it has, by name."""
    import yaml

    try:
        document: Any = yaml.safe_load(text) or {}
        services = dict(document.pop("services", None) or {})
    except (yaml.YAMLError, *UNREADABLE):
        return {f"file {number + 1}": text}
    parts = {str(name): _plain(node) for name, node in document.items()}
    for service, node in services.items():
        of = node if isinstance(node, dict) else {"": node}
        parts |= {f"{service} {key}".strip(): _plain(value) for key, value in of.items()}
    return parts


def _plain(node: object) -> str:
    """Equal for equal nodes, in whatever order their keys stand."""
    if isinstance(node, dict):
        return "{" + ",".join(f"{key!r}:{_plain(node[key])}" for key in sorted(node, key=str)) + "}"
    return "[" + ",".join(map(_plain, node)) + "]" if isinstance(node, list) else repr(node)


def _digest(key: str, name: str, value: str) -> str:
    return hmac.new(key.encode(), f"{name}\0{value}".encode(), hashlib.sha256).hexdigest()[:LENGTH]
