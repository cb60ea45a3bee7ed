"""MTA-STS records: RFC 8461 3.1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.authrecords.fields import read_fields
from backend.authrecords.txt import judged_text, shown
from backend.authrecords.verdict import Problem, RecordVerdict, error
from backend.core.present.text import _

RULE = "RFC 8461 3.1"

_ID = re.compile(r"[A-Za-z0-9]{1,32}")


def check_mta_sts(text: str) -> RecordVerdict:
    """The verdict on what stands at ``_mta-sts``."""
    return judged_text("MTA-STS", text, _problems)


def _problems(text: str) -> Iterator[Problem]:
    fields = read_fields(text, version="STSv1", field="id", rule=RULE)
    yield from fields.problems
    if fields.is_missing:
        yield error(_("id= is missing, which tells senders that the policy has changed."), RULE)
    if len(fields.values) > 1:
        yield error(_("id= is there more than once; it is not said which one counts."), RULE)
    for value in fields.values:
        if not value:
            yield error(_("id= is empty."), RULE)
        elif not _ID.fullmatch(value):
            words = _("“{value}” cannot be an id: 1 to 32 letters and digits, nothing else.")
            yield error(words.format(value=shown(value)), RULE)
