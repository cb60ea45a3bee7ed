"""A name server on loopback, over UDP and TCP, that answers from the zone data of a test suite."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from backend.core.resolver import NameServer, Resolver

HOST = "127.0.0.1"
LONGEST_UDP, LONGEST_STRING, LONGEST_CHAIN = 1232, 255, 16
TRIES = 20
#: Entries of a zone: ``{"A": "192.0.2.1"}``, ``{"RCODE": 2}``, or ``"TIMEOUT"``, which keeps silent about what is not
#: there otherwise.
Zone = Mapping[str, Sequence[Any]]


class Answers:
    """What a name server that has ``zone`` says to a message; without ``knows_edns`` as old ones do."""

    def __init__(self, zone: Zone, *, knows_edns: bool = True) -> None:
        self._knows_edns = knows_edns
        self._zone = {name.lower().removesuffix("."): _with_texts(entries) for name, entries in zone.items()}

    def answer(self, wire: bytes, most: int) -> bytes | None:
        """The message that goes back, cut off where it is longer than ``most`` octets; None for silence."""
        query = dns.message.from_wire(wire)
        response = dns.message.make_response(query, recursion_available=True)
        if query.edns >= 0 and not self._knows_edns:
            response.use_edns(False)
            response.set_rcode(dns.rcode.FORMERR)
            return response.to_wire()
        question = query.question[0]
        rcode = self._fill(response, question.name, question.rdtype)
        if rcode is None:
            return None
        response.set_rcode(rcode)
        full = response.to_wire(max_size=65_535, want_shuffle=False)  # suites count on the order
        if len(full) <= most:
            return full
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()

    def _fill(self, response: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> Any:
        """An alias is followed as far as a resolver would; the code, or None for silence."""
        for _step in range(LONGEST_CHAIN):
            entries = self._zone.get(text_of(name).lower())
            if entries is None:
                return dns.rcode.NOERROR if self._has_below(text_of(name).lower()) else dns.rcode.NXDOMAIN
            found = [value for each, value in entries if each == dns.rdatatype.to_text(kind)]
            if found:
                response.answer.append(_rrset(name, kind, found))
                return dns.rcode.NOERROR
            if ("TIMEOUT", None) in entries:
                return None
            for each, value in entries:
                if each == "RCODE":
                    return dns.rcode.Rcode(value)
            alias = next((value for each, value in entries if each == "CNAME"), None)
            if alias is None:
                return dns.rcode.NOERROR
            response.answer.append(_rrset(name, dns.rdatatype.CNAME, [alias]))
            name = _name(alias)
        return dns.rcode.SERVFAIL

    def _has_below(self, name: str) -> bool:
        return any(each.endswith(f".{name}") for each in self._zone)


class LoopbackServer:
    """Answers for ``zone`` while it is entered."""

    def __init__(self, zone: Zone, *, knows_edns: bool = True) -> None:
        self._knows_edns = knows_edns
        self._answers = Answers(zone, knows_edns=knows_edns)
        own = self
        self._is_silent = any("TIMEOUT" in entries for entries in zone.values())

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                wire, socket = self.request
                if answer := own._answers.answer(wire, LONGEST_UDP):
                    socket.sendto(answer, self.client_address)

        class Stream(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                (length,) = struct.unpack("!H", self.request.recv(2))
                if answer := own._answers.answer(self.request.recv(length), 65_535):
                    self.request.sendall(struct.pack("!H", len(answer)) + answer)

        self._tcp, self._udp = _on_one_port(Stream, Datagram)
        self._threads = [threading.Thread(target=each.serve_forever, args=(0.02,)) for each in (self._tcp, self._udp)]

    def __enter__(self) -> Self:
        for each in self._threads:
            each.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in (self._tcp, self._udp):
            each.shutdown()
            each.server_close()
        for thread in self._threads:
            thread.join()

    def serve(self, zone: Zone) -> None:
        """Answer for another zone from now on."""
        self._answers = Answers(zone, knows_edns=self._knows_edns)

    @property
    def address(self) -> NameServer:
        return NameServer(HOST, self._tcp.server_address[1])

    @property
    def option(self) -> str:
        """As ``--resolver`` takes it."""
        return f"{self.address.address}:{self.address.port}"

    def resolver(self) -> Resolver:
        """One that asks this server: with patience for a busy machine, with less where silence is what is tested."""
        one_try_s = 1.5 if self._is_silent else 20.0
        return Resolver([self.address], one_try_s=one_try_s, all_tries_s=2 * one_try_s)


def _on_one_port(
    stream: type[socketserver.BaseRequestHandler], datagram: type[socketserver.BaseRequestHandler]
) -> tuple[socketserver.TCPServer, socketserver.UDPServer]:
    """Another process may have the number that was free for TCP for UDP."""
    for _try in range(TRIES):
        tcp = socketserver.ThreadingTCPServer((HOST, 0), stream)
        try:
            return tcp, socketserver.ThreadingUDPServer((HOST, tcp.server_address[1]), datagram)
        except OSError:
            tcp.server_close()
    raise OSError(f"no port is free for both TCP and UDP in {TRIES} tries")


def _with_texts(entries: Sequence[Any]) -> list[tuple[str, Any]]:
    """The suites write records of type SPF (99), which stand for TXT where a name has none of these of its own."""
    found = [pair for each in entries for pair in (each.items() if isinstance(each, dict) else [(each, None)])]
    if not any(kind == "TXT" for kind, _value in found):
        found = [("TXT" if kind == "SPF" else kind, value) for kind, value in found]
    return [(kind, value) for kind, value in found if (kind, value) != ("TXT", "NONE") and kind != "SPF"]


def _name(text: str) -> dns.name.Name:
    bare = text.removesuffix(".")
    return dns.name.Name([*(label.encode("latin-1") for label in bare.split(".") if bare), b""])


def text_of(name: dns.name.Name) -> str:
    """Its labels between dots, one character per octet."""
    return ".".join(label.decode("latin-1") for label in name.labels[:-1])


def _rrset(name: dns.name.Name, kind: dns.rdatatype.RdataType, values: Sequence[Any]) -> dns.rrset.RRset:
    rrset = dns.rrset.RRset(name, dns.rdataclass.IN, kind)
    for value in values:
        rrset.add(_record(kind, value), ttl=60)
    return rrset


def _record(kind: dns.rdatatype.RdataType, value: Any) -> Any:
    internet = dns.rdataclass.IN
    if kind == dns.rdatatype.TXT:
        strings = [each.encode("latin-1") for each in ([value] if isinstance(value, str) else value)]
        cut = [each[at : at + LONGEST_STRING] for each in strings for at in range(0, len(each) or 1, LONGEST_STRING)]
        return _class_of(kind)(internet, kind, cut or [b""])
    if kind == dns.rdatatype.MX:
        return _class_of(kind)(internet, kind, value[0], _name(value[1]))
    if kind in (dns.rdatatype.PTR, dns.rdatatype.CNAME):
        return _class_of(kind)(internet, kind, _name(value))
    return dns.rdata.from_text(internet, kind, value)


def _class_of(kind: dns.rdatatype.RdataType) -> Any:
    """Its names are taken as labels: the text of a record would read a backslash in them."""
    return dns.rdata.get_rdata_class(dns.rdataclass.IN, kind)  # type: ignore[no-untyped-call]
