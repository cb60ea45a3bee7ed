"""smtp: Postfix, which asks admin for everything it must know about addresses, and antispam about every message."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.lab.standins.life import on_end
from tests.lab.standins.settings import ANTISPAM, FRONT, host_name, is_on, listed, setting

FOLDER, OVERRIDES = Path("/etc/postfix"), Path("/overrides")
TABLES = "socketmap:unix:/tmp/podop.socket:"
#: Headers that tell where a client of ours sits and what it runs.
CLEANED = r"""/^\s*(Received:[^\n]*)(.*)/ REPLACE Received: from authenticated-user (unknown [127.0.0.1])$2
/^\s*User-Agent:/ IGNORE
/^\s*X-Originating-IP:/ IGNORE
/^\s*X-Mailer:/ IGNORE
"""
#: The services of master.cf(5) that Postfix needs within itself, and two ways to send slowly.
INNER = """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
polite unix - - n - - smtp -o syslog_name=postfix-polite
turtle unix - - n - - smtp -o syslog_name=postfix-turtle
"""

ALWAYS = f"""compatibility_level = 3.6
myorigin = $mydomain
mydestination =
alias_maps =
maillog_file = /dev/stdout
queue_directory = /queue
inet_protocols = ipv4
tables = {TABLES}
smtp_tls_policy_maps = lmdb:/etc/postfix/tls_policy.map, ${{tables}}dane
smtp_tls_CApath = /etc/ssl/certs
smtp_tls_loglevel = 1
smtp_host_lookup = dns
smtp_dns_support_level = dnssec
delay_warning_time = 5m
virtual_alias_domains =
virtual_alias_maps = ${{tables}}alias
virtual_mailbox_domains = ${{tables}}domain
virtual_mailbox_maps = ${{tables}}mailbox
virtual_transport = lmtp:inet:{FRONT}:2525
relay_domains = ${{tables}}transport
transport_maps = lmdb:/etc/postfix/transport.map, ${{tables}}transport
sender_canonical_maps = ${{tables}}sendermap
sender_canonical_classes = envelope_sender
recipient_canonical_maps = ${{tables}}recipientmap
recipient_canonical_classes = envelope_recipient, header_recipient
lmtp_host_lookup = native
smtpd_delay_reject = yes
smtpd_helo_required = yes
smtpd_sender_login_maps = ${{tables}}senderlogin
check_ratelimit = check_sasl_access ${{tables}}senderrate
smtpd_client_restrictions = permit_mynetworks, reject_non_fqdn_sender, reject_unknown_sender_domain,
  reject_unknown_recipient_domain, permit
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_milters = inet:{ANTISPAM}:11332
milter_protocol = 6
milter_mail_macros = i {{mail_addr}} {{client_addr}} {{client_name}} {{auth_authen}}
milter_default_action = tempfail
"""
#: Only over TLS is a password given away.
SMART_HOST = """smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = lmdb:/etc/postfix/sasl_passwd
smtp_sasl_security_options = noanonymous, noplaintext
smtp_sasl_tls_security_options = noanonymous
"""


def main() -> None:
    (FOLDER / "main.cf").write_text(main_settings())
    (FOLDER / "master.cf").write_text(services())
    (FOLDER / "outclean_header_filter.cf").write_text(CLEANED)
    take_overrides()
    if setting("RELAYUSER"):
        _map("sasl_passwd", f"{setting('RELAYHOST')} {setting('RELAYUSER')}:{setting('RELAYPASSWORD')}\n")
    subprocess.Popen([sys.executable, "-m", "tests.lab.standins.tables", "postfix"])
    Path("/queue/pid/master.pid").unlink(missing_ok=True)
    for command in (["post-install", "meta_directory=/etc/postfix", "create-missing"], ["postfix", "set-permissions"]):
        program = shutil.which(command[0], path="/usr/lib/postfix/sbin:/usr/sbin") or command[0]
        subprocess.run([program, *command[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # Its log is opened by name, which a socket or a pipe of another cannot be: it gets one of our own.
    postfix = subprocess.Popen(["postfix", "start-fg"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    on_end(lambda: subprocess.run(["postfix", "stop"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    assert postfix.stdout is not None
    for line in postfix.stdout:
        sys.stdout.buffer.write(line)
        sys.stdout.flush()
    raise SystemExit(postfix.wait())


def main_settings() -> str:
    """main.cf."""
    return f"""mydomain = {setting("DOMAIN")}
myhostname = {host_name()}
message_size_limit = {setting("MESSAGE_SIZE_LIMIT")}
mynetworks = 127.0.0.1/32 {setting("SUBNET")} {" ".join(listed("RELAYNETS"))}
relayhost = {setting("RELAYHOST")}
recipient_delimiter = {setting("RECIPIENT_DELIMITER")}
smtp_tls_security_level = {setting("OUTBOUND_TLS_LEVEL")}
smtp_tls_dane_insecure_mx_policy = {"dane" if is_on("DEFER_ON_TLS_ERROR") else "may"}
smtpd_authorized_xclient_hosts = {setting("SUBNET")}
{ALWAYS}{SMART_HOST if setting("RELAYUSER") else ""}"""


def services() -> str:
    """master.cf: 25 for the world, 10025 for those whom front has logged in."""
    unlisted = setting("REJECT_UNLISTED_RECIPIENT") or "no"
    return f"""smtp inet n - n - - smtpd
10025 inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_discard_ehlo_keywords=pipelining,silent-discard
  -o smtpd_client_restrictions=$check_ratelimit,reject_unlisted_sender,reject_authenticated_sender_login_mismatch,permit
  -o smtpd_reject_unlisted_recipient={unlisted}
  -o cleanup_service_name=outclean
outclean unix n - n - 0 cleanup
  -o header_checks=pcre:/etc/postfix/outclean_header_filter.cf
  -o nested_header_checks=
{INNER}"""


def take_overrides() -> None:
    """Line by line through a shell, and maps as they are: what Mailu's own start does with them."""
    for name, option in (("postfix.cf", "-e"), ("postfix.master", "-Me")):
        path = OVERRIDES / name
        for line in path.read_text().strip().splitlines() if path.exists() else ():
            if line and not line.startswith("#"):
                subprocess.run(f'postconf {option} "{line}"', shell=True)
    for path in OVERRIDES.glob("*.map"):
        _map(path.name, path.read_text())
    for name in ("tls_policy.map", "transport.map"):
        if not (FOLDER / f"{name}.lmdb").exists():
            _map(name, "")


def _map(name: str, text: str) -> None:
    (FOLDER / name).write_text(text)
    subprocess.run(["postmap", f"lmdb:{FOLDER / name}"])
    (FOLDER / name).unlink()


if __name__ == "__main__":
    main()
