"""What an emulated host answers to a command line: those that Mailyard sends, each with its effect on the host.

There is no shell here. A line that is none of these ends as a shell ends it that knows no such program: with 127.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair, public_half
from backend.demo.fleet import mail_commands, mail_copies
from backend.demo.fleet.calls import Answer, Call
from backend.demo.fleet.host import HOST_KEY, USER_DATA, Host
from backend.demo.fleet.proc import sampled

UNKNOWN = 127
SSHD_DROP_IN = "/etc/ssh/sshd_config.d/00-mailyard.conf"
SSHD_DEFAULTS = {
    "passwordauthentication": "yes",
    "kbdinteractiveauthentication": "no",
    "permitrootlogin": "without-password",
    "permitemptypasswords": "no",
    "x11forwarding": "yes",
}
PATH = r"(/[\w./-]+)"


def answer(host: Host, line: str, stdin: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command line."""
    of_mail = (*mail_commands.TABLE, *mail_copies.TABLE) if host.mail is not None else ()
    for pattern, act in (*TABLE, *of_mail):
        match = pattern.search(line)
        if match is not None:
            code, out = act(Call(host, match, stdin))
            return code, out, ""
    return UNKNOWN, "", f"{line.split(maxsplit=1)[0] if line.strip() else 'sh'}: command not found\n"


def reads_input(line: str) -> bool:
    """Whether a command takes standard input: only then is its end waited for."""
    return line.startswith(("grep -rlF", "python3 ")) or " exec -T " in line


def _sample(call: Call) -> Answer:
    return 0, sampled(call.host, time.time())


def _boot_id(call: Call) -> Answer:
    return 0, f"{call.host.record['boot_id']}\n"


def _show(call: Call) -> Answer:
    content = call.host.files.get(call.match[1])
    return (1, "") if content is None else (0, content)


def _make_key(call: Call) -> Answer:
    """``test -s FILE.pub || ssh-keygen``: made once, then found."""
    path = call.match[1]
    if f"{path}.pub" not in call.host.files:
        pair = new_key_pair()
        call.host.files[path] = pair.private.reveal()
        call.host.files[f"{path}.pub"] = f"{pair.public}\n"
    return 0, ""


def _show_key(call: Call) -> Answer:
    content = call.host.files.get(call.match[1])
    return (1, "") if content is None else (0, " ".join(content.split()[:2]) + "\n")


def _use_key(call: Call) -> Answer:
    fresh = call.host.files.get(call.match[1])
    if fresh:
        call.host.files.update({HOST_KEY: fresh, f"{HOST_KEY}.pub": f"{public_half(Secret(fresh))}\n"})
    return 0, ""


def _restart(call: Call) -> Answer:
    call.host.restart_sshd()
    return 0, ""


def _settings(call: Call) -> Answer:
    """What sshd would do: its defaults, and our drop-in file over them."""
    lines = (line.split(maxsplit=1) for line in call.host.files.get(SSHD_DROP_IN, "").splitlines())
    ours = {parts[0].lower(): parts[1] for parts in lines if len(parts) == 2 and not parts[0].startswith("#")}
    return 0, "".join(f"{key} {value}\n" for key, value in (SSHD_DEFAULTS | ours).items())


def _enabled(call: Call) -> Answer:
    return 0, "enabled\n" * len(call.match[1].split())


def _forget_user_data(call: Call) -> Answer:
    """The script that takes the first contact's secrets off the disk; what may stay comes by standard input."""
    call.host.files.pop(call.match[1], None)
    call.host.files[USER_DATA] = call.stdin
    return 0, ""


def _search(call: Call) -> Answer:
    """``grep -rlF``: the files under some folders that hold one of the lines of standard input."""
    folders, wanted = call.match[1].split(), [line for line in call.stdin.splitlines() if line]
    found = [
        path
        for path, content in call.host.files.items()
        if path.startswith(tuple(f"{folder}/" for folder in folders)) and any(each in content for each in wanted)
    ]
    return (0 if found else 1), "".join(f"{path}\n" for path in found)


def _remove(call: Call) -> Answer:
    for path in call.match[1].split():
        call.host.files.pop(path, None)
    return 0, ""


def _host_name(call: Call) -> Answer:
    return 0, f"{call.host.record['name']}\n"


def _first_boot(_call: Call) -> Answer:
    return 0, "status: done\n"


def _done(_call: Call) -> Answer:
    return 0, ""


TABLE: tuple[tuple[re.Pattern[str], Callable[[Call], Answer]], ...] = tuple(
    (re.compile(pattern), act)
    for pattern, act in (
        (r"^LC_ALL=C; .*/proc/stat", _sample),
        (r"^cat /proc/sys/kernel/random/boot_id$", _boot_id),
        (r"^cloud-init status\b", _first_boot),
        (rf"^cat {PATH}(?: 2>/dev/null)?$", _show),
        (rf"ssh-keygen -q -t ed25519 .*-f {PATH}\)?$", _make_key),
        (rf"^cut -d' ' -f1,2 {PATH}$", _show_key),
        (rf"^set -e; if \[ -s {PATH} \]; then cp ", _use_key),
        (r"sshd -t && \(systemctl restart ssh\b", _restart),
        (r"^sshd -T$", _settings),
        (r"^systemctl is-enabled (.+)$", _enabled),
        (rf"^python3 {PATH}; code=", _forget_user_data),
        (r"^grep -rlF -f - ((?:/[\w./-]+ ?)+)", _search),
        (rf"^rm -f ((?:{PATH[1:-1]} ?)+)$", _remove),
        (r"^hostname(?: -f)?$", _host_name),
        (r"^(?:mkdir -p /|if \[ -d /etc/cloud|dpkg-query -W .*unattended-upgrades|systemctl enable |true$)", _done),
    )
)
