"""The settings of front's nginx: the web, and port 25, whose connections admin sends on."""

from __future__ import annotations

from collections.abc import Iterator

from tests.lab.standins.settings import ADMIN, ANTISPAM, WEBMAIL, host_name, is_on, open_ports, resolver, setting

FORWARDED = (
    "proxy_set_header Host $http_host;\n"
    "proxy_set_header X-Real-IP $remote_addr;\n"
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
    "proxy_set_header X-Forwarded-Proto $scheme;\n"
)
AUTOCONFIGURATION = (
    (r"~ ^/(\.well-known/autoconfig/)?mail/config-v1\.1\.xml", "mozilla"),
    ("~* ^/Autodiscover/Autodiscover.xml", "microsoft"),
    ("~* ^/Autodiscover/Autodiscover.json", "microsoft.json"),
    (r"~ ^/(apple\.)?mobileconfig", "apple"),
)

ALWAYS = """user www-data;
worker_processes 1;
error_log /dev/stderr notice;
pid /var/run/nginx.pid;
load_module modules/ngx_mail_module.so;
events { worker_connections 1024; }
"""
#: Where its mail part asks for logins, and where its health is asked for.
INSIDE = f"""server {{
listen 127.0.0.1:8000;
access_log off;
set $admin {ADMIN}:8080;
location / {{ proxy_pass http://$admin/internal$request_uri; }}
}}
server {{
listen 127.0.0.1:10204;
access_log off;
location /health {{ return 204; }}
}}
"""


def nginx_settings(pair: tuple[str, str] | None, *, is_missing: bool) -> str:
    """The whole nginx.conf. Without its certificate nothing of the web is shown, but mail is still taken."""
    has_tls = pair is not None and not is_missing
    certificate = f"ssl_certificate {pair[0]};\nssl_certificate_key {pair[1]};\n" if pair and has_tls else ""
    return f"""{ALWAYS}http {{
include /etc/nginx/mime.types;
default_type application/octet-stream;
server_tokens off;
absolute_redirect off;
resolver {resolver()} valid=5s;
access_log /dev/stdout combined;
{"".join(_redirect())}{_site(certificate, is_missing=is_missing)}
{INSIDE}}}
mail {{
server_name {host_name()};
auth_http http://127.0.0.1:8000/auth/email;
proxy_pass_error_message on;
resolver {resolver()} valid=5s;
smtp_capabilities PIPELINING "SIZE {setting("MESSAGE_SIZE_LIMIT")}" ETRN ENHANCEDSTATUSCODES 8BITMIME DSN;
{certificate}server {{
listen 25;
protocol smtp;
smtp_auth none;
auth_http_header Auth-Port 25;
auth_http_header Client-Port $remote_port;
{"starttls on;" if has_tls else ""}
}}
}}
"""


def _redirect() -> Iterator[str]:
    """Port 80, where TLS is ours: all of it leads to 443, but for what Let's Encrypt looks at."""
    flavor = setting("TLS_FLAVOR")
    if flavor not in ("cert", "letsencrypt") or 80 not in open_ports():
        return
    yield "server {\nlisten 80;\n"
    if flavor == "letsencrypt":
        yield "location ^~ /.well-known/acme-challenge/ { proxy_pass http://127.0.0.1:8008; }\n"
    yield "location /health { return 204; }\nlocation / { return 301 https://$host$request_uri; }\n}\n"


def _site(certificate: str, *, is_missing: bool) -> str:
    flavor = setting("TLS_FLAVOR")
    listening = "listen 443 ssl;\n" if certificate and 443 in open_ports() else ""
    if flavor not in ("cert", "letsencrypt"):
        listening += "listen 80;\n"
    listening = listening or "listen 127.0.0.1:8443;\n"  # a server without a port of its own would take 80
    is_closed = is_missing and flavor in ("cert", "letsencrypt")
    places = "location / { return 403; }\n" if is_closed else f"include /overrides/*.conf;\n{''.join(_places())}"
    return f"""server {{
{listening}{certificate}set $admin {ADMIN}:8080;
set $antispam {ANTISPAM}:11334;
set $webmail {WEBMAIL};
client_max_body_size {int(setting("MESSAGE_SIZE_LIMIT")) + 8 * 1024 * 1024};
{"".join(_autoconfiguration())}{places}location /health {{ return 204; }}
location /internal {{
internal;
{FORWARDED}proxy_pass http://$admin;
proxy_pass_request_body off;
proxy_set_header Content-Length "";
}}
}}"""


def _autoconfiguration() -> Iterator[str]:
    for pattern, kind in AUTOCONFIGURATION:
        yield f"location {pattern} {{\nrewrite ^ /internal/autoconfig/{kind} break;\n{FORWARDED}proxy_pass http://$admin;\n}}\n"


def _places() -> Iterator[str]:
    has_admin, has_webmail = is_on("ADMIN"), setting("WEBMAIL") != "none"
    if has_admin or has_webmail:
        yield f"location ~ ^/(sso|static)/ {{\n{FORWARDED}proxy_pass http://$admin;\n}}\n"
    yield "location @sso_login { return 302 /sso/login?url=$request_uri; }\n"
    root = setting("WEBROOT_REDIRECT")
    if root != "none" and setting("WEB_WEBMAIL") != "/":
        yield f"location / {{ {f'return 302 {root}?homepage' if root else 'return 404'}; }}\n"
    if has_webmail:
        yield from _webmail(setting("WEB_WEBMAIL").rstrip("/"))
    if has_admin:
        yield from _admin(setting("WEB_ADMIN"))
    if is_on("API"):
        yield f"location ~ {setting('WEB_API')} {{\n{FORWARDED}proxy_pass http://$admin;\n}}\n"


def _webmail(base: str) -> Iterator[str]:
    """Only for who is logged in at admin; to one page it says who that is, with a password for this session."""
    for place, tells in ((base or "/", False), (f"{base}/sso.php", True)):
        yield f"location {place} {{\n{FORWARDED}auth_request /internal/auth/user;\nerror_page 403 @sso_login;\n"
        if base:
            yield f"rewrite ^({base})$ $1/ permanent;\nrewrite ^{base}/(.*) /$1 break;\n"
        if tells:
            for name, source in (("User", "user"), ("User-Token", "user_token")):
                yield f"auth_request_set ${source} $upstream_http_x_{source};\n"
                yield f"proxy_set_header X-Remote-{name} ${source};\n"
        yield "proxy_pass http://$webmail;\n}\n"


def _admin(base: str) -> Iterator[str]:
    yield f"location {base} {{\n{FORWARDED}proxy_pass http://$admin;\n}}\n"
    yield (
        f"location {base}/antispam {{\nrewrite ^{base}/antispam/(.*) /$1 break;\nauth_request /internal/auth/admin;\n"
        f'proxy_set_header X-Real-IP "";\nproxy_set_header X-Forwarded-For "";\n'
        f"error_page 403 @sso_login;\nproxy_pass http://$antispam;\n}}\n"
    )
