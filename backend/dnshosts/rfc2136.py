"""Any name server that takes dynamic updates (RFC 2136) signed with a key (TSIG, RFC 8945) and hands its zones over
(AXFR, RFC 5936): BIND, Knot, PowerDNS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.core.errors import (
    BadResponse,
    MailyardError,
    NoNetwork,
    NotFound,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    Unauthorized,
)
from backend.core.present.text import _
from backend.core.resolver import NameServer, to_name
from backend.dnshosts.look import Look
from backend.dnshosts.ports import HostLimits, Zone, zone_moved
from backend.dnshosts.records import MADE_BY_THE_SERVER, Record, SetChange, by_set, record

if TYPE_CHECKING:
    import dns.message
    import dns.rcode

    from backend.core.secrets.values import Secret

SERVICE = "RFC 2136"
ANSWER_S, TRANSFER_S = 15.0, 120.0
FUDGE_S = 300  # RFC 8945 10: how far two clocks may be apart


@dataclass(frozen=True)
class TsigKey:
    """The name and algorithm of a key ("hmac-sha256"), and its secret in base64."""

    name: str
    algorithm: str
    secret: Secret


class Rfc2136:
    """A :class:`backend.dnshosts.ports.DnsHost` over one server. One message is one change: all of it, or nothing, and
    only if the zone still is what the change was made from."""

    kind = "rfc2136"
    limits = HostLimits(is_atomic=True, lists_zones=False)

    def __init__(self, server: NameServer, key: TsigKey, *, answer_s: float = ANSWER_S) -> None:
        self._server = server
        self._key = key
        self._answer_s = answer_s

    def verify(self) -> str:
        """A signed question: a server that does not know the key, or knows another secret, says so."""
        self._asked(".", "SOA")
        return self._key.name

    def zones(self) -> Sequence[Zone]:
        return ()

    def zone(self, name: str) -> Zone:
        import dns.flags
        import dns.rcode
        import dns.rdatatype

        answer = self._asked(name, "SOA")
        if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.REFUSED):
            raise self._meaning(answer.rcode(), name)
        found = answer.get_rrset(answer.answer, to_name(name), 1, dns.rdatatype.SOA)
        if found is None or not answer.flags & dns.flags.AA:
            raise NotFound(
                _("{server} does not serve a zone {name}.").format(server=self._server.address, name=name),
                remedy=_("Enter the name server that the zone is changed at."),
            )
        servers = self._asked(name, "NS").answer
        names = (str(each.target).lower().removesuffix(".") for rrset in servers for each in rrset if rrset.rdtype == 2)
        return Zone(name, name, tuple(sorted(names)))

    def records(self, zone: Zone) -> Sequence[Record]:
        import dns.rdatatype

        return tuple(
            record(str(name), dns.rdatatype.to_text(rrset.rdtype), int(rrset.ttl), rdata.to_text())
            for name, rrset in self._transferred(zone).iterate_rdatasets()
            if dns.rdatatype.to_text(rrset.rdtype) not in MADE_BY_THE_SERVER
            for rdata in rrset
        )

    def change(self, zone: Zone, changes: Sequence[SetChange]) -> None:
        for one in (one for each in changes for one in each.after):
            self.limits.check(one, SERVICE)
        left = Look(by_set(self.records(zone))).left(zone, changes, SERVICE)
        if left:
            self._check_code(self._exchanged(self._update(zone, left), is_change=True), zone, left)

    def close(self) -> None:
        """Nothing is held open."""

    def _update(self, zone: Zone, changes: Sequence[SetChange]) -> Any:
        """The sets as they must be (RFC 2136 2.4), then as they shall become (2.5)."""
        import dns.update

        update = dns.update.UpdateMessage(to_name(zone.name))
        for each in changes:
            name = to_name(each.name)
            if each.before:
                update.present(name, *(_rdata(one) for one in each.before))
            else:
                update.absent(name, each.type)
            # the deletion of the zone's own NS set is passed over (RFC 2136 3.4.2.3), that of one of them is not
            is_own_ns = (each.name, each.type) == (zone.name, "NS")
            if not is_own_ns:
                update.delete(name, each.type)
            for one in each.after:
                update.add(name, one.ttl_s, _rdata(one))
            if is_own_ns:
                kept = {one.content for one in each.after}
                for one in (one for one in each.before if one.content not in kept):
                    update.delete(name, _rdata(one))
        return update

    def _check_code(self, answer: Any, zone: Zone, changes: Sequence[SetChange]) -> None:
        """:raises MailyardError: what an answer other than NOERROR means (RFC 2136 2.2)."""
        import dns.rcode

        code = answer.rcode()
        if code in (dns.rcode.YXDOMAIN, dns.rcode.YXRRSET, dns.rcode.NXRRSET, dns.rcode.NXDOMAIN):
            raise zone_moved(zone, changes)
        if code != dns.rcode.NOERROR:
            raise self._meaning(code, zone.name)

    def _meaning(self, code: dns.rcode.Rcode, zone: str) -> MailyardError:
        import dns.rcode

        detail = dns.rcode.to_text(code)
        what = {"server": self._server.address, "zone": zone, "key": self._key.name}
        if code == dns.rcode.NOTAUTH:
            return NotFound(_("{server} does not serve the zone {zone}.").format(**what), detail=detail)
        if code == dns.rcode.REFUSED:
            return Unauthorized(
                _("{server} does not let the key {key} work with the zone {zone}.").format(**what),
                remedy=_("Allow the key to transfer and to update the zone."),
                detail=detail,
            )
        if code == dns.rcode.SERVFAIL:
            return ProviderUnavailable(_("{server} reported an internal error.").format(**what), detail=detail)
        return ProviderRefused(_("{server} refuses: {why}.").format(why=detail, **what), detail=detail)

    def _asked(self, name: str, kind: str) -> Any:
        """The answer to a signed question, whatever its code."""
        import dns.message

        return self._exchanged(dns.message.make_query(to_name(name), kind))

    def _transferred(self, zone: Zone) -> Any:
        """The whole zone (RFC 5936)."""
        import dns.message
        import dns.query
        import dns.xfr
        import dns.zone

        whole = dns.zone.Zone(to_name(zone.name), relativize=False)
        query, _serial = dns.xfr.make_query(whole, serial=None)
        self._sign(query)
        with self._trouble(is_change=False):
            try:
                dns.query.inbound_xfr(
                    self._server.address,
                    whole,
                    query,
                    port=self._server.port,
                    timeout=self._answer_s,
                    lifetime=TRANSFER_S,
                )
            except dns.xfr.TransferError as error:
                raise self._meaning(error.rcode, zone.name) from error
        return whole

    def _exchanged(self, message: Any, *, is_change: bool = False) -> Any:
        """One signed message over TCP, and its answer."""
        import dns.query

        self._sign(message)
        with self._trouble(is_change=is_change), self._connected() as line:
            return dns.query.tcp(message, self._server.address, self._answer_s, self._server.port, sock=line)

    def _sign(self, message: Any) -> None:
        import dns.tsig

        key = dns.tsig.Key(self._key.name, self._key.secret.reveal(), self._key.algorithm)
        message.use_tsig(key, fudge=FUDGE_S)

    def _connected(self) -> Any:
        """A connection of our own: what fails before it stands was surely not sent."""
        import socket

        try:
            line = socket.create_connection((self._server.address, self._server.port), self._answer_s)
        except OSError as error:
            raise NoNetwork(
                _("{server} does not answer.").format(server=self._server.address),
                remedy=_("Check the address, and that it takes TCP on port {port}.").format(port=self._server.port),
                detail=str(error),
            ) from error
        line.setblocking(False)  # as dnspython wants it
        return line

    @contextmanager
    def _trouble(self, *, is_change: bool) -> Iterator[None]:
        """Failures of the wire and of signatures as ours (RFC 8945 5.2)."""
        import dns.exception
        import dns.tsig

        what = {"server": self._server.address, "key": self._key.name}
        try:
            yield
        except dns.tsig.PeerBadTime as error:
            raise Unauthorized(
                _("The clocks of {server} and of this computer are too far apart.").format(**what),
                remedy=_("Set both by a time server."),
            ) from error
        except (dns.tsig.PeerBadKey, dns.tsig.PeerBadSignature, dns.tsig.PeerError) as error:
            raise Unauthorized(
                _("{server} refused the key {key}.").format(**what),
                remedy=_("Check its name, its algorithm and its secret."),
                detail=type(error).__name__,
            ) from error
        except (dns.exception.DNSException, OSError, EOFError) as error:
            raise self._lost(error, is_change=is_change) from error

    def _lost(self, error: Exception, *, is_change: bool) -> MailyardError:
        import dns.exception

        what = {"server": self._server.address}
        if is_change:
            return OutcomeUnknown(
                _("{server} gave no answer to a change.").format(**what),
                remedy=_("Mailyard checks whether the request was carried out before it retries."),
                detail=str(error),
            )
        if isinstance(error, dns.exception.DNSException) and not isinstance(error, dns.exception.Timeout):
            return BadResponse(_("The answer of {server} cannot be read.").format(**what), detail=str(error))
        return ProviderUnavailable(_("{server} gave no answer in time.").format(**what), detail=str(error))


def _rdata(one: Record) -> Any:
    import dns.name
    import dns.rdata

    return dns.rdata.from_text("IN", one.type, one.value, origin=dns.name.root, relativize=False)
