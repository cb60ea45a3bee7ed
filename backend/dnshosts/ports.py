"""The contract of a DNS host: what every driver must do, in words an outsider can implement from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.core.errors import Refused
from backend.core.present.text import _, ngettext
from backend.dnshosts.records import LONGEST_TTL_S, Record, SetChange, ZoneMoved


@dataclass(frozen=True)
class Zone:
    """A zone as its host names it. ``name`` has no final dot; ``id`` is the host's own, the name where it has none.

    ``name_servers`` are those that the host says serve it, none where a list of zones does not tell them; not
    ``is_active``: the host does not serve it (yet).
    """

    name: str
    id: str
    name_servers: tuple[str, ...] = ()
    is_active: bool = True


@dataclass(frozen=True)
class HostLimits:
    """What a host takes. ``longest_text`` counts the octets of a TXT record's text, ``longest_value`` the characters of
    any value as it is written, quotation marks and escapes included. Not ``takes_other_octets``: texts are UTF-8 there.

    ``is_atomic``: the changes of one call happen all or not at all, and only where the zone still is as they say; where
    there is a limit of records (those that go and those that come) or of the characters of their values, more of them
    go in several such steps, one after another: see :meth:`is_atomic_for`.
    ``lists_zones`` False: a zone must be named, nobody can be asked for all.
    """

    least_ttl_s: int = 0
    most_ttl_s: int = LONGEST_TTL_S
    longest_text: int | None = None
    longest_value: int | None = None
    takes_null_mx: bool = True
    takes_empty_text: bool = True
    takes_other_octets: bool = True
    takes_caa_parameters: bool = True
    refused_in_text: str = ""
    is_atomic: bool = False
    atomic_records: int | None = None
    atomic_characters: int | None = None
    lists_zones: bool = True

    def is_atomic_for(self, changes: Iterable[SetChange]) -> bool:
        """Whether these happen all or not at all."""
        told = [one for each in changes for one in (*each.before, *each.after)]
        found = ((len(told), self.atomic_records), (sum(len(one.value) for one in told), self.atomic_characters))
        return self.is_atomic and all(most is None or size <= most for size, most in found)

    def check(self, record: Record, service: str) -> None:
        """:raises Refused: the host would not take the record, or not serve it as it is."""
        if record.ttl_s < self.least_ttl_s:
            raise _refused(service, _("a TTL of less than {n} s").format(n=self.least_ttl_s))
        if record.ttl_s > self.most_ttl_s:
            raise _refused(service, _("a TTL of more than {n} s").format(n=self.most_ttl_s))
        if record.type == "MX" and record.value.endswith(" .") and not self.takes_null_mx:
            raise _refused(service, _("an MX record that says that the domain takes no mail"))
        if record.type == "CAA" and not self.takes_caa_parameters and set(" ;") & set(record.value.split('"', 1)[1]):
            raise _refused(service, _("a CAA record with parameters"))
        if self.longest_value is not None and len(record.value) > self.longest_value:
            n = self.longest_value
            words = ngettext("a record of more than {n} character", "a record of more than {n} characters", n)
            raise _refused(service, words.format(n=n))
        if record.type == "TXT":
            self._check_text(record.content, service)

    def _check_text(self, text: str, service: str) -> None:
        if not self.takes_other_octets and not is_utf8(text):
            raise _refused(service, _("a TXT record that is not UTF-8"))
        if not text and not self.takes_empty_text:
            raise _refused(service, _("an empty TXT record"))
        if self.longest_text is not None and len(text) > self.longest_text:
            n = self.longest_text
            words = ngettext("a TXT record of more than {n} octet", "a TXT record of more than {n} octets", n)
            raise _refused(service, words.format(n=n))
        if found := next((each for each in self.refused_in_text if each in text), ""):
            raise _refused(service, _("a TXT record with the character {character}").format(character=found))


class DnsHost(Protocol):
    """One account at one DNS host. Thread-safe; closed by whoever opened it.

    Every call raises only errors of :mod:`backend.core.errors`, as :class:`backend.providers.ports.ComputeProvider`
    says: what was surely not sent, what may have been carried out, what was refused. Nothing is kept between calls.
    """

    kind: str
    limits: HostLimits

    def verify(self) -> str:
        """Prove the credentials with a call that changes nothing; whose they are, in the host's words."""
        ...

    def zones(self) -> Sequence[Zone]:
        """All zones of the account, by list calls only; none where the host lists none."""
        ...

    def zone(self, name: str) -> Zone:
        """The zone of exactly this name.

        :raises NotFound: the account has none.
        :raises Refused: it has several; :meth:`zones` tells each, with its id.
        """
        ...

    def records(self, zone: Zone) -> Sequence[Record]:
        """All that is in the zone, without what its server makes itself (SOA, signatures): also what nobody here made.
        What has no form in :mod:`backend.dnshosts.records` (an alias of the host's own) is left out of no set that is
        changed: a set is told whole or not at all."""
        ...

    def change(self, zone: Zone, changes: Sequence[SetChange]) -> None:
        """Make each set what ``after`` says. Look first: a set that is so already is left alone, so the call can be
        made again after a lost answer. Records that stay are not touched where the host knows single records.

        :raises ZoneMoved: a set is neither as ``before`` nor as ``after`` says. Where the host is atomic nothing was
            changed; else those that come after it were not.
        :raises Refused: the host would not take a record; nothing was sent.
        """
        ...

    def close(self) -> None:
        """Close connections."""
        ...


def zone_moved(zone: Zone, changes: Sequence[SetChange]) -> ZoneMoved:
    """Somebody else changed these sets."""
    return ZoneMoved(
        _("The zone {zone} was changed meanwhile.").format(zone=zone.name),
        remedy=_("Look at the plan again: it is made anew from what is there now."),
        detail=", ".join(f"{each.name} {each.type}" for each in changes),
    )


def is_utf8(text: str) -> bool:
    """Whether octets, one a character, are so."""
    try:
        text.encode("latin-1").decode()
    except UnicodeDecodeError:
        return False
    return True


def _refused(service: str, what: str) -> Refused:
    return Refused(_("{service} does not take {what}.").format(service=service, what=what))
