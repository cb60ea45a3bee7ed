"""The lab's DNS: a signed root and top level domains, zones that take updates, resolvers that validate, a blocklist."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.update

from tests.lab.client import LabError
from tests.lab.nodes import zones
from tests.lab.nodes.plan import BLOCKLIST, BLOCKLIST_ZONE, RESOLVERS, ROOT, TOP_LEVEL, UPDATED, ZONES, Node
from tests.lab.nodes.root_key import root_key
from tests.lab.nodes.servers import Servers
from tests.lab.waiting import until

ASK_S = 10.0
TRY_S = 0.3  # an unconnected socket does not hear that nobody listens there yet
SIGNED_S = 20.0
UPDATE_S = 10.0
KEY = dns.name.from_text(zones.KEY)
KEYRING = dns.tsigkeyring.from_text({zones.KEY: zones.SECRET})


def ask(server: str, name: str, kind: str, *, seconds: float = ASK_S) -> dns.message.Message:
    """One question by UDP, with DNSSEC asked for.

    :raises OSError: there was no answer in time, or none that makes sense.
    """
    question = dns.message.make_query(name, kind, want_dnssec=True)
    try:
        return dns.query.udp(question, server, timeout=seconds)
    except dns.exception.DNSException as error:
        raise OSError(f"{server} does not answer") from error


def is_validated(answer: dns.message.Message) -> bool:
    """Whether the resolver vouches for it."""
    return bool(answer.answer and answer.flags & dns.flags.AD)


def replace(zone: str, name: str, kind: str, *values: str, ttl_s: int = 5) -> None:
    """Make these the only records of a name and kind in one of :data:`UPDATED`, or take them away (RFC 2136).

    The server signs a moment later: wait until it answers so, then until a resolver does, which keeps what it heard.
    """
    update = dns.update.UpdateMessage(zone, keyring=KEYRING, keyname=KEY, keyalgorithm=dns.tsig.HMAC_SHA256)
    update.delete(name, kind)
    for value in values:
        update.add(name, ttl_s, kind, value)
    code = dns.query.tcp(update, ZONES.ip, timeout=UPDATE_S).rcode()
    if code != dns.rcode.NOERROR:
        raise LabError(f"{zone} does not take {name} {kind}: {dns.rcode.to_text(code)}")


def texts(answer: dns.message.Message, kind: str) -> set[str]:
    """The values of a kind in an answer, as they stand in a zone file."""
    return {str(record) for rrset in answer.answer for record in rrset if rrset.rdtype == dns.rdatatype.from_text(kind)}


def start_dns(servers: Servers) -> None:
    """All of it; returns when every resolver gives a validated answer for every zone."""
    _start_root(servers)
    _start_zones(servers)
    _start_blocklist(servers)
    configuration = servers.place(ROOT) / "knot.conf"
    _delegate(configuration, ".", ROOT, TOP_LEVEL)
    _delegate(configuration, "test.", ZONES, UPDATED)
    anchor = root_key().anchor
    for node, more in zip(RESOLVERS, zones.RESOLVER_WAYS, strict=True):
        _start_resolver(servers, node, anchor, more)


def _start_root(servers: Servers) -> None:
    place = servers.place(ROOT)
    shutil.copytree(root_key().folder, place / "keys/keys")
    _write(place, zones.root_files(place))
    command = ["knotd", "-c", str(place / "knot.conf")]
    servers.start(ROOT, command, lambda: ask(ROOT.ip, ".", "DNSKEY", seconds=TRY_S).answer)


def _start_zones(servers: Servers) -> None:
    place = servers.place(ZONES)
    _write(place, zones.bind_files(place))
    command = ["named", "-g", "-c", str(place / "named.conf")]
    servers.start(ZONES, command, lambda: all(ask(ZONES.ip, name, "DNSKEY", seconds=TRY_S).answer for name in UPDATED))


def _start_blocklist(servers: Servers) -> None:
    """A changed file is read again after a second."""
    place = servers.place(BLOCKLIST)
    _write(place, zones.blocklist_files())
    lists = (f"{BLOCKLIST_ZONE}:ip4set:listed", f"{BLOCKLIST_ZONE}:generic:zone")
    command = ["rbldnsd", "-n", "-f", "-u", "nobody", "-w", str(place), "-b", f"{BLOCKLIST.ip}/53", "-c", "1s", *lists]
    servers.start(BLOCKLIST, command, lambda: ask(BLOCKLIST.ip, BLOCKLIST_ZONE, "SOA", seconds=TRY_S).answer)


def _start_resolver(servers: Servers, node: Node, anchor: str, more: str) -> None:
    place = servers.place(node)
    _write(place, zones.resolver_files(place, node.ip, anchor, more))
    command = ["unbound", "-d", "-p", "-c", str(place / "unbound.conf")]
    names = ("example.org", *(f"ns1.{name}" for name in UPDATED))
    servers.start(node, command, lambda: all(is_validated(ask(node.ip, name, "A", seconds=TRY_S)) for name in names))


def _delegate(configuration: Path, above: str, node: Node, children: Iterable[str]) -> None:
    """Put the digests of the keys of signed zones, which ``node`` serves, into the zone above them."""
    digests = [(f"{child}.", text) for child in children for text in _digests(node, f"{child}.")]
    orders = [["zone-set", above, child, str(zones.TTL_S), "DS", *text.split()] for child, text in digests]
    for order in (["zone-begin", above], *orders, ["zone-commit", above]):
        done = subprocess.run(["knotc", "-c", str(configuration), *order], capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            raise LabError(f"knotc {' '.join(order)}: {done.stdout}{done.stderr}")


def _digests(node: Node, zone: str) -> list[str]:
    """Of all keys of a zone; a zone is signed a moment after its server starts."""
    found: list[str] = []

    def is_signed() -> bool:
        try:
            answer = ask(node.ip, zone, "DNSKEY", seconds=TRY_S)
        except OSError:
            return False
        keys = [key for rrset in answer.answer if rrset.rdtype == dns.rdatatype.DNSKEY for key in rrset]
        found[:] = [dns.dnssec.make_ds(zone, key, "SHA256").to_text() for key in keys]
        return bool(found)

    if not until(is_signed, SIGNED_S, 0.02):
        raise LabError(f"{zone} is not signed within {SIGNED_S:.0f} s")
    return found


def _write(place: Path, files: Iterable[tuple[str, str]]) -> None:
    for name, text in files:
        (place / name).write_text(text)
