"""What is RFC 2136's own: keys, rights, lost answers, a change between look and message."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import dns.opcode
import pytest

from backend.core.errors import NoNetwork, NotFound, OutcomeUnknown, Unauthorized
from backend.core.resolver import NameServer
from backend.core.secrets.values import Secret
from backend.dnshosts.ports import DnsHost, Zone
from backend.dnshosts.records import Record, ZoneMoved, same
from backend.dnshosts.rfc2136 import Rfc2136, TsigKey
from tests.backend.dnshosts.bind import OWNER, STRANGER, ZONES, Bind, secret_of
from tests.backend.dnshosts.test_contract import change, live, of, put

pytestmark = pytest.mark.judged_once


@pytest.fixture
def host(bind: Bind) -> Rfc2136:
    return bind.host()


def test_a_wrong_secret_is_named(bind: Bind) -> None:
    with pytest.raises(Unauthorized, match=r"refused the key owner\.example"):
        bind.host(secret=secret_of("another")).verify()


def test_an_unknown_key_is_named(bind: Bind) -> None:
    with pytest.raises(Unauthorized, match=r"refused the key nobody\.example"):
        bind.host("nobody.example").verify()


def test_a_key_without_rights_is_named(bind: Bind) -> None:
    host = bind.host(STRANGER)
    zone = host.zone(ZONES[0])

    with pytest.raises(Unauthorized, match=r"does not let the key stranger\.example"):
        host.records(zone)


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = Rfc2136(NameServer(*taken.getsockname()), TsigKey(OWNER, "hmac-sha256", Secret(secret_of(OWNER))))
        with pytest.raises(NoNetwork, match="does not answer"):
            host.verify()


def test_a_zone_of_others_is_not_found(bind: Bind) -> None:
    with pytest.raises(NotFound):
        bind.host().zone("example.org")


def test_the_name_servers_of_the_zone_itself_are_replaced(zone: Zone, host: DnsHost) -> None:
    """A server passes over the deletion of that whole set, without a word (RFC 2136 3.4.2.3)."""
    before = live(host, zone, "", "NS")
    after = of(zone, "", "NS", "ns7.agency.example.", "ns8.agency.example.", ttl_s=600)

    host.change(zone, [change(zone, "", "NS", before, after)])
    assert same(live(host, zone, "", "NS"), after)

    host.change(zone, [change(zone, "", "NS", after, before)])
    assert same(live(host, zone, "", "NS"), before)


def test_a_silent_server_leaves_a_change_open(bind: Bind, zone: Zone, host: DnsHost) -> None:
    """The change went out, no answer came: look before trying again."""
    silent = _Silent(bind.server)
    with silent:
        late = Rfc2136(silent.server, TsigKey(OWNER, "hmac-sha256", Secret(secret_of(OWNER))), answer_s=5.0)
        with pytest.raises(OutcomeUnknown):
            late.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])

    host.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])
    assert len(live(host, zone, "www", "A")) == 1


def test_a_change_between_look_and_message_is_refused(bind: Bind, zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
    host, other = bind.host(), bind.host()
    seen = put(host, zone, "www", "A", "192.0.2.1")
    looked = host.records

    def overtaken(of_zone: Zone) -> Sequence[Record]:
        found = looked(of_zone)
        put(other, of_zone, "www", "A", "192.0.2.2")
        return found

    monkeypatch.setattr(host, "records", overtaken)
    with pytest.raises(ZoneMoved):
        host.change(zone, [change(zone, "www", "A", seen, of(zone, "www", "A", "192.0.2.3"))])

    assert [each.value for each in live(other, zone, "www", "A")] == ["192.0.2.2"]


def test_two_writers_at_once_never_mix_a_zone(bind: Bind, zone: Zone) -> None:
    """Each wants three sets to be its own; the zone is one's or the other's."""
    labels = ("one", "two", "three")
    host = bind.host()
    for label in labels:
        put(host, zone, label, "A", "192.0.2.1")

    def is_mine(address: str) -> bool:
        changes = [change(zone, label, "A", before[label], of(zone, label, "A", address)) for label in labels]
        try:
            bind.host().change(zone, changes)
        except ZoneMoved:
            return False
        return True

    for turn in range(10):
        before = {label: live(host, zone, label, "A") for label in labels}
        with ThreadPoolExecutor(2) as writers:
            results = list(writers.map(is_mine, (f"198.51.100.{turn * 2 + n}" for n in (1, 2))))

        assert sorted(results) == [False, True]
        winner = f"198.51.100.{turn * 2 + 1 + results.index(True)}"
        assert {live(host, zone, label, "A")[0].value for label in labels} == {winner}


class _Silent:
    """Hands questions on to the real server; a change goes there too, and its answer is kept back."""

    def __init__(self, real: NameServer) -> None:
        self._real = real
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.server = NameServer(*self._listener.getsockname())

    def __enter__(self) -> _Silent:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        kept = []
        with suppress(OSError):
            while True:
                line, _address = self._listener.accept()
                kept.append(line)
                with socket.create_connection((self._real.address, self._real.port)) as real:
                    message = _message(line)
                    real.sendall(message)
                    answer = _message(real)
                if message[4] >> 3 & 15 != dns.opcode.UPDATE:
                    line.sendall(answer)
        for each in kept:
            each.close()


def _message(line: socket.socket) -> bytes:
    """One message over TCP, its length in front (RFC 1035 4.2.2)."""
    length = line.recv(2, socket.MSG_WAITALL)
    return length + line.recv(int.from_bytes(length), socket.MSG_WAITALL)
