"""The proxy variables of the environment: which of them cannot be used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from urllib.parse import urlsplit

from backend.core.errors import NoNetwork
from backend.core.present.text import _

VARIABLES = ("HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY")
HTTP = frozenset({"http", "https"})
SOCKS = frozenset({"socks5", "socks5h"})


class ProxyUnusable(NoNetwork):
    """The environment names a proxy that we cannot use: nothing was sent, and trying again does not help."""

    retryable = False


def proxy_trouble(schemes: frozenset[str] = HTTP | SOCKS) -> ProxyUnusable | None:
    """The first variable whose proxy a client that knows ``schemes`` cannot use; None when there is none.

    Its value is not quoted: some hold passwords.
    """
    known = schemes if find_spec("socksio") else schemes - SOCKS
    for name, value in _set():
        if not _is_usable(value, known):
            return _unusable(name)
    return None


def unbuilt() -> ProxyUnusable:
    """Why no client can be made here: a proxy's variable, else that of the exceptions, else the system's settings."""
    exceptions = [name for name in ("NO_PROXY", "no_proxy") if os.environ.get(name)]
    return proxy_trouble() or _unusable(exceptions[0] if exceptions else _("the system's settings"))


def set_variables() -> list[str]:
    """The names of the proxy variables that are set."""
    return [name for name, _value in _set()]


def _unusable(name: str) -> ProxyUnusable:
    return ProxyUnusable(
        _("The proxy setting in {name} cannot be used.").format(name=name),
        remedy=_("A proxy's address begins with http://. Change {name} or clear it, then start Mailyard again.").format(
            name=name
        ),
    )


def _set() -> Iterator[tuple[str, str]]:
    for upper in VARIABLES:
        for name in (upper, upper.lower()):
            if os.environ.get(name, "").strip():
                yield name, os.environ[name].strip()


def _is_usable(value: str, schemes: frozenset[str]) -> bool:
    """Without a scheme it is taken as http, as other programs do."""
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and port != 0 and " " not in value
