"""The settings of front's Dovecot, which knows no mailbox: it asks admin about a login and hands the connection on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.lab.standins.settings import ADMIN, SMTP, host_name, open_ports, setting

LOGIN = Path("/etc/dovecot/login.lua")
#: Listeners by service: (protocol, port, with TLS from the start). Those above 10000 are the webmail's.
LISTENERS = {
    "imap-login": (("imap", 143, False), ("imaps", 993, True), ("imap-webmail", 10143, False)),
    "pop3-login": (("pop3", 110, False), ("pop3s", 995, True)),
    "submission-login": (("submission", 587, False), ("submissions", 465, True), ("submission-webmail", 10025, False)),
    "managesieve-login": (("sieve", 4190, False), ("sieve-webmail", 14190, False)),
    "lmtp": (("lmtp", 2525, False),),
}
ALWAYS = 2000  # inner ports are open whatever PORTS says


def proxy_settings(pair: tuple[str, str] | None) -> str:
    """Dovecot's configuration; a pair that is named but missing keeps it from starting, as it does at Mailu's."""
    tls = "ssl = no\ndisable_plaintext_auth = no"
    if pair is not None:
        tls = f"ssl = required\nssl_cert = <{pair[0]}\nssl_key = <{pair[1]}\nssl_min_protocol = TLSv1.2"
    return f"""log_path = /dev/stderr
auth_verbose = yes
protocols = imap pop3 lmtp submission sieve
listen = *
hostname = {host_name()}
postmaster_address = {setting("POSTMASTER")}@{setting("DOMAIN")}
default_login_user = mail
recipient_delimiter = {setting("RECIPIENT_DELIMITER")}
{tls}
auth_mechanisms = plain login
auth_username_chars =
passdb {{
  driver = lua
  args = file={LOGIN} blocking=yes
}}
submission_host = {SMTP}
submission_relay_host = {SMTP}
submission_relay_port = 10025
submission_relay_trusted = yes
submission_relay_ssl = no
submission_max_mail_size = {setting("MESSAGE_SIZE_LIMIT")}
submission_backend_capabilities = 8BITMIME DSN VRFY
lmtp_proxy = yes
service auth-worker {{
  user = dovenull
  group = dovenull
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{"".join(_services(pair is not None))}!include_try /overrides/dovecot/proxy.conf
"""


def login_script() -> str:
    """Asks admin as nginx would, and turns its answer into where the connection goes."""
    return f"""local client = dovecot.http.client {{ timeout = 2000; max_attempts = 3; }}

local function quoted(text)
  return (text:gsub("[^%w_.-]", function(letter) return string.format("%%%02X", string.byte(letter)) end))
end

function script_init()
  return 0
end

function auth_passdb_lookup(request)
  local question = client:request {{ url = "http://{ADMIN}:8080/internal/auth/email" }}
  local told = {{
    ["Auth-Protocol"] = request.service, ["Auth-Method"] = request.mechanism, ["Auth-SSL"] = request.secured,
    ["Auth-Port"] = request.local_port, ["Client-Ip"] = request.remote_ip, ["Client-Port"] = request.remote_port,
    ["Auth-User"] = quoted(request.user), ["Auth-Pass"] = request.password and quoted(request.password),
  }}
  for name, value in pairs(told) do
    question:add_header(name, tostring(value))
  end
  local answer = question:submit()
  if answer:status() ~= 200 then
    return dovecot.auth.PASSDB_RESULT_INTERNAL_FAILURE, ""
  end
  if answer:header("Auth-Status") ~= "OK" then
    return dovecot.auth.PASSDB_RESULT_PASSWORD_MISMATCH, ""
  end
  local place = "host=" .. answer:header("Auth-Server") .. " port=" .. answer:header("Auth-Port")
  return dovecot.auth.PASSDB_RESULT_OK, "proxy=y nopassword=y proxy_noauth=y " .. place
end
"""


def _services(has_tls: bool) -> Iterator[str]:
    wanted = open_ports()
    for service, listeners in LISTENERS.items():
        yield f"service {service} {{\n"
        if service == "lmtp":
            yield "  user = $default_internal_user\n"
        for name, port, is_tls in listeners:
            is_open = port > ALWAYS or (port in wanted and (has_tls or not is_tls))
            yield f"  inet_listener {name} {{\n    port = {port if is_open else 0}\n"
            yield "    ssl = yes\n  }\n" if is_tls and is_open else "  }\n"
        yield "}\n"
