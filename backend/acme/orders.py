"""Orders, authorizations and challenges (RFC 8555 7.1) as values, read from what the authority says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from backend.acme.problems import Problem, read_problem
from backend.core.domain_names import plain_domain
from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.rest.refusals import unreadable
from backend.core.rest.values import moment

if TYPE_CHECKING:
    from josepy.jwk import JWK

OrderState = Literal["pending", "ready", "processing", "valid", "invalid"]
ProofState = Literal["pending", "processing", "valid", "invalid", "deactivated", "expired", "revoked"]
ChallengeKind = Literal["dns-01", "http-01"]
WILDCARD = "*."
#: States of proofs that Pebble says of an order; for RFC 8555 7.1.6 such an order is invalid.
ENDED = ("deactivated", "expired", "revoked")
TOKEN = re.compile(r"[\w-]{22,}", re.ASCII)  # RFC 8555 8.1: base64url; it becomes part of a path


@dataclass(frozen=True)
class Order:
    """An order as it stands. ``names`` are plain, wildcards with their ``*.``; ``certificate`` is where it lies."""

    url: str
    state: OrderState
    names: tuple[str, ...]
    authorizations: tuple[str, ...]
    finalize: str
    certificate: str = ""
    expires: datetime | None = None
    problem: Problem | None = None

    @property
    def is_open(self) -> bool:
        """Whether a certificate can still come of it."""
        return self.state in ("pending", "ready", "processing")


@dataclass(frozen=True)
class Challenge:
    """What proves one name in one way. For DNS-01 a TXT record ``record_name`` with ``record_value`` (RFC 8555 8.4);
    a ``_acme-challenge`` that is an alias (CNAME) is followed by whoever writes. For HTTP-01 (8.3) ``content``, without
    a line's end, at ``path`` of port 80."""

    kind: ChallengeKind
    name: str
    url: str
    token: str
    state: ProofState
    record_name: str
    record_value: str
    path: str
    content: str


@dataclass(frozen=True)
class Authorization:
    """The proof that one name is ours; ``name`` has its ``*.`` where the order has."""

    url: str
    name: str
    state: ProofState
    challenges: tuple[Challenge, ...]
    problem: Problem | None = None


def ordered_names(names: Sequence[str], most: int) -> tuple[str, ...]:
    """Plain and sorted, each once.

    :raises Refused: there is none, one that no public authority issues for, or more than ``most``.
    """
    plain = sorted({plain_domain(each) for each in names})
    for name in plain:
        _check_name(name)
    if not plain:
        raise Refused(_("A certificate needs a name at least."))
    if len(plain) > most:
        raise Refused(too_many_names(len(plain), most))
    return tuple(plain)


def too_many_names(n: int, most: int) -> str:
    """Why an order of ``n`` names is none."""
    words = _("Too many names for one certificate: {n}, where this authority takes {most}.")
    return words.format(n=n, most=most)


def read_order(service: str, body: Mapping[str, Any], url: str) -> Order:
    """:raises BadResponse: it is no order."""
    told, names = body.get("status"), _names(body)
    state: Any = "invalid" if told in ENDED else told
    authorizations, finalize = body.get("authorizations"), body.get("finalize")
    is_order = state in get_args(OrderState) and names and isinstance(authorizations, list) and url
    if not is_order or not isinstance(finalize, str):
        raise unreadable(service, f"no order: status {str(state)[:40]}")
    error = body.get("error")
    return Order(
        url,
        state,
        names,
        tuple(str(each) for each in authorizations or ()),
        finalize,
        certificate=str(body.get("certificate") or ""),
        expires=moment(body.get("expires")),
        problem=read_problem(error) if error else None,
    )


def read_authorization(service: str, body: Mapping[str, Any], url: str, key: JWK) -> Authorization:
    """:raises BadResponse: it is none."""
    state: Any = body.get("status")
    identifier = body.get("identifier")
    name = str(identifier.get("value") or "").lower() if isinstance(identifier, Mapping) else ""
    if not name or state not in get_args(ProofState):
        raise unreadable(service, f"no authorization: status {str(state)[:40]}")
    listed = [each for each in body.get("challenges") or () if isinstance(each, Mapping)]
    problems = [read_problem(each["error"]) for each in listed if each.get("error")]
    wanted = f"{WILDCARD}{name}" if body.get("wildcard") is True else name
    return Authorization(
        url,
        wanted,
        state,
        tuple(_challenge(service, each, name, key) for each in listed if each.get("type") in get_args(ChallengeKind)),
        problem=problems[0] if problems else None,
    )


def _challenge(service: str, body: Mapping[str, Any], name: str, key: JWK) -> Challenge:
    """The library computes what must be shown from the account's key (RFC 8555 8.1)."""
    from acme.challenges import DNS01, HTTP01
    from acme.challenges import Challenge as Told
    from josepy.errors import DeserializationError

    try:
        told = Told.from_json(body)
    except DeserializationError as error:
        raise unreadable(service, "a challenge without a good token") from error
    if not isinstance(told, (DNS01, HTTP01)) or not TOKEN.fullmatch(str(body["token"])):
        raise unreadable(service, "a challenge without a good token")
    state: Any = body.get("status")
    token = str(body["token"])
    record = DNS01(token=told.token)
    return Challenge(
        kind=body["type"],
        name=name,
        url=str(body.get("url") or ""),
        token=token,
        state=state if state in get_args(ProofState) else "pending",
        record_name=record.validation_domain_name(name),
        record_value=record.validation(key),
        path=f"/{HTTP01.URI_ROOT_PATH}/{token}",
        content=told.key_authorization(key),
    )


def _names(body: Mapping[str, Any]) -> tuple[str, ...]:
    told = body.get("identifiers")
    values = [each.get("value") for each in told if isinstance(each, Mapping)] if isinstance(told, list) else []
    return tuple(sorted({str(each).lower() for each in values if each}))


def _check_name(name: str) -> None:
    """As names of hosts are written (RFC 1123 2.1), with a wildcard at most in the first place (RFC 8555 7.1.4)."""
    labels = name.removeprefix(WILDCARD).split(".")
    is_good = len(labels) > 1 and len(name) <= 253 and all(map(_is_label, labels)) and not labels[-1].isdigit()
    if not is_good:
        raise Refused(_("{name} is no name that a certificate can have.").format(name=name or "''"))


def _is_label(label: str) -> bool:
    inner = label.replace("-", "")
    return 0 < len(label) <= 63 and inner.isascii() and inner.isalnum() and label[0] != "-" and label[-1] != "-"
