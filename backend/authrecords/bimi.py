"""BIMI assertion records: draft-brand-indicators-for-message-identification 4.3."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from backend.authrecords.tag_list import TagList, read_tags, unknown_tags
from backend.authrecords.txt import WHITE_SPACE, judged_text, shown
from backend.authrecords.uris import is_address, scheme, web_host
from backend.authrecords.verdict import Problem, RecordVerdict, error, note, warning
from backend.core.present.text import _

RULE = "BIMI draft 4.3"
RULE_OF_DECLINING = "BIMI draft 4.3.1"
RULE_OF_FORMATS = "BIMI draft 4.3.2"
TAGS = frozenset(("v", "l", "a", "lps", "avp"))
FORMATS = (".svg", ".svgz")
AVATARS = ("brand", "personal")

_PREFIX = re.compile(r"[A-Za-z0-9-]{1,63}")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")


def check_bimi(text: str) -> RecordVerdict:
    """The verdict on what stands at ``selector._bimi``."""
    return judged_text("BIMI", text, _problems)


def _problems(text: str) -> Iterable[Problem]:
    listed = read_tags(text, may_end_in_space=True)
    yield from listed.problems
    version = listed.value("v")
    if version != "BIMI1" or listed.first != "v":
        yield error(_("The record must begin with v=BIMI1, in exactly these letters; receivers ignore it."), RULE)
        return
    yield from _of_places(listed)
    yield from _of_selectors(listed.value("lps"))
    avatar = listed.value("avp")
    if avatar is not None and avatar not in AVATARS:
        words = _("avp= must be brand or personal, not “{value}”.")
        yield error(words.format(value=shown(avatar)), RULE)
    yield from unknown_tags(listed, TAGS, RULE)


def _of_places(listed: TagList) -> Iterator[Problem]:
    logo, evidence = listed.value("l"), listed.value("a")
    if len(listed.tags) == 1:
        yield error(_("The record says nothing: l= with the address of the logo is missing."), RULE)
    elif logo is None:
        words = _("l= is missing, which the draft demands: strict receivers ignore the record. An empty one declines.")
        yield warning(words, RULE)
    elif not logo and not evidence:
        yield note(_("l= and a= are empty: the domain declines to show a logo."), RULE_OF_DECLINING)
    if logo:
        yield from _of_uri("l", logo) or _of_logo(logo)
    if evidence:
        yield from _of_uri("a", evidence) or _of_evidence(evidence)


def _of_uri(name: str, uri: str) -> list[Problem]:
    if "," in uri:
        words = _("{name}= holds one address only; a comma in it is written as %2C.")
    elif scheme(uri) != "https":
        words = _("{name}= must be an address that begins with https://.")
    elif not web_host(uri):
        words = _("What {name}= holds is not an address on the web.")
    else:
        return []
    return [error(words.format(name=name), RULE)]


def _of_logo(uri: str) -> Iterator[Problem]:
    name = urlsplit(uri).path.lower().rpartition("/")[2]
    suffix = name[name.rfind(".") :] if "." in name else ""
    if suffix in FORMATS:
        return
    if _SUFFIX.fullmatch(suffix):
        words = _("The logo must be an SVG, .svg or .svgz; receivers refuse a {suffix}.")
        yield error(words.format(suffix=suffix), RULE_OF_FORMATS)
    else:
        yield warning(_("The address of the logo does not end in .svg or .svgz."), RULE_OF_FORMATS)


def _of_evidence(uri: str) -> Iterator[Problem]:
    host = web_host(uri)
    if is_address(host) or "." not in host.rstrip("."):
        yield error(_("a= must name a host by its full domain name."), RULE)


def _of_selectors(value: str | None) -> Iterator[Problem]:
    for each in value.split(",") if value else ():
        if not _PREFIX.fullmatch(each.strip(WHITE_SPACE)):
            words = _("lps= lists letters, digits and hyphens between commas; “{value}” is not so.")
            yield error(words.format(value=shown(each.strip(WHITE_SPACE))), RULE)
