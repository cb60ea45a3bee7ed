"""The records that the mail of a domain needs, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.core.present.text import _
from backend.dnshosts.records import text_value
from backend.domains.plan import Wanted

#: Service names (RFC 6186, RFC 8314) by the port that the mail server has open or closed for them.
SERVICES = (
    ("_submissions", 465),
    ("_submission", 587),
    ("_imaps", 993),
    ("_imap", 143),
    ("_pop3s", 995),
    ("_pop3", 110),
)
NOT_OFFERED = "0 0 0 ."  # RFC 6186 3.4: the service is decidedly not available
WEB_PORT = 443


@dataclass(frozen=True)
class MailFacts:
    """What is known of a domain and its mail server.

    ``server_name`` is MX and HELO. ``dkim_key`` is the public key in base64, ``selector`` that of the server.
    ``smart_host_include`` names the domain whose SPF covers the smart host. ``reports`` takes the reports of DMARC and
    TLS. ``issuer`` is the CA's name for CAA, empty as long as no certificate names the domain. ``sts_id`` is that of
    the MTA-STS policy, empty as long as none is served under a valid name.
    """

    domain: str
    server_name: str
    selector: str
    dkim_key: str
    ports: frozenset[int]
    reports: str
    smart_host_include: str = ""
    issuer: str = ""
    sts_id: str = ""


def wanted_records(facts: MailFacts, *, ttl_s: int = 3600) -> tuple[Wanted, ...]:
    """All records of the domain, those that mail cannot do without first."""
    return (*_needed(facts, ttl_s), *_reported(facts, ttl_s), *_found(facts, ttl_s), *_certified(facts, ttl_s))


def _needed(facts: MailFacts, ttl_s: int) -> Iterator[Wanted]:
    domain = facts.domain
    # by its name, not by mx: the server may send before the domain's MX leads to it
    yield Wanted(
        domain, "MX", (f"10 {facts.server_name}.",), _("Mail for the domain is delivered to this server."), ttl_s=ttl_s
    )
    include = (f"include:{facts.smart_host_include}",) if facts.smart_host_include else ()
    reason = _("Receivers learn from it that this server may send for the domain.")
    yield Wanted(domain, "TXT", (f"a:{facts.server_name}", *include), reason, "spf", ttl_s)
    key = text_value(f"v=DKIM1; k=rsa; p={facts.dkim_key}")
    reason = _("Receivers check the signature of each message with this key.")
    yield Wanted(f"{facts.selector}._domainkey.{domain}", "TXT", (key,), reason, ttl_s=ttl_s)


def _reported(facts: MailFacts, ttl_s: int) -> Iterator[Wanted]:
    """A policy of somebody else's stays: it may be stricter than ours, and its reports are theirs."""
    policy = text_value(f"v=DMARC1; p=none; rua=mailto:{facts.reports}")
    reason = _("Receivers report who sends in the name of the domain; nothing is refused yet.")
    yield Wanted(f"_dmarc.{facts.domain}", "TXT", (policy,), reason, ttl_s=ttl_s, good_start="v=DMARC1")
    value = text_value(f"v=TLSRPTv1; rua=mailto:{facts.reports}")
    reason = _("Senders report when they cannot deliver over TLS.")
    yield Wanted(f"_smtp._tls.{facts.domain}", "TXT", (value,), reason, ttl_s=ttl_s, good_start="v=TLSRPTv1")


def _found(facts: MailFacts, ttl_s: int) -> Iterator[Wanted]:
    """What mail programs ask for."""
    for service, port in SERVICES:
        is_open = port in facts.ports
        value = f"0 1 {port} {facts.server_name}." if is_open else NOT_OFFERED
        reason = _("Mail programs find the server by it.") if is_open else _("Mail programs need not try this service.")
        yield Wanted(f"{service}._tcp.{facts.domain}", "SRV", (value,), reason, ttl_s=ttl_s)
    value = f"0 1 {WEB_PORT} {facts.server_name}."
    yield Wanted(
        f"_autodiscover._tcp.{facts.domain}", "SRV", (value,), _("Outlook finds the server by it."), ttl_s=ttl_s
    )


def _certified(facts: MailFacts, ttl_s: int) -> Iterator[Wanted]:
    """CAA only beside others: the first one would forbid every other CA, that of the client's website with them."""
    if facts.issuer:
        reason = _("The CA may issue the certificates that name the domain.")
        yield Wanted(facts.domain, "CAA", (f'0 issue "{facts.issuer}"',), reason, "member_if_any", ttl_s)
    if facts.sts_id:
        domain = facts.domain
        reason = _("The policy for encrypted delivery (MTA-STS) is served under this name.")
        yield Wanted(f"mta-sts.{domain}", "CNAME", (f"{facts.server_name}.",), reason, ttl_s=ttl_s)
        value = text_value(f"v=STSv1; id={facts.sts_id}")
        reason = _("Senders learn from it that there is a policy, and when it changed.")
        yield Wanted(f"_mta-sts.{domain}", "TXT", (value,), reason, ttl_s=ttl_s)
