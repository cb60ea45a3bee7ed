"""The first hardening of a server: logins by key only, automatic security updates; the mail server brings the rest."""

from __future__ import annotations

from backend.core.errors import SshError
from backend.core.present.text import _
from backend.core.ssh.packages import Poll, install_packages
from backend.core.ssh.session import SshSession

SSHD_DROP_IN = "/etc/ssh/sshd_config.d/00-mailyard.conf"
SSHD_SETTINGS = {
    "passwordauthentication": "no",
    "kbdinteractiveauthentication": "no",
    "permitrootlogin": "without-password",
    "permitemptypasswords": "no",
    "x11forwarding": "no",
}
SSHD_TEXT = """# Written by Mailyard: logins by key only.
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PermitEmptyPasswords no
X11Forwarding no
"""
UPDATES_FILE = "/etc/apt/apt.conf.d/20auto-upgrades"
UPDATES_TEXT = """APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
"""
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"
FRESH_KEY = f"{HOST_KEY}.mailyard"
#: Not a reload: that comes back before sshd listens again, and the next login would be refused. Sessions outlive it.
RESTART_SSHD = "mkdir -p /run/sshd && sshd -t && (systemctl restart ssh || systemctl restart sshd)"
HAS_UPDATES = "dpkg-query -W -f='${Status}' unattended-upgrades 2>/dev/null | grep -q 'ok installed'"


def close_password_logins(ssh: SshSession) -> None:
    """Allow keys only, and prove it by what sshd itself says is in force.

    :raises SshError: sshd refuses the configuration, or another file overrules ours.
    """
    ssh.check("mkdir -p /etc/ssh/sshd_config.d")
    ssh.put(SSHD_DROP_IN, SSHD_TEXT.encode(), mode=0o644)
    ssh.check(RESTART_SSHD)
    effective = _settings(ssh.check("sshd -T"))
    wrong = sorted(key for key, value in SSHD_SETTINGS.items() if effective.get(key) not in _same(value))
    if wrong:
        raise SshError(
            _("SSH on the server still allows other logins than keys."),
            remedy=_("Another file under /etc/ssh/sshd_config.d overrides Mailyard's. Remove it and retry."),
            detail=", ".join(f"{key} {effective.get(key)}" for key in wrong),
        )


def update_by_itself(ssh: SshSession, poll: Poll) -> str:
    """Switch unattended security updates on, installing the package where it is missing; says what was done.

    :raises SshError: the package cannot be installed, or the timers are not active.
    """
    note = _("automatic updates already installed")
    if ssh.run(HAS_UPDATES).exit_code != 0:
        install_packages(ssh, ("unattended-upgrades",), poll)
        note = _("automatic updates installed")
    ssh.put(UPDATES_FILE, UPDATES_TEXT.encode(), mode=0o644)
    ssh.check("systemctl enable --now apt-daily.timer apt-daily-upgrade.timer")
    ssh.check("systemctl is-enabled apt-daily.timer apt-daily-upgrade.timer")
    return note


def make_host_key(ssh: SshSession) -> str:
    """Make a new Ed25519 host key on the machine beside the present one; its public half. Made once, then found.

    The key of the first contact travelled in user-data, which the provider's metadata service shows to every process
    on the machine; it proves nothing after the first login.
    """
    ssh.check(f"test -s {FRESH_KEY}.pub || (rm -f {FRESH_KEY}; ssh-keygen -q -t ed25519 -N '' -C '' -f {FRESH_KEY})")
    return ssh.check(f"cut -d' ' -f1,2 {FRESH_KEY}.pub").strip()


def use_host_key(ssh: SshSession) -> None:
    """Put the fresh key in the place of all others and restart sshd; does nothing when that is done."""
    ssh.check(
        f"set -e; if [ -s {FRESH_KEY} ]; then cp -p {FRESH_KEY}.pub {HOST_KEY}.pub; cp -p {FRESH_KEY} {HOST_KEY}; fi; "
        f"find /etc/ssh -name 'ssh_host_*' ! -name 'ssh_host_ed25519_key' ! -name 'ssh_host_ed25519_key.pub' "
        f"! -name 'ssh_host_ed25519_key.mailyard*' -delete"
    )
    ssh.check(_KEEP_HOST_KEY)
    ssh.check(RESTART_SSHD)


def forget_fresh_key(ssh: SshSession) -> None:
    """Remove the copy the new key was made under; called once the new key was seen on the wire."""
    ssh.check(f"rm -f {FRESH_KEY} {FRESH_KEY}.pub")


# cloud-init makes host keys again for a new instance id; the key that we pinned must survive that.
_KEEP_HOST_KEY = (
    "if [ -d /etc/cloud/cloud.cfg.d ]; then "
    "printf 'ssh_deletekeys: false\\nssh_genkeytypes: []\\n' > /etc/cloud/cloud.cfg.d/99-mailyard.cfg; fi"
)


def _settings(output: str) -> dict[str, str]:
    pairs = (line.partition(" ") for line in output.splitlines())
    return {key.lower(): value.strip() for key, _space, value in pairs}


def _same(value: str) -> tuple[str, ...]:
    return ("without-password", "prohibit-password") if value == "without-password" else (value,)
