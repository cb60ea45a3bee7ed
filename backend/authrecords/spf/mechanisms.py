"""Whether a mechanism matches the sender's address (RFC 7208 5); ``include`` is the evaluator's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from backend.authrecords.spf.asking import Address, Asking
from backend.authrecords.spf.expansion import is_below
from backend.authrecords.spf.limits import MOST_NAMES, Stopped
from backend.authrecords.spf.terms import Kind, Mechanism
from backend.authrecords.spf.trace import OpenStep
from backend.core.present.text import _


def is_in_network(mechanism: Mechanism, ip: Address) -> bool:
    """``ip4`` and ``ip6``: an address of the other family is in none."""
    network = mechanism.network
    return network is not None and network.version == ip.version and ip in network


async def is_match(mechanism: Mechanism, name: str, asking: Asking, step: OpenStep) -> bool:
    """A mechanism that asks the DNS for ``name``; what was found is told in the step.

    :raises Stopped: no answer, or a limit.
    """
    return await _ASKING[mechanism.kind](mechanism, name, asking, step)


async def _a(mechanism: Mechanism, name: str, asking: Asking, step: OpenStep) -> bool:
    found = await asking.addresses(name)
    step.text = _listed(found)
    return _is_near(found, mechanism, asking.ip)


async def _mx(mechanism: Mechanism, name: str, asking: Asking, step: OpenStep) -> bool:
    """The eleventh host is one too many when it would be looked up (RFC 7208 4.6.4): a match before it counts."""
    hosts = await asking.exchanges(name)
    step.text = _listed(hosts)
    for number, host in enumerate(hosts):
        if number == MOST_NAMES:
            text = _("The limit of {most} for hosts that take mail is passed.").format(most=MOST_NAMES)
            raise Stopped("permerror", text)
        found = await asking.addresses(host)
        if _is_near(found, mechanism, asking.ip):
            step.text = f"{host.removesuffix('.')}: {_listed(found)}"
            return True
    return False


async def _ptr(_mechanism: Mechanism, name: str, asking: Asking, step: OpenStep) -> bool:
    names = await asking.own_names()
    step.text = _listed(names)
    return any(is_below(each, name) for each in names)


async def _exists(_mechanism: Mechanism, name: str, asking: Asking, step: OpenStep) -> bool:
    found = await asking.addresses(name, kind="A")
    step.text = f"{name}: {_listed(found)}"
    return bool(found)


_ASKING: Mapping[Kind, Callable[[Mechanism, str, Asking, OpenStep], Awaitable[bool]]] = {
    "a": _a,
    "mx": _mx,
    "ptr": _ptr,
    "exists": _exists,
}


def _is_near(found: Iterable[Address], mechanism: Mechanism, ip: Address) -> bool:
    """Whether one of them has the same leading bits; all are of the family of ``ip``."""
    prefix = mechanism.prefix4 if ip.version == 4 else mechanism.prefix6
    shift = ip.max_prefixlen - prefix
    return any(int(each) >> shift == int(ip) >> shift for each in found)


def _listed(found: Iterable[object]) -> str:
    return ", ".join(str(each).removesuffix(".") for each in found) or _("nothing found")
