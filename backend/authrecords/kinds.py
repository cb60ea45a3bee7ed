"""The kinds of records that can be judged by their text alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backend.authrecords.bimi import check_bimi
from backend.authrecords.caa import check_caa
from backend.authrecords.dkim import check_dkim
from backend.authrecords.dmarc.record import Ruleset, check_dmarc
from backend.authrecords.mta_sts import check_mta_sts
from backend.authrecords.mta_sts_policy import check_mta_sts_policy
from backend.authrecords.spf.record import check_spf
from backend.authrecords.tls_rpt import check_tls_rpt
from backend.authrecords.verdict import RecordVerdict

#: By the name that commands take and verdicts have as their ``kind``.
CHECKS: Mapping[str, Callable[[str], RecordVerdict]] = {
    "SPF": check_spf,
    "DKIM": check_dkim,
    "DMARC": check_dmarc,
    "MTA-STS": check_mta_sts,
    "MTA-STS-POLICY": check_mta_sts_policy,
    "TLS-RPT": check_tls_rpt,
    "BIMI": check_bimi,
    "CAA": check_caa,
}


def kind_of(text: str) -> str | None:
    """The kind that ``text`` names, in letters of any case; None where there is none of this name."""
    name = text.strip().upper()
    return name if name in CHECKS else None


def judged_record(kind: str, text: str, ruleset: Ruleset) -> RecordVerdict:
    """The verdict on a record of one of :data:`CHECKS`; ``ruleset`` is the text that receivers of DMARC follow."""
    return check_dmarc(text, ruleset) if kind == "DMARC" else CHECKS[kind](text)
