"""The mistakes that people make in the forms of DNS hosts, each told by what is served then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network

from backend.authrecords.spf.parser import is_spf
from backend.core.present.text import _
from backend.dnshosts.records import Record

#: Addresses of Cloudflare's proxy, as it publishes them (https://www.cloudflare.com/ips/, since 2021).
PROXIES = tuple(
    ip_network(each)
    for each in (
        *("173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18"),
        *("108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17"),
        *("162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22"),
        *("2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32"),
        *("2a06:98c0::/29", "2c0f:f248::/32"),
    )
)
DMARC = "v=dmarc1"
#: A shorter beginning may be a text of its own.
SHORTEST_CUT = 40


def of_text(wanted: str, live: str) -> str:
    """What was done to a wanted text so that this is served; empty where it looks like another one."""
    bare = live.replace('\\"', '"').strip()
    if '"' in bare and '"' not in wanted and _solid(bare.replace('"', "")) == _solid(wanted):
        return _("The quotation marks were typed with the text.")
    if live.rstrip(" ").removesuffix(".") == wanted:
        return _("There is a dot at the end of the text.")
    if _solid(live) == _solid(wanted):
        return _("Parts of the text were put together with a blank between them.")
    if len(live) >= SHORTEST_CUT and wanted.startswith(live):
        return _("The text ends too early: it was cut off.")
    return ""


def of_many(wanted: str, live: Sequence[str]) -> str:
    """Where only one text of a kind may be, and there are more; empty where it is not so."""
    if is_spf(wanted) and sum(is_spf(each) for each in live) > 1:
        return _("There are several SPF records: receivers heed none of them.")
    if wanted.lower().startswith(DMARC) and sum(each.lower().startswith(DMARC) for each in live) > 1:
        return _("There are several DMARC records: receivers heed none of them.")
    return ""


def of_target(zone: str, wanted: str, live: str) -> str:
    """Of values that end with a name: the form put the zone's name after it."""
    front, _blank, target = live.rpartition(" ")
    wanted_front, _blank, wanted_target = wanted.rpartition(" ")
    if front == wanted_front and target == f"{wanted_target.removesuffix('.')}.{zone}.":
        words = _("The zone's name was added to the target: it is {target}. It needs a dot at its end.")
        return words.format(target=target)
    return ""


def of_proxy(addresses: Sequence[str]) -> str:
    """Of a mail server's addresses: one is a proxy for websites."""
    for each in addresses:
        if any(ip_address(each) in network for network in PROXIES):
            words = _("The mail server's name leads to the proxy {address}: no mail arrives there.")
            return words.format(address=each)
    return ""


def other_names(zone: str, record: Record) -> Iterator[str]:
    """Where a record lands that was put under a wrong name: the zone's name twice, or labels too few."""
    yield f"{record.name}.{zone}"
    if record.name == zone:
        return
    labels = record.name.removesuffix(f".{zone}").split(".")
    shorter = [labels[:end] for end in range(len(labels) - 1, 0, -1)]
    shorter += [labels[begin:] for begin in range(1, len(labels))]
    yield from (".".join((*each, zone)) for each in shorter)
    yield zone


def _solid(text: str) -> str:
    """Without any blank."""
    return "".join(text.split())
