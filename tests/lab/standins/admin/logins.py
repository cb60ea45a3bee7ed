"""Whether a login is good, told to front in the words of nginx's auth_http, and sessions of the web."""

from __future__ import annotations

import base64
import ipaddress
import secrets
import socket
import urllib.parse
from dataclasses import dataclass

from tests.lab.standins.admin import limits
from tests.lab.standins.admin.database import Row, opened
from tests.lab.standins.admin.passwords import fits, is_token
from tests.lab.standins.admin.redis import redis
from tests.lab.standins.admin.web import Answer, Request
from tests.lab.standins.settings import IMAP, SMTP, is_on

SESSIONS = 3
COOKIE = "mailu-session"
WEBMAIL_PORTS = ("14190", "10143", "10025")
#: Where a protocol leads once somebody is let in; and mail from outside, which logs nobody in.
BEHIND = {
    "imap": (IMAP, 143),
    "pop3": (IMAP, 110),
    "sieve": (IMAP, 4190),
    "submission": (SMTP, 10025),
    "smtp": (SMTP, 25),
    "lmtp": (IMAP, 2525),
}
REFUSED = "Authentication credentials invalid"
LIMITED = "Temporary authentication failure (rate-limit)"
BARE = "Must issue a STARTTLS command first"
#: What each protocol says before these texts.
CODES = {
    REFUSED: {"imap": "AUTHENTICATIONFAILED", "pop3": "-ERR Authentication failed", "sieve": "AuthFailed"},
    LIMITED: {"imap": "LIMIT", "pop3": "-ERR [LOGIN-DELAY] Retry later", "sieve": "AuthFailed"},
    BARE: {"imap": "PRIVACYREQUIRED", "pop3": "-ERR Authentication canceled.", "sieve": "ENCRYPT-NEEDED"},
}
SMTP_CODES = {REFUSED: "535 5.7.8", LIMITED: "451 4.3.2", BARE: "530 5.7.0"}


@dataclass(frozen=True)
class Attempt:
    """How somebody tries to log in, to which of front's ports, and from where."""

    protocol: str
    port: str
    ip: str


def email(request: Request) -> Answer:
    """``/internal/auth/email``: for each connection to a mail port of front."""
    told = request.headers
    protocol, port, ip = told["Auth-Protocol"].lower(), told["Auth-Port"], told["Client-Ip"]
    password = urllib.parse.unquote(told.get("Auth-Pass", ""))
    if port == "25" and told["Auth-Method"] != "none":
        limits.count_address(ip)
        return Answer(headers={"Auth-Status": "AUTH not supported", "Auth-Error-Code": "502 5.5.1"})
    if told["Auth-Method"].lower() in ("", "none"):
        return _from_outside(protocol, told.get("Auth-SSL", ""))
    is_watched = port not in WEBMAIL_PORTS and not is_token(password)
    if is_watched and limits.is_address_limited(ip):
        return _refused(LIMITED, protocol)
    user = _user(urllib.parse.unquote(told.get("Auth-User", "")))
    name = user["email"] if user else urllib.parse.unquote(told.get("Auth-User", ""))
    is_good = user is not None and _is_good(user, password, Attempt(protocol, port, ip))
    if user and is_watched and limits.is_user_limited(name, ip):
        return _refused(LIMITED, protocol)
    if is_good:
        limits.exempt(ip)
        return _let_in(protocol, name)
    if user:
        limits.count_user(name, ip, password)
    elif port not in WEBMAIL_PORTS:
        limits.count_address(ip, name)
    return _refused(REFUSED, protocol, name)


def basic(request: Request) -> Answer:
    """``/internal/auth/basic``: a login by the header of RFC 7617."""
    kind, _space, encoded = request.headers.get("Authorization", "").partition(" ")
    name, _colon, password = base64.b64decode(encoded if kind == "Basic" else "").decode().partition(":")
    limited = limits.is_address_limited(request.client)
    user = None if limited else _user(name)
    if user and _is_good(user, password, Attempt("web", "", request.client)):
        limits.exempt(request.client)
        return Answer(headers={"X-User": user["email"]})
    if name and not limited:
        limits.count_address(request.client, name)
    return Answer(status=401, headers={"WWW-Authenticate": 'Basic realm="Login Required"'})


def web_user(request: Request) -> Answer:
    """``/internal/auth/user``: who a session of the web is, and a password that is good at the webmail's ports."""
    user = session_user(request)
    if user is None:
        return Answer(status=403)
    token = f"token-{secrets.token_urlsafe(24)}"
    redis(SESSIONS, ("SETEX", token, 10800, user["email"]))
    return Answer(headers={"X-User": user["email"], "X-User-Token": token})


def web_admin(request: Request) -> Answer:
    """``/internal/auth/admin``: the same for those who may do everything."""
    user = session_user(request)
    return Answer(status=200 if user and user["global_admin"] else 403)


def start_session(name: str, password: str, ip: str) -> str | None:
    """The cookie of a new session, None when the login is not good."""
    user = None if limits.is_address_limited(ip) else _user(name)
    if user is None or not _is_good(user, password, Attempt("sso", "", ip)):
        limits.count_address(ip, name)
        return None
    limits.exempt(ip)
    key = secrets.token_urlsafe(24)
    redis(SESSIONS, ("SETEX", f"session-{key}", 3600, user["email"]))
    return f"{COOKIE}={key}; Path=/; HttpOnly; SameSite=Strict"


def session_user(request: Request) -> Row | None:
    """Who the request's cookie stands for."""
    cookies = dict(part.strip().partition("=")[::2] for part in request.headers.get("Cookie", "").split(";"))
    key = cookies.get(COOKIE)
    if not key:
        return None
    (name,) = redis(SESSIONS, ("GET", f"session-{key}"))
    user = _user(str(name)) if name else None
    return user if user and user["enabled"] else None


def _user(name: str) -> Row | None:
    with opened() as database:
        return database.row("user", name) if "@" in name else None


def _is_good(user: Row, password: str, attempt: Attempt) -> bool:
    is_closed = (attempt.protocol == "imap" and not user["enable_imap"] and attempt.port not in WEBMAIL_PORTS) or (
        attempt.protocol == "pop3" and not user["enable_pop"]
    )
    is_off = is_closed or not user["enabled"]
    outcome = "failed: account disabled" if is_off else _judged(user, password, attempt)
    what = f"{user['email']}/{attempt.protocol}/{attempt.port} from: {attempt.ip}"
    print(f"Login attempt for: {what}: {outcome}", flush=True)
    return outcome.startswith("success")


def _judged(user: Row, password: str, attempt: Attempt) -> str:
    if attempt.port in WEBMAIL_PORTS and password.startswith("token-"):
        (owner,) = redis(SESSIONS, ("GET", password))
        if owner == user["email"]:
            return "success: webmail-token"
    if is_token(password):
        with opened() as database:
            tokens = database.rows("token", user_email=user["email"])
        for token in tokens:
            if fits(password, token["password"]):
                return "success: token" if _is_allowed(attempt.ip, token["ip"]) else "failed: badip"
    if not fits(password, user["password"]):
        return "failed: badauth"
    if is_on("AUTH_REQUIRE_TOKENS") and attempt.protocol not in ("web", "sso"):
        return "failed: password ok, but a token is required"
    return "success: password"


def _is_allowed(ip: str, networks: list[str]) -> bool:
    return not networks or any(
        ipaddress.ip_address(ip) in ipaddress.ip_network(each, strict=False) for each in networks
    )


def _from_outside(protocol: str, tls: str) -> Answer:
    if is_on("INBOUND_TLS_ENFORCE") and protocol == "smtp" and tls != "on":
        return _refused(BARE, protocol)
    return _let_in(protocol)


def _let_in(protocol: str, name: str = "") -> Answer:
    container, port = BEHIND["submission" if name and protocol == "smtp" else protocol]
    server = socket.gethostbyname(container)
    who = {"Auth-User": name, "Auth-User-Exists": "True"} if name else {}
    return Answer(headers={"Auth-Status": "OK", "Auth-Server": server, "Auth-Port": str(port), **who})


def _refused(status: str, protocol: str, name: str = "") -> Answer:
    code = CODES[status].get(protocol, SMTP_CODES[status])
    return Answer(headers={"Auth-Status": status, "Auth-Error-Code": code, "Auth-Wait": "0", "Auth-User": name})
