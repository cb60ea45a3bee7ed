"""TLS-RPT records: RFC 8460 3."""

from __future__ import annotations

from collections.abc import Iterator

from backend.authrecords.fields import read_fields
from backend.authrecords.txt import WHITE_SPACE, judged_text, shown
from backend.authrecords.uris import is_mailto, scheme, web_host
from backend.authrecords.verdict import Problem, RecordVerdict, error
from backend.core.present.text import _

RULE = "RFC 8460 3"


def check_tls_rpt(text: str) -> RecordVerdict:
    """The verdict on what stands at ``_smtp._tls``."""
    return judged_text("TLS-RPT", text, _problems)


def _problems(text: str) -> Iterator[Problem]:
    fields = read_fields(text, version="TLSRPTv1", field="rua", rule=RULE)
    yield from fields.problems
    if fields.is_missing:
        yield error(_("rua= is missing: the record names nobody who gets the reports."), RULE)
    for value in fields.values:
        for uri in value.split(","):
            yield from _of_uri(uri.strip(WHITE_SPACE))


def _of_uri(uri: str) -> Iterator[Problem]:
    """The record may name several, also in several ``rua=``; each of them must be good."""
    if not uri:
        yield error(_("An address is missing in rua=: it is empty, or there is nothing beside a comma."), RULE)
    elif "!" in uri:
        words = _("“{value}” has an exclamation mark, which must be written as %21; TLS-RPT knows no limits of size.")
        yield error(words.format(value=shown(uri)), RULE)
    elif scheme(uri) not in ("mailto", "https"):
        words = _("“{value}” begins with neither mailto: nor https:, and reports go nowhere else.")
        yield error(words.format(value=shown(uri)), RULE)
    elif not (is_mailto(uri) if scheme(uri) == "mailto" else web_host(uri)):
        yield error(_("“{value}” is not an address that reports can be sent to.").format(value=shown(uri)), RULE)
