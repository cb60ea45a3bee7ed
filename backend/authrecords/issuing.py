"""Who may issue certificates, as CAA says it: a domain and parameters (RFC 8659 4.2, RFC 8657)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from backend.authrecords.txt import WHITE_SPACE, shown
from backend.authrecords.uris import is_uri
from backend.authrecords.verdict import Problem, error, note, warning
from backend.core.present.text import _

RULE_OF_ACCOUNTS = "RFC 8657 3"
RULE_OF_METHODS = "RFC 8657 4"
#: IANA's registry of ACME validation methods.
METHODS = frozenset(
    (
        "bp-nodeid-00",
        "dns-01",
        "dns-account-01",
        "email-reply-00",
        "http-01",
        "onion-csr-01",
        "tkauth-01",
        "tls-alpn-01",
    )
)
#: Before it come methods that an authority has for itself.
OF_AUTHORITIES = "ca-"

_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_VALUE = re.compile(r"[!-:<-~]*")
_METHOD = re.compile(r"[A-Za-z0-9-]+")


def issue_problems(value: str, rule: str) -> Iterator[Problem]:
    """What is wrong with the value of ``issue`` and of those like it; ``rule`` is where the tag is described."""
    issuer, *rest = (each.strip(WHITE_SPACE) for each in value.split(";"))
    if issuer and not all(_LABEL.fullmatch(each) for each in issuer.split(".")):
        words = _("“{issuer}” cannot be the domain of an authority: no authority may issue while it stands here.")
        yield error(words.format(issuer=shown(issuer)), rule)
    elif issuer and "." not in issuer:
        yield warning(_("“{issuer}” has no dot: authorities go by a domain.").format(issuer=shown(issuer)), rule)
    elif not issuer:
        yield note(_("No authority is named: none may issue, unless another record names one."), rule)
    if rest != [""]:
        yield from _of_parameters(rest, rule)


def _of_parameters(parts: list[str], rule: str) -> Iterator[Problem]:
    names: Counter[str] = Counter()
    for part in parts:
        name, equals, value = (each.strip(WHITE_SPACE) for each in part.partition("="))
        if not part:
            yield error(_("There is no parameter after a semicolon."), rule)
        elif not equals or not _LABEL.fullmatch(name):
            yield error(_("“{part}” is not a parameter: name=value.").format(part=shown(part)), rule)
        elif not _VALUE.fullmatch(value):
            words = _("The value of the parameter {name} has a space or a character outside ASCII.")
            yield error(words.format(name=shown(name)), rule)
        else:
            names[name.lower()] += 1
            yield from _of_parameter(name.lower(), value)
    for name in (each for each, count in names.items() if count > 1):
        yield _twice(name, rule)


def _twice(name: str, rule: str) -> Problem:
    if name == "accounturi":
        return error(_("accounturi is there more than once: no account fits, and none may issue."), RULE_OF_ACCOUNTS)
    if name == "validationmethods":
        return error(_("validationmethods is there more than once: none may issue."), RULE_OF_METHODS)
    return warning(_("The parameter {name} is there more than once.").format(name=shown(name)), rule)


def _of_parameter(name: str, value: str) -> Iterator[Problem]:
    if name == "accounturi" and not is_uri(value):
        words = _("accounturi must be the whole address of the account, not “{value}”.")
        yield error(words.format(value=shown(value)), RULE_OF_ACCOUNTS)
    elif name == "validationmethods" and not value:
        yield warning(_("validationmethods is empty: no method is allowed, and none may issue."), RULE_OF_METHODS)
    elif name == "validationmethods":
        for each in value.split(","):
            yield from _of_method(each)


def _of_method(method: str) -> Iterator[Problem]:
    if not _METHOD.fullmatch(method):
        yield error(_("“{method}” cannot be the name of a method.").format(method=shown(method)), RULE_OF_METHODS)
    elif method not in METHODS and not method.startswith(OF_AUTHORITIES):
        words = _("The method “{method}” is not known; authorities that do not know it ignore it.")
        yield warning(words.format(method=shown(method)), RULE_OF_METHODS)
