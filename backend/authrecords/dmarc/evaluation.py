"""DMARC of one message: the record that applies, who is aligned, the result and the policy, by either text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backend.authrecords.dmarc.names import authenticated_domains, author_domain
from backend.authrecords.dmarc.organization import Found, Published, walked_organization
from backend.authrecords.dmarc.record import Ruleset
from backend.authrecords.dmarc.values import POLICIES, Policy
from backend.core.domain_names import registered_domain
from backend.core.present.text import _
from backend.core.resolver import Resolver, ResolverError

Result = Literal["pass", "fail", "none", "temperror", "permerror"]


@dataclass(frozen=True)
class Authenticated:
    """The author's From field, and the domains that DKIM and SPF (of the return path) passed for."""

    header_from: str
    dkim: tuple[str, ...] = ()
    spf: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """``policy`` is what the domain asks for, whatever the result, after test mode and percentage; None where nothing
    applies. ``record`` is the text that applies and ``found_at`` its name. ``dkim`` and ``spf`` are the aligned ones.
    ``why`` is a sentence where the result needs one.
    """

    result: Result
    policy: Policy | None = None
    record: str | None = None
    found_at: str | None = None
    dkim: tuple[str, ...] = ()
    spf: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class _Alignment:
    """Which domains are aligned; ``trouble`` where the DNS did not let it be told of one."""

    domains: tuple[str, ...]
    trouble: ResolverError | None = None


async def evaluate(message: Authenticated, ruleset: Ruleset, resolver: Resolver) -> Evaluation:
    """RFC 7489 6.6.2 or RFC 9989 5.3. A DNS that fails is ``temperror``, and never an error of this function.

    :raises NoAuthorDomain: the From field does not name one domain.
    """
    author = author_domain(message.header_from)
    published = Published(resolver, ruleset)
    try:
        found = await _applicable(author, ruleset, published)
    except ResolverError as error:
        return Evaluation("temperror", why=error.sentence())
    if isinstance(found, str):
        return Evaluation("none", why=found)
    if found.record.policy is None:
        return _not_applied(found, ruleset)
    dkim = await _aligned(author, message.dkim, published, ruleset, is_strict=found.record.is_dkim_strict)
    spf = await _aligned(author, message.spf, published, ruleset, is_strict=found.record.is_spf_strict)
    return await _judged(author, found, published, ruleset, dkim=dkim, spf=spf)


async def _applicable(author: str, ruleset: Ruleset, published: Published) -> Found | str:
    """The record that applies, or why none does.

    :raises ResolverError: no server answered.
    """
    if ruleset == "7489":
        return await _listed(author, published)
    own = await published.single(author)
    if own is not None:
        return own
    walked = await published.walk(author)
    organization = walked_organization(author, walked)
    by_domain = {each.domain: each for each in walked}
    # Where the organization has none, that of the public suffix above it, which is the last one of the walk.
    found = by_domain.get(organization) or (walked[-1] if walked else None)
    if found is not None:
        return found
    several = await published.records(author)
    return _several(author) if several else _none(author)


async def _listed(author: str, published: Published) -> Found | str:
    """RFC 7489 6.6.3: several records end the search, also before the organizational domain is asked."""
    for domain in dict.fromkeys((author, registered_domain(author))):
        if records := await published.records(domain):
            return Found(domain, records[0]) if len(records) == 1 else _several(domain)
    return _none(author)


def _none(author: str) -> str:
    return _("No DMARC record applies to {domain}.").format(domain=author)


def _several(domain: str) -> str:
    return _("There is more than one DMARC record at {name}, so none counts.").format(name=f"_dmarc.{domain}")


def _not_applied(found: Found, ruleset: Ruleset) -> Evaluation:
    """RFC 7489 requires a policy, so that without one the record is wrong (11.2); RFC 9989 does not apply it (4.10.1).
    Tags that are repeated make the record wrong for both."""
    if ruleset == "9989" and not found.record.is_broken:
        return Evaluation("none", why=_("The record at {name} has no policy and no rua.").format(name=found.name))
    why = _("The record at {name} is wrong: no policy can be read from it.").format(name=found.name)
    return Evaluation("permerror", record=found.record.text, found_at=found.name, why=why)


async def _aligned(
    author: str, identifiers: Sequence[str], published: Published, ruleset: Ruleset, *, is_strict: bool
) -> _Alignment:
    aligned: list[str] = []
    trouble = None
    for domain in authenticated_domains(identifiers):
        try:
            if domain == author or (not is_strict and await _is_one(author, domain, published, ruleset)):
                aligned.append(domain)
        except ResolverError as error:
            trouble = error
    return _Alignment(tuple(aligned), trouble)


async def _is_one(author: str, domain: str, published: Published, ruleset: Ruleset) -> bool:
    """Whether two domains belong to one organization.

    :raises ResolverError: no server answered.
    """
    if author.rpartition(".")[2] != domain.rpartition(".")[2]:
        return False  # whatever lies above both, it is nothing that they share
    if ruleset == "7489":
        return registered_domain(author) == registered_domain(domain)
    organizations = [walked_organization(each, await published.walk(each)) for each in (author, domain)]
    return organizations[0] == organizations[1]


async def _judged(
    author: str, found: Found, published: Published, ruleset: Ruleset, *, dkim: _Alignment, spf: _Alignment
) -> Evaluation:
    is_passed = bool(dkim.domains or spf.domains)
    trouble = dkim.trouble or spf.trouble
    policy = None
    try:
        policy = await _policy(author, found, published, ruleset)
    except ResolverError as error:
        trouble = trouble or error
    result: Result = "pass" if is_passed else "fail" if trouble is None else "temperror"
    return Evaluation(
        result,
        policy if result != "temperror" else None,
        found.record.text,
        found.name,
        dkim.domains,
        spf.domains,
        why="" if trouble is None else trouble.sentence(),
    )


async def _policy(author: str, found: Found, published: Published, ruleset: Ruleset) -> Policy | None:
    """What the domain asks for.

    :raises ResolverError: no server says whether the author's domain exists, and that makes a difference.
    """
    record = found.record
    wished = record.policy
    if found.domain != author:
        wished = record.subdomain_policy or record.policy
        missing = record.missing_policy
        if missing is not None and missing != wished and not await published.exists(author):
            wished = missing
    is_lowered = record.percentage == 0 if ruleset == "7489" else record.is_test
    return POLICIES[max(0, POLICIES.index(wished) - 1)] if wished and is_lowered else wished
