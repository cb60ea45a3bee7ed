"""Who may call a service of Amazon's: the keys of the account, and what a policy lets their user do."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.state import State
from backend.demo.emulator.wire import Answer, Request
from tests.ec2 import refusals
from tests.ec2.documents import STS
from tests.ec2.query import Call
from tests.ec2.refusals import XML
from tests.ec2.signatures import is_of_now, is_signed

Record = dict[str, Any]

ACCOUNT, USER = "111122223333", "mailyard"
ARN = f"arn:aws:iam::{ACCOUNT}:user/{USER}"


def admitted(state: State, request: Request, call: Call) -> Record:
    """The record of the key. It may name calls as policies do that are ``denied``.

    :raises Refusal: the key is unknown, or did not sign this, or may not do it.
    """
    secret, known = _key(state, call.access_key)
    if not secret:
        raise refusals.wrong_key(call)
    if not is_of_now(request):
        raise refusals.expired(call)
    if not is_signed(request, secret):
        raise refusals.wrong_signature(call)
    may_write, denied = "write" in known.get("scopes", ()), known.get("denied", ())
    if call.right in denied or not (call.is_reading or may_write):
        raise refusals.may_not(call, ARN)
    return known


def identity() -> Answer:
    """What STS says whose key it is."""
    about = f"<Arn>{ARN}</Arn><UserId>AIDAEXAMPLEEXAMPLE00</UserId><Account>{ACCOUNT}</Account>"
    result = f"<GetCallerIdentityResult>{about}</GetCallerIdentityResult>"
    text = f'<GetCallerIdentityResponse xmlns="{STS}">{result}</GetCallerIdentityResponse>'
    return Answer(200, text, XML)


def _key(state: State, access_key: str) -> tuple[str, Record]:
    """The secret part and the record of a token; empty where nobody has this access key."""
    for token in state.keys("token"):
        number, _colon, secret = token.partition(":")
        if number == access_key:
            return secret, state.get("token", token) or {}
    return "", {}
