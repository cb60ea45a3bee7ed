"""What a certificate authority says when it refuses: problem documents (RFC 8555 6.7) in words, and as our errors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from backend.core.errors import (
    LimitReached,
    MailyardError,
    NotFound,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Unauthorized,
)
from backend.core.present import format as words
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import finite
from backend.core.secrets.foreign_words import foreign_words

PREFIX = "urn:ietf:params:acme:error:"
MOST_WORDS, MOST_SUBPROBLEMS, MOST_PAGE = 400, 200, 2_000
#: Who tells no moment is asked again after so long; a longer pause than a month is none that anybody means.
DEFAULT_PAUSE_S, MOST_PAUSE_S = 60.0, 31 * 86_400.0
#: Boulder tells its moment within its words, to the second, beside or without Retry-After.
TOLD_MOMENT = re.compile(r"retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)")
#: Boulder names no moment when a name is paused: only these words tell it from a limit.
PAUSED = ("temporarily prevented", "failed authorizations")
PAGE = re.compile(r"https://[^\s<>\"']+")


@dataclass(frozen=True)
class Problem:
    """One problem document. ``kind`` is its type without the prefix of ACME; ``name`` is the host name it is about,
    empty where it is about none; ``told`` the authority's own words, masked; ``page`` where it sends a person."""

    kind: str
    told: str = ""
    name: str = ""
    page: str = ""
    subproblems: tuple[Problem, ...] = ()

    @property
    def words(self) -> str:
        """What it means, then what the authority says itself."""
        meaning = meaning_of(self.kind)
        return _("{meaning} It says: {told}").format(meaning=meaning, told=self.told) if self.told else meaning

    def by_name(self) -> Mapping[str, Problem]:
        """The names that it is about, each with its own problem (RFC 8555 6.7.1); empty where it names none."""
        parts = self.subproblems or (self,)
        return {each.name: each for each in parts if each.name}


class NamesRefused(ProviderRefused):
    """The authority will not issue for some of the names; ``failed`` says for which and why. Order the rest."""

    def __init__(self, title: str, *, failed: Mapping[str, Problem], remedy: str = "", detail: str = "") -> None:
        super().__init__(title, remedy=remedy, detail=detail)
        self.failed = failed


class AccountPaused(LimitReached):
    """The authority issues no more for a name that failed too often, until a person says so on ``page``."""

    def __init__(self, title: str, *, page: str, remedy: str = "", detail: str = "") -> None:
        super().__init__(title, remedy=remedy, detail=detail)
        self.page = page


class AskedToWait(RateLimited):
    """Nothing more before ``again_at``."""

    def __init__(self, title: str, *, again_at: datetime, pause_s: float, remedy: str = "", detail: str = "") -> None:
        super().__init__(title, remedy=remedy, detail=detail, retry_after_s=pause_s)
        self.again_at = again_at


class ProblemMet(Exception):
    """Within this package: an answer that is a problem document, before it is known what it means for the request."""

    def __init__(self, problem: Problem, status: int, again_at: datetime | None) -> None:
        super().__init__(f"HTTP {status} {problem.kind}")
        self.problem = problem
        self.status = status
        self.again_at = again_at


def read_problem(body: Any) -> Problem:
    """Leniently: what is missing is empty, and what is no document at all is a problem without a kind."""
    if not isinstance(body, Mapping):
        return Problem("")
    identifier = body.get("identifier")
    subproblems = body.get("subproblems")
    told = str(body.get("detail") or body.get("title") or "")
    page = body.get("instance") or next(iter(PAGE.findall(told)), "")
    return Problem(
        kind=foreign_words(str(body.get("type", "")).removeprefix(PREFIX), MOST_WORDS),
        told=foreign_words(told, MOST_WORDS),
        name=str(identifier.get("value", "")).lower() if isinstance(identifier, Mapping) else "",
        page=str(page)[:MOST_PAGE] if str(page).startswith("https://") else "",
        subproblems=_parts(subproblems),
    )


def moment_told(header: str | None, told: str, now: datetime) -> datetime | None:
    """When to come again: Retry-After in seconds or as a date (RFC 9110 10.2.3), else what the words name."""
    read = _header_moment(header, now)
    if read is None and (found := TOLD_MOMENT.search(told)):
        try:
            read = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC)
        except ValueError:
            read = None
    return None if read is None else min(max(read, now), now + timedelta(seconds=MOST_PAUSE_S))


def error_of(met: ProblemMet, service: str, now: datetime, *, is_change: bool) -> MailyardError:
    """What a refusal means for the caller. ``is_change``: after a fault of the authority's own it may be done."""
    problem = met.problem
    detail = f"HTTP {met.status} {problem.kind} {problem.told}".strip()
    if met.status == 429 or problem.kind == "rateLimited":
        return _limited(met, service, now, detail)
    if problem.kind in ("externalAccountRequired", "userActionRequired", "invalidProfile"):
        return Refused(_refused_words(problem, service), remedy=_remedy_of(problem), detail=detail)
    if problem.kind == "accountDoesNotExist" or met.status == 404:
        return NotFound(_refused_words(problem, service), detail=detail)
    if met.status >= 500 or met.status == 408 or problem.kind == "serverInternal":
        return _broken(met, service, now, detail, is_change=is_change)
    if problem.kind == "unauthorized" or met.status == 401:
        return Unauthorized(_refused_words(problem, service), detail=detail)
    if not problem.kind and not problem.told:
        return refusals.unreadable(service, detail)
    if failed := problem.by_name():
        return names_refused(failed, service, detail)
    return ProviderRefused(_refused_words(problem, service), remedy=_remedy_of(problem), detail=detail)


def names_refused(failed: Mapping[str, Problem], service: str, detail: str = "") -> NamesRefused:
    """For these names, each with its reason, nothing is issued."""
    names = ", ".join(sorted(failed))
    return NamesRefused(
        _("{service} does not issue a certificate for {names}.").format(service=service, names=names),
        failed=failed,
        remedy=" ".join(f"{name}: {problem.words}" for name, problem in sorted(failed.items())),
        detail=detail,
    )


def meaning_of(kind: str) -> str:
    """A type of problem of RFC 8555 6.7, RFC 9773 7.4 or of ours, as a sentence."""
    known = {
        "accountDoesNotExist": _("There is no account for this key."),
        "alreadyReplaced": _("The certificate was replaced already."),
        "alreadyRevoked": _("The certificate was revoked already."),
        "badCSR": _("The request for the certificate is not accepted."),
        "badPublicKey": _("The key is not accepted."),
        "badRevocationReason": _("The reason for the revocation is not accepted."),
        "caa": _("A CAA record forbids this authority to issue for the name."),
        "compound": _("Several things are wrong."),
        "connection": _("The authority could not connect to the host."),
        "dns": _("The authority could not look the name up in the DNS."),
        "dnssec": _("The name's DNSSEC signatures are wrong."),
        "externalAccountRequired": _("The authority wants an account of its customers."),
        "incorrectResponse": _("What the authority found there is not what it asked for."),
        "invalidContact": _("The contact address is not accepted."),
        "invalidProfile": _("The authority has no such profile."),
        "malformed": _("The request is not accepted."),
        "rateLimited": _("The authority's limit is reached."),
        "rejectedIdentifier": _("The authority never issues for this name."),
        "tls": _("The authority met an error of TLS on the host."),
        "unauthorized": _("The authority did not find the proof that the name is ours."),
        "unsupportedIdentifier": _("The authority does not issue for this kind of name."),
        "userActionRequired": _("The authority wants its terms agreed to."),
        NOT_SHOWN: _("Not every name server or host showed the proof in time."),
        NO_WAY: _("No way that Mailyard has proves this name."),
        NOT_PREPARED: _("The proof could not be put in place."),
    }
    return known.get(kind, _("The authority refused."))


#: Problems of our own side, before the authority was told anything.
NOT_SHOWN, NO_WAY, NOT_PREPARED = "notShown", "noWay", "notPrepared"


def _parts(subproblems: Any) -> tuple[Problem, ...]:
    listed: Sequence[Any] = subproblems if isinstance(subproblems, list) else []
    return tuple(
        read_problem({**each, "subproblems": None}) for each in listed[:MOST_SUBPROBLEMS] if isinstance(each, Mapping)
    )


def _header_moment(header: str | None, now: datetime) -> datetime | None:
    seconds = finite(header)
    if seconds is not None:
        return now + timedelta(seconds=min(max(float(seconds), 0.0), MOST_PAUSE_S))
    try:
        read = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _limited(met: ProblemMet, service: str, now: datetime, detail: str) -> MailyardError:
    if met.again_at is None and any(each in met.problem.told for each in PAUSED):
        return AccountPaused(
            _("{service} has paused some of the names, which failed too often.").format(service=service),
            page=met.problem.page,
            remedy=_("Mend what fails first, then let a person resume them on the page that {service} names.").format(
                service=service
            ),
            detail=detail,
        )
    return asked_to_wait(service, met.again_at or now + timedelta(seconds=DEFAULT_PAUSE_S), now, detail)


def asked_to_wait(service: str, again_at: datetime, now: datetime, detail: str) -> AskedToWait:
    """The authority told when it may be asked again."""
    pause_s = (again_at - now).total_seconds()
    title = refusals.slow_down(service, pause_s, detail).title
    remedy = _("Mailyard retries automatically in {time}.").format(time=words.duration(pause_s))
    return AskedToWait(title, again_at=again_at, pause_s=pause_s, remedy=remedy, detail=detail)


def _broken(met: ProblemMet, service: str, now: datetime, detail: str, *, is_change: bool) -> MailyardError:
    """A fault of the authority's own. One that tells when to come again did nothing yet."""
    if met.again_at is not None and met.status == 503:
        return asked_to_wait(service, met.again_at, now, detail)
    title = _("{service} reported an internal error.").format(service=service)
    if is_change:
        look = _("Mailyard checks whether the request was carried out before it retries.")
        return OutcomeUnknown(title, remedy=look, detail=detail)
    return ProviderUnavailable(title, remedy=_("Mailyard retries automatically."), detail=detail)


def _refused_words(problem: Problem, service: str) -> str:
    return _("{service} refused: {words}").format(service=service, words=problem.words)


def _remedy_of(problem: Problem) -> str:
    if problem.kind == "userActionRequired":
        return _("Read and agree to the terms: {page}").format(page=problem.page) if problem.page else ""
    if problem.kind == "externalAccountRequired":
        return _("Enter the key and the key's name that the authority gives its customers.")
    return ""
