"""The forms of DNS hosts, for zones that a person edits: which host serves a zone, and how its form takes a record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from backend.core.present.text import _, ngettext
from backend.dnshosts.records import LONGEST_TTL_S, TEXT_PIECE, Record

#: The id of the form of a host that is not in the catalogue.
GENERIC = ""
NO_TARGET = "."


@dataclass(frozen=True)
class Panel:
    """One host's form.

    ``suffixes`` are those of its name servers, ``#`` standing for a number. ``where`` leads to the form. ``fields`` are
    the form's own words for fields where they are not the usual ones. ``apex`` is typed for the zone's own name.
    ``text``: *plain*, a text is typed as it is; *quoted*, each string of up to 255 in quotes; *quoted_long*, that only
    where it is longer. ``mx``, ``srv``, ``caa``: the parts of a value have fields of their own (*parts*), all are typed
    into one (*one*), one but the priority (*rest*), or service and protocol have fields as well (*service*).
    ``target_dot``: a name without a final dot gets that of the zone. ``seen`` is the page that told of the form; empty:
    general knowledge.
    """

    id: str
    name: str
    suffixes: tuple[str, ...] = ()
    where: str = ""
    apex: Literal["@", "", "full"] = "@"
    appends_zone: bool = True
    fields: Mapping[str, str] = field(default_factory=dict)
    text: Literal["plain", "quoted", "quoted_long"] = "plain"
    longest_text: int | None = None
    refused_in_text: str = ""
    target_dot: bool = False
    mx: Literal["parts", "one"] = "parts"
    srv: Literal["parts", "service", "rest", "one"] = "parts"
    caa: Literal["parts", "one"] = "parts"
    takes_null_srv: bool = True
    has_ttl: bool = True
    least_ttl_s: int = 0
    ttl_choices_s: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    seen: str = ""

    def ttl_s(self, wanted_s: int) -> int:
        """What the form takes that is nearest."""
        floor = min(max(wanted_s, self.least_ttl_s), LONGEST_TTL_S)
        return min(self.ttl_choices_s, key=lambda each: abs(each - floor), default=floor)

    def troubles(self, record: Record) -> tuple[str, ...]:
        """Why the form would not take the record, or not serve it as it is."""
        found: list[str] = []
        if record.type == "TXT":
            if self.longest_text is not None and len(record.content) > self.longest_text:
                n = self.longest_text
                words = ngettext(
                    "The form takes texts of up to {n} character.", "The form takes texts of up to {n} characters.", n
                )
                found.append(words.format(n=n))
            refused = [each for each in self.refused_in_text if each in record.content]
            found += [_("The form does not take the character {character}.").format(character=each) for each in refused]
        if record.type == "SRV" and record.value.split()[-1] == NO_TARGET and not self.takes_null_srv:
            found.append(_("The form does not take a service that is not offered: leave this record out."))
        return tuple(found)


@dataclass(frozen=True)
class _Catalogue:
    panels: tuple[Panel, ...]


@cache
def panels() -> Mapping[str, Panel]:
    """Every form of the catalogue by the id of its host, in its order."""
    data = (files("resources") / "data" / "dns_panels.json").read_bytes()
    return {each.id: each for each in msgspec.json.decode(data, type=_Catalogue).panels}


def generic_panel() -> Panel:
    """What most forms are like."""
    return Panel(GENERIC, _("your DNS host"))


def panel_of(name_servers: Iterable[str]) -> Panel:
    """The form of the host that serves a zone under these names: that of the longest suffix, of most of them.

    The generic one where nobody is known, or two are for as many names.
    """
    found = Counter(host for name in name_servers if (host := _host_of(name)) is not None)
    best = [host for host, count in found.items() if count == max(found.values())]
    return panels()[best[0]] if len(best) == 1 else generic_panel()


def usual_labels() -> Mapping[str, str]:
    """What forms call their fields."""
    return {
        "type": _("Type"),
        "host": _("Name"),
        "value": _("Value"),
        "mail_server": _("Mail server"),
        "target": _("Target"),
        "priority": _("Priority"),
        "weight": _("Weight"),
        "port": _("Port"),
        "service": _("Service"),
        "protocol": _("Protocol"),
        "flags": _("Flags"),
        "tag": _("Tag"),
        "ttl": _("TTL"),
    }


def needs_quotes(panel: Panel, text: str) -> bool:
    """Whether a text is typed in quotes, string by string."""
    return panel.text == "quoted" or (panel.text == "quoted_long" and len(text) > TEXT_PIECE)


def _host_of(name_server: str) -> str | None:
    plain = name_server.strip().lower().removesuffix(".")
    fits = ((len(suffix), host) for suffix, host in _suffixes() if _pattern(suffix).fullmatch(plain))
    return max(fits, default=(0, None))[1]


@cache
def _suffixes() -> tuple[tuple[str, str], ...]:
    return tuple((suffix, each.id) for each in panels().values() for suffix in each.suffixes)


@cache
def _pattern(suffix: str) -> re.Pattern[str]:
    return re.compile(rf"(.+\.)?{re.escape(suffix).replace(re.escape('#'), '[0-9]+')}")
