"""Whether names can be resolved: a network whose name service is down reaches no provider, though addresses answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select

from backend.engine.threads import off_loop, start_thread
from backend.store.schema.fleet import Account
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.store.database import Store

LIMIT_S = 5.0


class ProviderNames:
    """Asks the system for the names of the providers in use. One thread at a time."""

    def __init__(self, store: Store, host_of: Callable[[str], str]) -> None:
        """``host_of`` tells the host of a kind of provider; an account with an address of its own has another."""
        self._store = store
        self._host_of = host_of

    async def resolve(self) -> bool:
        """False when there are names, and none of them can be resolved: one that can shows that the others could."""
        names = await off_loop(self._in_use)
        return not names or await _any_resolves(names)

    def _in_use(self) -> Sequence[str]:
        statement = select(Account.provider, Account.endpoint_url).where(Account.removed_at.is_(None)).distinct()
        with self._store.read(ENGINE_SCOPE) as session:
            rows = session.execute(statement).all()
        hosts = {urlsplit(url).hostname or "" if url else self._host_of(kind) for kind, url in rows}
        return sorted(host for host in hosts if _is_name(host))


def _is_name(host: str) -> bool:
    """An address is not asked for, nor this computer."""
    try:
        ip_address(host)
    except ValueError:
        return host not in ("", "localhost")
    return False


async def _any_resolves(names: Sequence[str]) -> bool:
    """The system's own limit can be far longer than ours and cannot be set: its answer is then not waited for."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[bool] = loop.create_future()

    def tell(answer: bool) -> None:
        if not found.done():
            found.set_result(answer)

    def ask() -> None:
        answer = any(map(_resolves, names))
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(tell, answer)

    start_thread(ask, "names")
    try:
        async with asyncio.timeout(LIMIT_S):
            return await found
    except TimeoutError:
        return False


def _resolves(name: str) -> bool:
    try:
        return bool(socket.getaddrinfo(name, 443))
    except (OSError, UnicodeError):
        return False
