"""Which fields a body may have, and of which type: what is malformed is refused before anybody asks who is calling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.demo.emulator.wire import Request
from backend.demo.mailu.refusals import malformed, no_json

Record = dict[str, Any]
TYPES: Mapping[str, type] = {"string": str, "integer": int, "boolean": bool, "array": list}


@dataclass(frozen=True)
class Field:
    """``least`` is the smallest number it takes."""

    type: str = "string"
    is_required: bool = False
    least: int | None = None


Fields = Mapping[str, Field]
TEXT, NUMBER, FLAG, LIST, NEEDED = Field(), Field("integer"), Field("boolean"), Field("array"), Field(is_required=True)

DOMAIN_CHANGE: Fields = {
    "comment": TEXT,
    "max_users": Field("integer", least=-1),
    "max_aliases": Field("integer", least=-1),
    "max_quota_bytes": Field("integer", least=0),
    "signup_enabled": FLAG,
    "alternatives": LIST,
}
DOMAIN: Fields = {"name": NEEDED, **DOMAIN_CHANGE}
ALTERNATIVE: Fields = {"name": NEEDED, "domain": NEEDED}
MANAGER: Fields = {"user_email": NEEDED}
USER_CHANGE: Fields = {
    **dict.fromkeys(("raw_password", "comment", "reply_subject", "reply_body", "displayed_name"), TEXT),
    **dict.fromkeys(("reply_startdate", "reply_enddate"), TEXT),
    **dict.fromkeys(("quota_bytes", "spam_threshold"), NUMBER),
    **dict.fromkeys(("global_admin", "enabled", "change_pw_next_login", "enable_imap", "enable_pop"), FLAG),
    **dict.fromkeys(("allow_spoofing", "forward_enabled", "forward_keep", "reply_enabled"), FLAG),
    **dict.fromkeys(("spam_enabled", "spam_mark_as_read"), FLAG),
    "forward_destination": LIST,
}
USER: Fields = {"email": NEEDED, **USER_CHANGE, "raw_password": NEEDED}
ALIAS_CHANGE: Fields = {"comment": TEXT, "destination": LIST, "wildcard": FLAG}
ALIAS: Fields = {"email": NEEDED, **ALIAS_CHANGE}
RELAY_CHANGE: Fields = {"smtp": TEXT, "comment": TEXT}
RELAY: Fields = {"name": NEEDED, **RELAY_CHANGE}
TOKEN_CHANGE: Fields = {"comment": TEXT, "AuthorizedIP": LIST}
TOKEN: Fields = {"email": NEEDED, **TOKEN_CHANGE}


def checked(request: Request, fields: Fields) -> Record:
    """The body; fields that nobody knows are in it still, and nobody minds.

    :raises Refusal: 415 or 400.
    """
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise no_json()
    body = dict(request.body) if isinstance(request.body, dict) else {}
    errors: dict[str, str] = {}
    for name, field in fields.items():
        if name in body:
            errors |= _error(name, body[name], field)
        elif field.is_required:
            errors[name] = f"'{name}' is a required property"
    if errors:
        raise malformed(errors)
    return body


def _error(name: str, value: object, field: Field) -> dict[str, str]:
    is_of_type = isinstance(value, TYPES[field.type]) and (field.type == "boolean" or not isinstance(value, bool))
    if not is_of_type:
        return {name: f"{value!r} is not of type '{field.type}'"}
    if field.type == "array" and isinstance(value, list):
        for place, item in enumerate(value):
            if not isinstance(item, str):
                return {f"{name}.{place}": f"{item!r} is not of type 'string'"}
    if field.least is not None and isinstance(value, int) and value < field.least:
        return {name: f"{value} is less than the minimum of {field.least}"}
    return {}
