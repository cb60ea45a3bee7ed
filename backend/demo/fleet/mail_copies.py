"""What an emulated host answers when its mail server is copied, put back and upgraded."""

from __future__ import annotations

import re
import time

from backend.demo.fleet.calls import Answer, Call
from backend.mail.host import turn
from backend.mail.upgrade.copies import PLACE

#: In KB: what a small mail server keeps beside its mail.
COPIED = 36_000
SCRIPT = re.escape(f"{turn.take(f'{PLACE}.lock')}; install -d -m 0700 {PLACE}; set -e; ")

Copies = dict[str, dict[str, str]]


def _copies(call: Call) -> Copies:
    """Files by the name of their copy, oldest first."""
    assert call.host.mail is not None, "an emulated host without containers"
    found: Copies = call.host.mail.record.setdefault("copies", {})
    return found


def _room(call: Call) -> Answer:
    used = call.host.load_profile.now(time.time())["disk"] / 100
    return 0, f"{COPIED}\n{round(int(call.host.record['disk_gb']) * 1_000_000 * (1 - used))}\n"


def _mode(_call: Call) -> Answer:
    return 0, "644\n"


def _copy(call: Call) -> Answer:
    paths = tuple(call.match[2].split())
    kept = {path: text for path, text in call.host.files.items() if path.startswith(paths)}
    _copies(call).setdefault(call.match[1], kept)
    return 0, ""


def _put_back(call: Call) -> Answer:
    kept = _copies(call).get(call.match[1])
    if kept is None:
        return 1, ""
    paths = tuple(call.match[2].split())
    for path in [each for each in call.host.files if each.startswith(paths)]:
        del call.host.files[path]
    call.host.files.update({path: text for path, text in kept.items() if path.startswith(paths)})
    return 0, ""


def _drop(call: Call) -> Answer:
    _copies(call).pop(call.match[1], None)
    return 0, ""


def _listed(call: Call) -> Answer:
    return 0, "".join(f"{name}\n" for name in reversed(_copies(call)))


PATTERNS = (
    (r"^du -sck .* /opt/mailu/docker-compose\.yml 2>/dev/null \|", _room),
    (rf"^{SCRIPT}\[ -d {PLACE}/([\w.-]+) \] && exit 0; .*for each in ([^;]+); do", _copy),
    (rf"^{SCRIPT}\[ -d {PLACE}/([\w.-]+) \]; for each in ([^;]+); do", _put_back),
    (r"^stat -c %a /opt/mailu/docker-compose\.yml$", _mode),
    (rf"^{SCRIPT}rm -rf {PLACE}/([\w.-]+) {PLACE}/\1\.new$", _drop),
    (rf"^ls -1t {PLACE}$", _listed),
)
TABLE = tuple((re.compile(pattern), act) for pattern, act in PATTERNS)
