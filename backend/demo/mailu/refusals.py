"""How the API refuses, in its own words (core/admin/mailu/api/v1 of 2024.06; flask-restx for what is malformed)."""

from __future__ import annotations

from collections.abc import Mapping

from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer

LOCKED_OUT = "Too many attempts from your IP (rate-limit)"
NOT_FOUND = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
NO_TOKEN = "<p>Error: API_TOKEN is not configured</p>"  # noqa: S105 - words, not a token


def said(code: int, words: str, *, status: int | None = None) -> Answer:
    """``code`` stands in the body, too; now and then with another ``status`` around it."""
    return Answer(code if status is None else status, {"code": code, "message": words})


def refused(code: int, words: str, *, status: int | None = None) -> Refusal:
    return Refusal(said(code, words, status=status))


def no_domain(name: str, *, status: int | None = None) -> Refusal:
    return refused(400, f"Domain {name} is not a valid domain", status=status)


def no_address(address: str) -> Refusal:
    return refused(400, f"Provided email address {address} is not a valid email address")


def malformed(errors: Mapping[str, str]) -> Refusal:
    return Refusal(Answer(400, {"errors": dict(errors), "message": "Input payload validation failed"}))


def no_json() -> Refusal:
    words = "Did not attempt to load JSON data because the request Content-Type was not 'application/json'."
    return Refusal(Answer(415, {"message": words}))


def internal() -> Refusal:
    """An exception that nobody caught: what the transaction had changed is undone."""
    return Refusal(Answer(500, {"message": "Internal Server Error"}))


def page(status: int, text: str) -> Answer:
    """Where no call is meant."""
    return Answer(status, text, {"content-type": "text/html; charset=utf-8"})
