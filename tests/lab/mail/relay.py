"""A smart host: a real Postfix that wants a login and TLS on port 2525, in a container beside a mail server.

The container is of Mailu's Postfix image, with settings of its own and Dovecot to ask about logins.
"""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta

from tests.lab.authority import lab_authority
from tests.lab.nodes.dns import replace
from tests.lab.shell import Shell
from tests.lab.waiting import until

NAME, PORT, USER = "relay.lab.test", 2525, "agency"
FOLDER, CONTAINER = "/srv/relay", "relay"
STARTS_S, STEP_S = 120.0, 0.5
MASTER = """smtp unix - - n - - smtp
2525 inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
"""
MAIN = f"""compatibility_level = 3.6
myhostname = {NAME}
mydestination =
alias_maps =
mynetworks = 127.0.0.1/32
inet_protocols = ipv4
maillog_file = /dev/stdout
smtpd_tls_cert_file = {FOLDER}/cert.pem
smtpd_tls_key_file = {FOLDER}/key.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:12345
smtpd_delay_reject = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_sender_restrictions = inline:{{ {{ nobody@lab.test = reject this sender is not yours }} }}
smtp_tls_security_level = may
"""
DOVECOT = f"""protocols =
ssl = no
log_path = /dev/stderr
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {FOLDER}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = 12345
  }}
}}
"""
START = f"""cp {FOLDER}/main.cf {FOLDER}/master.cf /etc/postfix/
dovecot -c {FOLDER}/dovecot.conf
/usr/lib/postfix/sbin/post-install meta_directory=/etc/postfix create-missing
postfix set-permissions
exec postfix start-fg | cat
"""


class Relay:
    """The smart host on the mail server of ``shell``, whose address is ``ip``: one name, one user, one password."""

    def __init__(self, shell: Shell, ip: str, image: str, password: str) -> None:
        self._shell = shell
        self._image = image
        self._files = {
            "main.cf": MAIN,
            "master.cf": MASTER,
            "dovecot.conf": DOVECOT,
            "users": f"{USER}:{{PLAIN}}{password}\n",
            "start.sh": START,
        }
        replace("lab.test", "relay", "A", ip)

    def start(self, *, is_expired: bool = False, refuses: str = "nobody@lab.test") -> None:
        """With a certificate of the lab that is good, or was until an hour ago; ``refuses`` may not send."""
        ends = datetime.now(UTC) - timedelta(hours=1) if is_expired else None
        pair = lab_authority().issue(NAME, ends=ends)
        files = {**self._files, "cert.pem": pair.certificate, "key.pem": pair.key}
        files["main.cf"] = files["main.cf"].replace("nobody@lab.test", refuses)
        self._shell.read(f"docker rm -f {CONTAINER} 2>/dev/null; install -d {FOLDER}")
        for name, text in files.items():
            # Dovecot asks as a user of its own, which has to read the passwords.
            mode = 600 if name == "key.pem" else 644
            self._shell.read(f"printf %s {shlex.quote(text)} > {FOLDER}/{name}; chmod {mode} {FOLDER}/{name}")
        mounted = f"-v {FOLDER}:{FOLDER}:ro -p {PORT}:{PORT}"
        self._shell.read(f"docker run -d --name {CONTAINER} {mounted} {self._image} sh {FOLDER}/start.sh")
        assert until(self._answers, STARTS_S, STEP_S), self.log()

    def stop(self) -> None:
        self._shell.read(f"docker rm -f {CONTAINER}; rm -rf {FOLDER}")

    def log(self) -> str:
        """What Postfix and Dovecot say there."""
        return self._shell.run(f"docker logs --tail 50 {CONTAINER}").output

    def _answers(self) -> bool:
        asked = "import smtplib; smtplib.SMTP('127.0.0.1', 2525, timeout=5).ehlo()"
        return self._shell.run(f"python3 -c {shlex.quote(asked)}").code == 0
