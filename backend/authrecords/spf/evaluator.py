"""check_host() of RFC 7208 4: what the SPF records of a domain say of a sender."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from backend.authrecords.spf.asking import Address, Asking, LooksUp, is_name
from backend.authrecords.spf.expansion import Expansion, Sender
from backend.authrecords.spf.limits import MOST_SECONDS, Costs, Stopped
from backend.authrecords.spf.macros import BadSyntax, parsed_text
from backend.authrecords.spf.mechanisms import is_in_network, is_match
from backend.authrecords.spf.parser import is_spf, parsed_record
from backend.authrecords.spf.terms import ASKING, Mechanism, Modifier, Record, Result
from backend.authrecords.spf.trace import OpenStep, Step, Trace
from backend.core.domain_names import plain_domain
from backend.core.present.text import _

POSTMASTER = "postmaster"


class BadSender(ValueError):
    """There is no such sender; the text says why."""


@dataclass(frozen=True)
class SpfAnswer:
    """``explanation`` is what the domain says of a ``fail``, in its own words, None where it says nothing."""

    result: Result
    explanation: str | None
    lookups: int
    void_lookups: int
    trace: tuple[Step, ...]


def sender_of(ip: str, mail_from: str, helo: str) -> Sender:
    """Who is checked: ``mail_from`` without a domain is a bounce, for which the name of the greeting stands.

    :raises BadSender: ``ip`` is no address, or a text is none that can be sent.
    """
    for text in (mail_from, helo):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadSender(_("A sender holds characters that are none.")) from None
    address = mail_from.strip().removeprefix("<").removesuffix(">")
    local, _at, domain = (address or f"{POSTMASTER}@{helo}").rpartition("@")
    domain = domain.removesuffix(".")
    return Sender(_parsed_ip(ip), local or POSTMASTER, domain if domain.isascii() else plain_domain(domain), helo)


async def evaluate_spf(
    sender: Sender, resolver: LooksUp, *, receiver: str = "", limit_s: float = MOST_SECONDS
) -> SpfAnswer:
    """The result for ``sender``; ``receiver`` is the name of the host that asks, for explanations."""
    check = _Check(sender, resolver, receiver)
    found, explanation = _Found("temperror"), None
    try:
        async with asyncio.timeout(limit_s):
            found = await check.host(sender.domain, 0)
            explanation = await check.explanation(found)
    except Stopped as stopped:
        found = _Found(stopped.result)
    except TimeoutError:
        pass  # A result that was there before the explanation stays.
    return SpfAnswer(found.result, explanation, check.costs.lookups, check.costs.voids, check.trace.steps)


@dataclass(frozen=True)
class _Found:
    """A result with the domain and the ``exp`` of the record that it came from."""

    result: Result
    domain: str = ""
    exp: Modifier | None = None


class _Check:
    """One check: its limits hold for all records that it comes to."""

    def __init__(self, sender: Sender, resolver: LooksUp, receiver: str) -> None:
        self.costs = Costs()
        self.trace = Trace(self.costs)
        self._ip = sender.ip
        self._asking = Asking(resolver, sender.ip, self.costs)
        self._expansion = Expansion(sender, self._asking, receiver)

    async def host(self, domain: str, depth: int) -> _Found:
        """
        :raises Stopped: permerror or temperror.
        """
        with self.trace.step(depth, domain) as step:
            record = await self._record(domain, depth, step)
            if record is None:
                return _Found("none")
            found = await self._of_mechanisms(record, domain, depth + 1)
            if found is None and record.redirect:
                found = await self._redirected(record.redirect, domain, depth + 1)
            found = found or _Found("neutral")
            step.ends(found.result)
            return found

    async def explanation(self, found: _Found) -> str | None:
        """What the domain says of a fail; any trouble with it leaves the fail without one (RFC 7208 6.2)."""
        if found.result != "fail" or found.exp is None:
            return None
        self.costs.is_counted = False
        with self.trace.step(1, found.domain, found.exp.text) as step:
            try:
                text = await self._explained(found.exp, found.domain)
            except (BadSyntax, Stopped) as trouble:
                step.ends("ignored", trouble.text)
                return None
            step.ends("explained", text)
            return text

    async def _record(self, domain: str, depth: int, step: OpenStep) -> Record | None:
        if not is_name(domain) or "." not in domain or domain.startswith("["):
            step.ends("none", _("This is no name of a domain."))
            return None
        texts = [each for each in await self._asking.texts(domain, is_void_counted=depth > 0) if is_spf(each)]
        if not texts:
            step.ends("none", _("The domain has no SPF record."))
            return None
        step.term = texts[0]
        if len(texts) > 1:
            raise Stopped("permerror", _("The domain has more than one SPF record."))
        record, errors = parsed_record(texts[0])
        if errors:
            raise Stopped("permerror", errors[0].text)
        return record

    async def _of_mechanisms(self, record: Record, domain: str, depth: int) -> _Found | None:
        for mechanism in record.mechanisms:
            with self.trace.step(depth, domain, mechanism.text) as step:
                has_matched = await self._is_match(mechanism, domain, depth, step)
                step.ends("match" if has_matched else "no match")
            if has_matched:
                return _Found(mechanism.result, domain, record.explanation)
        return None

    async def _is_match(self, mechanism: Mechanism, domain: str, depth: int, step: OpenStep) -> bool:
        if mechanism.kind not in ASKING:
            return mechanism.kind == "all" or is_in_network(mechanism, self._ip)
        self.costs.count_lookup()
        name = await self._expansion.name(mechanism.domain, domain)
        if mechanism.kind == "include":
            return await self._is_included(name, depth)
        if name is None:
            step.text = _("This is no name of a domain.")
            return False
        return await is_match(mechanism, name, self._asking, step)

    async def _is_included(self, name: str | None, depth: int) -> bool:
        """Errors of the other record are those of this one (RFC 7208 5.2)."""
        found = await self.host(name or "", depth + 1)
        if found.result == "none":
            raise Stopped("permerror", _("The record that is included is not there."))
        return found.result == "pass"

    async def _redirected(self, redirect: Modifier, domain: str, depth: int) -> _Found:
        """The record of another domain, with its own ``exp`` (RFC 7208 6.1)."""
        with self.trace.step(depth, domain, redirect.text) as step:
            self.costs.count_lookup()
            name = await self._expansion.name(redirect.value, domain)
            found = await self.host(name or "", depth + 1)
            if found.result == "none":
                raise Stopped("permerror", _("The record that is led to is not there."))
            step.ends(found.result)
            return found

    async def _explained(self, exp: Modifier, domain: str) -> str:
        name = await self._expansion.name(exp.value, domain)
        texts = await self._asking.texts(name) if name else ()
        if len(texts) != 1:
            raise BadSyntax(_("There is not exactly one TXT record."), "RFC 7208 6.2")
        if not texts[0].isascii() or not texts[0].isprintable():
            raise BadSyntax(_("An explanation is to be plain ASCII."), "RFC 7208 6.2")
        return await self._expansion.text(parsed_text(texts[0]), domain)


def _parsed_ip(text: str) -> Address:
    """IPv4 that is mapped into IPv6 is IPv4 (RFC 7208 5); a zone of this computer says nothing to others."""
    try:
        ip = ip_address(text.strip())
    except ValueError:
        raise BadSender(_("{text} is no IP address.").format(text=text.strip() or "–")) from None
    return ip.ipv4_mapped or IPv6Address(int(ip)) if isinstance(ip, IPv6Address) else ip
