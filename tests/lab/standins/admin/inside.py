"""What the other containers ask admin: Postfix and Dovecot by their tables, rspamd for domains and keys."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json

import dns.flags
import dns.resolver

from tests.lab.standins.admin import limits, logins
from tests.lab.standins.admin.addresses import destinations, resolved, senders, transport
from tests.lab.standins.admin.database import Row, opened, to_ascii
from tests.lab.standins.admin.keys import private_key
from tests.lab.standins.admin.web import Answer, Request, Routes
from tests.lab.standins.settings import host_name, is_on, setting

NOT_FOUND = Answer(status=404)
NEVER_REPLY = ("noreply", "no-reply")
SRS_DAYS = 1024  # a time stamp of two base32 digits


def add_routes(routes: Routes) -> None:
    for path, act in (
        ("auth/email", logins.email),
        ("auth/basic", logins.basic),
        ("auth/user", logins.web_user),
        ("auth/admin", logins.web_admin),
        ("autoconfig/mozilla", mozilla),
        ("postfix/dane/<domain>", dane),
        ("postfix/domain/<domain>", domain),
        ("postfix/mailbox/<address...>", mailbox),
        ("postfix/alias/<address...>", alias),
        ("postfix/transport/<address...>", relay),
        ("postfix/recipient/map/<address...>", recipient),
        ("postfix/sender/map/<address...>", sender),
        ("postfix/sender/login/<address...>", sender_logins),
        ("postfix/sender/rate/<address...>", sender_rate),
        ("dovecot/passdb/<address...>", passdb),
        ("dovecot/userdb/<address...>", userdb),
        ("dovecot/sieve/name/<script>/<address...>", lambda request: Answer(json.dumps(request.parts["script"]))),
        ("dovecot/sieve/data/default/<address...>", sieve),
        ("rspamd/local_domains", local_domains),
        ("rspamd/vault/v1/dkim/<domain>", vault),
    ):
        routes.add("GET", f"/internal/{path}", act)
    routes.add("POST", "/internal/dovecot/quota/<kind>/<address...>", quota)


def dane(request: Request) -> Answer:
    """Whether a domain's mail server shows which certificate it has."""
    resolver = dns.resolver.Resolver()
    resolver.use_edns(0, dns.flags.DO, 1232)
    resolver.flags = dns.flags.AD | dns.flags.RD
    try:
        found = resolver.resolve(f"_25._tcp.{request.parts['domain']}", "TLSA", lifetime=10)
    except dns.resolver.NoNameservers:
        return _said("dane-only") if is_on("DEFER_ON_TLS_ERROR") else NOT_FOUND
    except dns.exception.DNSException:
        return NOT_FOUND
    is_usable = any(record.usage in (2, 3) for record in found)
    return _said("dane-only") if is_usable and found.response.flags & dns.flags.AD else NOT_FOUND


def domain(request: Request) -> Answer:
    """Whether a domain is one of ours, or stands for one."""
    with opened() as database:
        name = request.parts["domain"]
        row = database.row("domain", name) or database.row("alternative", name)
    return _said(row["name"]) if row else NOT_FOUND


def mailbox(request: Request) -> Answer:
    user = _user(request)
    return _said(user["email"]) if user else NOT_FOUND


def alias(request: Request) -> Answer:
    with opened() as database:
        local, name = resolved(database, request.parts["address"])
        found = destinations(database, local, name) if local else [name]
    return _said(",".join(found)) if found else NOT_FOUND


def relay(request: Request) -> Answer:
    """The way of a domain whose mail we only pass on."""
    with opened() as database:
        _local, name = resolved(database, request.parts["address"])
        row = database.row("relay", name)
    way = transport(row) if row else None
    return _said(way) if way else Answer(status=400 if row else 404)


def recipient(request: Request) -> Answer:
    """Bounces of what we sent on for others go back to these (SRS)."""
    local, _at, _domain = request.parts["address"].partition("@")
    kind, _equal, rest = local.partition("=")
    parts = rest.split("=", 3)
    if kind.upper() != "SRS0" or len(parts) != 4:
        return NOT_FOUND
    mark, stamp, name, user = parts
    return _said(f"{user}@{name}") if hmac.compare_digest(mark, _mark(stamp, name, user)) else NOT_FOUND


def sender(request: Request) -> Answer:
    """What we send on for others is from a domain of ours to the world, or their SPF would refuse it (SRS)."""
    address = request.parts["address"]
    user, at, name = address.rpartition("@")
    if not at or "@" in user or address.startswith('"'):
        return NOT_FOUND
    with opened() as database:
        if database.row("domain", resolved(database, address)[1]):
            return NOT_FOUND
    day = datetime.datetime.now(datetime.UTC).toordinal() % SRS_DAYS
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    stamp = letters[day >> 5] + letters[day & 31]
    return _said(f"SRS0={_mark(stamp, name, user)}={stamp}={name}={user}@{setting('DOMAIN')}")


def sender_logins(request: Request) -> Answer:
    with opened() as database:
        found = senders(database, request.parts["address"])
    return _said(",".join(found)) if found else NOT_FOUND


def sender_rate(request: Request) -> Answer:
    """Asked for each recipient: each counts, those that are refused later too."""
    user = _user(request)
    if user is None or limits.may_send(user["email"]):
        return NOT_FOUND
    return _said("450 4.2.1 You are sending too many emails too fast.")


def passdb(request: Request) -> Answer:
    """imap asks for no password: front has, and only the containers' network may come."""
    if _user(request) is None:
        return NOT_FOUND
    return Answer({"password": None, "nopassword": "Y", "allow_real_nets": setting("SUBNET")})


def userdb(request: Request) -> Answer:
    user = _user(request)
    return Answer({"quota_rule": f"*:bytes={user['quota_bytes']}"}) if user else NOT_FOUND


def quota(request: Request) -> Answer:
    """imap tells what a mailbox takes."""
    with opened() as database:
        if database.row("user", request.parts["address"]) is None:
            return NOT_FOUND
        if request.parts["kind"] == "storage":
            used = {"quota_bytes_used": int(request.body)}
            database.update("user", request.parts["address"], used, dated=False)
    return Answer(None)


def sieve(request: Request) -> Answer:
    """What happens to a user's mail before scripts of their own: spam goes to Junk, who is away is excused."""
    user = _user(request)
    if user is None:
        return NOT_FOUND
    script = (
        'require ["vacation", "fileinto", "mailbox", "imap4flags", "relational", "comparator-i;ascii-numeric", '
        '"spamtestplus", "envelope", "variables"];\n'
    )
    if user["spam_enabled"]:
        seen = 'setflag "\\\\seen";\n' if user["spam_mark_as_read"] else ""
        score = f'spamtest :percent :value "gt" :comparator "i;ascii-numeric" "{user["spam_threshold"]}"'
        script += f'if {score}\n{{\n{seen}fileinto :create "Junk";\nstop;\n}}\n'
    if _is_away(user):
        never = ", ".join(f'"{name}"' for name in NEVER_REPLY)
        words = f":subject {_quoted(user['reply_subject'])} {_quoted(user['reply_body'])}"
        sender = f"{_quoted(user['displayed_name'])} <{user['email']}>"
        own = f":from {_quoted(sender)} " if user["displayed_name"] else ""
        script += f'if not address :localpart :contains ["From", "Reply-To"] [{never}]\n'
        script += f"{{\nvacation :days 1 {own}{words};\n}}\n"
    return _said(script)


def local_domains(request: Request) -> Answer:
    with opened() as database:
        names = [row["name"] for table in ("domain", "alternative") for row in database.rows(table)]
    return Answer("\n".join(names))


def vault(request: Request) -> Answer:
    """The key a domain's mail is signed with; an alternative domain is signed with the main one's."""
    name = request.parts["domain"]
    with opened() as database:
        _local, owner = resolved(database, f"@{name}")
        key = private_key(owner) if database.row("domain", owner) else None
    known = {"domain": to_ascii(name), "key": key, "selector": setting("DKIM_SELECTOR")}
    return Answer({"data": {"selectors": [known] if key else []}})


def mozilla(request: Request) -> Answer:
    """For Thunderbird and its kin."""
    kinds = (("incomingServer", "imap", 993), ("outgoingServer", "smtp", 465))
    servers = "".join(
        f'<{tag} type="{kind}"><hostname>{host_name()}</hostname><port>{port}</port><socketType>SSL</socketType>'
        f"<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></{tag}>"
        for tag, kind, port in kinds
    )
    provider = f'<emailProvider id="{host_name()}"><domain>%EMAILDOMAIN%</domain>{servers}</emailProvider>'
    text = f'<?xml version="1.0"?>\n<clientConfig version="1.1">{provider}</clientConfig>\n'
    return Answer(text, headers={"Content-Type": "text/xml"})


def _said(text: str) -> Answer:
    """A bare JSON text."""
    return Answer(json.dumps(text), headers={"Content-Type": "application/json"})


def _user(request: Request) -> Row | None:
    with opened() as database:
        return database.row("user", request.parts["address"])


def _is_away(user: Row) -> bool:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return bool(user["reply_enabled"]) and user["reply_startdate"] <= today <= user["reply_enddate"]


def _quoted(text: str | None) -> str:
    """A string of Sieve's (RFC 5228, section 2.4.2)."""
    escaped = (text or "").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _mark(stamp: str, name: str, user: str) -> str:
    digest = hmac.new(setting("SECRET_KEY").encode(), f"{stamp}{name}{user}".lower().encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()[:4].replace("=", "-").replace("/", "_")
