"""How the API refuses: its error bodies, and the refusals the official document does not spell out."""

from __future__ import annotations

from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer

CODES = "error codes of the API reference (its status assumed)"
REFERENCE = "API reference, text of the field (words assumed)"
#: Refusals of the live service that the OpenAPI document does not know, with where they were seen.
BEYOND_THE_DOCUMENT = (
    ("an unknown token: 401 unauthorized", "API reference, error codes"),
    ("a token that may only read: 403 token_readonly", CODES),
    ("an unknown zone: 404 not_found", CODES),
    ("a set that is there already: 409 uniqueness_error", "github qdm12/ddns-updater pull request 1165 (code assumed)"),
    ("a set that is gone: 404 not_found", CODES),
    ("a zone that is only copied: 422 incorrect_zone_mode", "API reference, errors of the call"),
    ("a zone that an action works on: 423 locked", "API reference, error codes; clients that retry 423"),
    ("a protected set: 423 protected", CODES),
    ("a TTL of 30 s: 422 invalid_input", REFERENCE),
    ("no records: 422 invalid_input", REFERENCE),
    ("one value twice: 422 invalid_input", REFERENCE),
    ("an address that is none: 422 invalid_input", REFERENCE),
    ("a text without quotes: 422 invalid_input", "terraform-provider-hcloud, zone_rrset: quoted strings of 255"),
    ("an alias beside an address: 422 invalid_input", "RFC 1034 3.6.2 (words assumed)"),
)


def invalid(words: str) -> Refusal:
    return refusal(422, "invalid_input", words)


def not_found(what: str) -> Refusal:
    return refusal(404, "not_found", f"{what} not found")


def too_many(reset: int) -> Refusal:
    """``reset``: when all calls are back, in seconds since 1970."""
    answer = refusal(429, "rate_limit_exceeded", "limit of 3600 requests per hour reached").answer
    return Refusal(Answer(answer.status, answer.body, {"ratelimit-reset": str(reset), "ratelimit-remaining": "0"}))


def refusal(status: int, code: str, words: str) -> Refusal:
    return Refusal(Answer(status, {"error": {"code": code, "message": words, "details": None}}))
