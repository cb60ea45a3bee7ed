"""imap: the Dovecot that has the mailboxes. front logs people in; here only the container network is let in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.lab.standins.life import live_as
from tests.lab.standins.settings import ANTISPAM, FRONT, host_name, setting

SETTINGS = Path("/etc/dovecot/dovecot.conf")
DICTIONARY = Path("/etc/dovecot/auth.conf")
LEARNING = Path("/etc/dovecot/learning")
FOLDERS = ("Trash", "Drafts", "Sent", "Junk")
#: What moving a message into and out of Junk teaches the filter.
LESSONS = {"spam": "learn_spam", "ham": "learn_ham"}

#: By service: names and ports; what would want TLS is closed.
LISTENERS = {
    "imap-login": {"imap": 143, "imaps": 0},
    "pop3-login": {"pop3": 110, "pop3s": 0},
    "managesieve-login": {"sieve": 4190},
    "lmtp": {"lmtp": 2525},
}
ALWAYS = f"""log_path = /dev/stderr
protocols = imap pop3 lmtp sieve
listen = *
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_chars =
default_login_user = mail
first_valid_uid = 8
first_valid_gid = 8
mail_uid = mail
mail_gid = mail
mail_home = /mail/%u
mail_location = maildir:/mail/%u
mail_privileged_group = mail
mail_access_groups = mail
mailbox_list_index = yes
maildir_stat_dirs = yes
passdb {{
  driver = dict
  args = {DICTIONARY}
}}
userdb {{
  driver = dict
  args = {DICTIONARY}
}}
protocol imap {{
  mail_plugins = $mail_plugins imap_quota imap_sieve
}}
protocol lmtp {{
  mail_plugins = $mail_plugins sieve
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""
#: Quotas, and what Sieve may do: admin's script goes first, and moving mail into or out of Junk teaches.
RULES = f"""  quota = count:User quota
  quota_vsizes = yes
  quota_clone_dict = proxy:/tmp/podop.socket:quota
  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_before = dict:proxy:/tmp/podop.socket:sieve
  sieve_plugins = sieve_imapsieve sieve_extprograms
  sieve_extensions = +spamtest +spamtestplus +editheader
  sieve_global_extensions = +vnd.dovecot.pipe
  sieve_pipe_bin_dir = {LEARNING}
  sieve_vacation_dont_check_recipient = yes
  sieve_vacation_send_from_recipient = yes
  sieve_vacation_to_header_ignore_envelope = yes
  sieve_spamtest_status_type = strlen
  sieve_spamtest_status_header = X-Spam-Level
  sieve_spamtest_max_value = 15
  imapsieve_mailbox1_name = Junk
  imapsieve_mailbox1_causes = COPY APPEND
  imapsieve_mailbox1_before = file:{LEARNING}/spam.sieve
  imapsieve_mailbox2_name = *
  imapsieve_mailbox2_from = Junk
  imapsieve_mailbox2_causes = COPY
  imapsieve_mailbox2_before = file:{LEARNING}/ham.sieve
"""


def main() -> None:
    configure()
    subprocess.run(["chown", "mail:mail", "/mail"])
    subprocess.Popen([sys.executable, "-m", "tests.lab.standins.tables", "dovecot"])
    live_as(["dovecot", "-F", "-c", str(SETTINGS)])


def configure() -> None:
    SETTINGS.write_text(settings())
    DICTIONARY.write_text(
        "uri = proxy:/tmp/podop.socket:auth\n"
        "iterate_disable = yes\n"
        "default_pass_scheme = plain\n"
        "password_key = passdb/%u\n"
        "user_key = userdb/%u\n"
    )
    LEARNING.mkdir(exist_ok=True)
    for lesson, path in LESSONS.items():
        script, program = LEARNING / f"{lesson}.sieve", LEARNING / lesson
        script.write_text(f'require ["vnd.dovecot.pipe", "copy", "imapsieve"];\npipe :copy "{lesson}";\n')
        tell = f"curl -sfo /dev/null -H 'Password: mailu' --data-binary @- http://{ANTISPAM}:11334/{path}"
        program.write_text(f"#!/bin/sh\nexec {tell}\n")
        program.chmod(0o755)
    subprocess.run(["chown", "-R", "mail:mail", str(LEARNING)])


def settings() -> str:
    """Dovecot's configuration, with this server's own overrides at its end."""
    folders = "".join(
        f"  mailbox {name} {{\n    auto = subscribe\n    special_use = \\{name}\n  }}\n" for name in FOLDERS
    )
    compression = setting("COMPRESSION")
    zlib, saving = (" zlib", f"  zlib_save = {compression}\n") if compression else ("", "")
    return f"""hostname = {host_name()}
postmaster_address = {setting("POSTMASTER")}@{setting("DOMAIN")}
submission_host = {FRONT}
recipient_delimiter = {setting("RECIPIENT_DELIMITER")}
login_trusted_networks = {setting("SUBNET")}
mail_plugins = quota quota_clone{zlib}
namespace inbox {{
  inbox = yes
{folders}}}
{ALWAYS}{"".join(_listeners())}plugin {{
{saving}{RULES}}}
!include_try /overrides/dovecot.conf
"""


def _listeners() -> Iterator[str]:
    """Without TLS: only the containers' network comes here."""
    for service, listeners in LISTENERS.items():
        yield f"service {service} {{\n"
        for name, port in listeners.items():
            yield f"  inet_listener {name} {{\n    port = {port}\n  }}\n"
        yield "}\n"


if __name__ == "__main__":
    main()
