"""``serve`` is the container's own command; all others are what ``flask mailu`` takes."""

from __future__ import annotations

import sys
import time

import dns.exception
import dns.flags
import dns.resolver

from tests.lab.standins.admin import commands, inside, logins, rest
from tests.lab.standins.admin.database import prepare
from tests.lab.standins.admin.web import Answer, Request, Routes, serve
from tests.lab.standins.life import on_end
from tests.lab.standins.settings import is_on, setting

PORT = 8080
PROVEN = "example.org"
FORM = """<!doctype html><title>Login</title><form method="post">
<input name="email" aria-label="Email"><input name="pw" type="password" aria-label="Password">
<button name="submitWebmail">Webmail</button><button name="submitAdmin">Admin</button></form>
"""


def main() -> int:
    if sys.argv[1] != "serve":
        return commands.run(sys.argv[1:])
    on_end(sys.exit)
    prepare()
    account = [setting(f"INITIAL_ADMIN_{part}") for part in ("ACCOUNT", "DOMAIN", "PW")]
    if all(account):
        commands.run(["admin", *account, "--mode", setting("INITIAL_ADMIN_MODE") or "ifmissing"])
    wait_for_proof()
    serve(routes(), PORT)
    return 0


def wait_for_proof() -> None:
    """Nothing starts until the resolver validates what it answers."""
    resolver = dns.resolver.Resolver()
    resolver.use_edns(0, dns.flags.DO, 1232)
    resolver.flags = dns.flags.AD | dns.flags.RD
    while True:
        try:
            if resolver.resolve(PROVEN, "A", lifetime=10).response.flags & dns.flags.AD:
                return
            said = "isn't doing DNSSEC validation"
        except dns.exception.DNSException as error:
            said = f"is not working ({error})"
        print(f"CRITICAL:root:Your DNS resolver at {resolver.nameservers[0]} {said}", flush=True)
        time.sleep(1)


def routes() -> Routes:
    found = Routes()
    for path in ("/ping", "/health"):
        found.add("GET", path, lambda _request: Answer(""))
    inside.add_routes(found)
    found.add("GET", "/sso/login", lambda _request: Answer(FORM))
    found.add("POST", "/sso/login", log_in)
    found.add("GET", setting("WEB_ADMIN") + "(/.*)?", administration)
    if is_on("API"):
        rest.add_routes(found)
    return found


def log_in(request: Request) -> Answer:
    form = request.form()
    cookie = logins.start_session(form.get("email", ""), form.get("pw", ""), request.client)
    if cookie is None:
        return Answer(f"<p>Wrong e-mail or password</p>{FORM}")
    place = setting("WEB_ADMIN") if "submitAdmin" in form else f"{setting('WEB_WEBMAIL')}/"
    return Answer("", 302, {"Location": place, "Set-Cookie": cookie})


def administration(request: Request) -> Answer:
    """The pages themselves are not here; who is logged in is told so."""
    user = logins.session_user(request)
    if user is None:
        return Answer("", 302, {"Location": f"/sso/login?url={request.path}"})
    return Answer(f"<!doctype html><title>Mailu</title><p>{user['email']}</p>")


if __name__ == "__main__":
    sys.exit(main())
