"""What an emulated host answers to the commands that set a mail server up and work with its containers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
import ssl
import time
from collections.abc import Iterator
from typing import Any

from backend.demo.fleet.calls import Answer, Call
from backend.demo.fleet.hosted_mail import CERTIFICATE, KEY, HostedMail
from backend.demo.fleet.mail_description import description
from backend.demo.fleet.mail_files import project_of
from backend.demo.fleet.package_key import PACKAGE_KEY
from backend.demo.mailu.commands import Ended
from backend.mail.files.digests import digest_of
from backend.mail.health.look import LOOPBACK
from backend.mail.host import docker, turn
from backend.mailu.services import ROOT

DOCKER, COMPOSE = "27.5.1", "2.32.4"
FILTER = "/etc/mailyard/filter.nft"
CONSOLE = ("192.0.2.10", "50022")
COMPOSED = r"docker compose -p [\w-]+ (?:-f [/\w.-]+ )+"
#: The same when it changes containers, which one does at a time.
CHANGED = re.escape(turn.take(docker.lock_of("PROJECT"))).replace("PROJECT", r"[\w-]+") + f"; {COMPOSED}"
NO_DAEMON = 1
HTTP = 80
MOST_SENT = 20


def _mail(call: Call) -> HostedMail:
    assert call.host.mail is not None, "an emulated host without containers"
    return call.host.mail


def _facts(call: Call) -> Answer:
    """Whether it can carry mail: what the script of :mod:`backend.mail.host.fitness` finds."""
    record, seen = call.host.record, call.host.load_profile.now(time.time())
    asked: dict[str, Any] = json.loads(call.stdin)
    ports = _mail(call).environment.get("PORTS", "").split(",") if _mail(call).record["is_up"] else []
    told = {
        "memory_mb": int(record["memory_mb"]) - 48,
        "swap_mb": 0,
        "free_mb": round(int(record["disk_gb"]) * 1_000 * (1 - seen["disk"] / 100)),
        "system": "debian",
        "release": "12",
        "codename": "bookworm",
        "machine": "x86_64",
        "now": time.time(),
        "ssh": [*CONSOLE, record["ip"], "22"],
        "listening": [[22, "sshd"], *([int(port), "docker-proxy"] for port in ports)],
        "mail_25": dict.fromkeys(asked["outside"], "open"),
    }
    return 0, json.dumps(told) + "\n"


def _look(call: Call) -> Answer:
    """How its mail server is: what the script of :mod:`backend.mail.health.look` finds, here or at another address."""
    mail, now, asked = _mail(call), time.time(), json.loads(call.stdin)
    is_own = bool(asked["compose"]) or asked["address"] == LOOPBACK
    pem = call.host.files.get(mail.pair[0], "") if is_own else ""
    der = ssl.PEM_cert_to_DER_cert(pem) if pem else b""
    shown = hashlib.sha256(der).hexdigest() if der else ""
    closed = {"state": "closed", "banner": "", "certificate": ""}
    told = {
        "containers": "".join(f"{json.dumps(each)}\n" for each in containers(mail)) if is_own else "",
        "queue": _queue(call, now) if is_own and mail.record["is_up"] else None,
        "ports": {
            str(port): {"state": "well", "banner": "", "certificate": "" if port == HTTP else shown}
            if not is_own or mail.takes(port)
            else closed
            for port in asked["ports"]
        },
        "certificates": {shown: base64.b64encode(der).decode()} if der else {},
        "now": now,
    }
    return 0, json.dumps(told) + "\n"


def _found(call: Call) -> Answer:
    """The Mailu that Docker's labels lead to: what the script of :mod:`backend.mail.adopt.look` finds."""
    mail = _mail(call)
    is_there = mail.compose_file in call.host.files
    told = {
        "has_docker": mail.record["has_docker"],
        "projects": [project_of(mail, call.host.files)] if is_there else [],
    }
    return 0, json.dumps(told) + "\n"


def _files(call: Call) -> Answer:
    """What the script of :mod:`backend.mail.files.look` finds."""
    asked, files = json.loads(call.stdin), call.host.files
    below = f"{asked['overrides']}/"
    told = {
        "texts": {path: files.get(path, "") for path in asked["files"]},
        "overrides": {path[len(below) :]: digest_of(text) for path, text in files.items() if path.startswith(below)},
    }
    return 0, json.dumps(told) + "\n"


def _queue(call: Call, now: float) -> dict[str, float]:
    """A few messages whose receivers ask for patience, more of them when it is busy."""
    messages = int(call.host.load_profile.now(now)["cpu"] // 8)
    return {"messages": messages, "oldest_at": now - 37 * 60 if messages else 0}


def _packages(call: Call) -> Answer:
    """All of them are there, as on an image with everything."""
    return 0, "".join(f"{name} installed\n" for name in call.match[1].split())


def _install(call: Call) -> Answer:
    if "docker-ce" in call.match[0]:
        _mail(call).record["has_docker"] = True
    return 0, ""


def _package_key(_call: Call) -> Answer:
    return 0, PACKAGE_KEY


def _filter(call: Call) -> Answer:
    content = call.host.files.get(FILTER)
    return (1, "") if content is None else (0, content)


def _active(call: Call) -> Answer:
    return 0, "active\n" * len(call.match[1].split())


def _docker(call: Call) -> Answer:
    return (0, f"{DOCKER}\n{COMPOSE}\n") if _mail(call).record["has_docker"] else (127, "")


def _pair(call: Call) -> Answer:
    (certificate, key), files = _mail(call).pair, call.host.files
    return (0, files[certificate]) if files.get(key) and certificate in files else (1, "")


def _is_there(call: Call) -> Answer:
    return (0 if call.match[1] in call.host.files else 1), ""


def _images(call: Call) -> Answer:
    return 0, "".join(f"{image}\n" for image in _mail(call).services.values())


def _described(call: Call) -> Answer:
    return 0, json.dumps(description(_mail(call), call.host.files)) + "\n"


def _has_image(call: Call) -> Answer:
    return (0 if call.match[1].strip("'") in _fetched(call) else 1), ""


def _fetched(call: Call) -> set[str]:
    """What its containers were made of was fetched, too, before anybody counted."""
    mail = _mail(call)
    return {*mail.record["images"], *(mail.services.values() if mail.record["is_up"] else ())}


def _all_images(call: Call) -> Answer:
    return 0, "".join(f"{image}\n" for image in sorted(_fetched(call)))


def _remove_images(call: Call) -> Answer:
    named = call.match[1].split()
    _mail(call).record["images"] = [each for each in _mail(call).record["images"] if each not in named]
    return 0, ""


def _pull(call: Call) -> Answer:
    images: list[str] = _mail(call).record["images"]
    images.append(call.match[1].strip("'"))
    return 0, f"{images[-1]}\n"


def _up(call: Call) -> Answer:
    """What started over and over runs from then on: whatever it was is not emulated twice. Nothing is pulled."""
    if not _fetched(call).issuperset(_mail(call).services.values()):
        return 1, ""
    _mail(call).record.update({"is_up": True, "restarting": []})
    return 0, ""


def _down(call: Call) -> Answer:
    _mail(call).record["images"] = sorted(_fetched(call))
    _mail(call).record["is_up"] = False
    return 0, ""


def containers(mail: HostedMail) -> Iterator[dict[str, Any]]:
    """As :attr:`backend.mail.host.docker.ComposeProject.listing` tells them."""
    for service, image in mail.services.items() if mail.record["is_up"] else ():
        is_ill, has_check = service in mail.record["restarting"], image.startswith("ghcr.io/mailu/")
        yield {
            "Service": service,
            "State": "restarting" if is_ill else "running",
            "Health": ("starting" if is_ill else "healthy") if has_check else "",
            "Check": ["CMD-SHELL", "true"] if has_check else None,
            "ExitCode": 1 if is_ill else 0,
        }


def _containers(call: Call) -> Answer:
    return 0, "".join(f"{json.dumps(each)}\n" for each in containers(_mail(call)))


def _execute(call: Call) -> Answer:
    """A command in a container: Mailu's own one in admin."""
    service, *words = shlex.split(call.match[1])
    if not _mail(call).record["is_up"]:
        return NO_DAEMON, ""
    ended = Ended(127)
    if (service, *words[:1]) == ("smtp", "sendmail"):
        return _send(call, words[-1])
    if (service, *words[:2]) == ("admin", "flask", "mailu"):
        ended = _mail(call).run(words[2:], call.stdin)
    return ended.code, ended.out or ended.err


def _send(call: Call, recipient: str) -> Answer:
    """Postfix takes it, and somebody else takes it from Postfix."""
    told = next(line for line in call.stdin.splitlines() if line.lower().startswith("message-id:"))
    sent: list[list[str]] = _mail(call).record.setdefault("sent", [])
    sent[:] = [*sent[-MOST_SENT:], [told.partition("<")[2].rstrip(">"), recipient]]
    return 0, ""


def _postfix_log(call: Call) -> Answer:
    """What Postfix wrote of the messages that were handed to it here."""
    relay = _mail(call).environment.get("RELAYHOST") or "mx.example.org[192.0.2.25]:25"
    lines = list[str]()
    for message_id, recipient in _mail(call).record.get("sent", ()):
        queue = hashlib.sha256(message_id.encode()).hexdigest()[:10].upper()
        lines.append(f"postfix/cleanup[311]: {queue}: message-id=<{message_id}>")
        lines.append(
            f"postfix/smtp[312]: {queue}: to=<{recipient}>, relay={relay}, delay=0.6, delays=0.1/0/0.3/0.2, dsn=2.0.0, "
            "status=sent (250 2.0.0 Ok: queued)"
        )
    return 0, "".join(f"{line}\n" for line in lines)


def _try(call: Call) -> Answer:
    """A smart host of a name that nobody has (RFC 6761) does not answer; any other takes all."""
    asked = json.loads(call.stdin)
    if str(asked["host"]).endswith(".invalid"):
        return 0, json.dumps({"step": "connect", "words": "gaierror"}) + "\n"
    return 0, json.dumps({"step": "done", "words": ""}) + "\n"


def _log(call: Call) -> Answer:
    return 0, f"{call.match[1]}: no module named 'app'\n" * 2


def _remove_mail(call: Call) -> Answer:
    for path in [each for each in call.host.files if each.startswith(("/opt/mailu/", "/mailu/"))]:
        del call.host.files[path]
    _mail(call).record["is_up"] = False
    return 0, ""


def _done(_call: Call) -> Answer:
    return 0, ""


PATTERNS = (
    (r"^python3 -c [\s\S]*\"mail_25\"", _facts),
    (r"^python3 -c [\s\S]*# look at a mail server\b", _look),
    (r"^python3 -c [\s\S]*# look for a Mailu that is there", _found),
    (r"^python3 -c [\s\S]*# look at the files of a mail server", _files),
    (r"^python3 -c [\s\S]*# try a smart host", _try),
    (r"^journalctl -q -o cat --no-pager -n \d+ --since=@\d+ CONTAINER_TAG=mailu-smtp$", _postfix_log),
    (r"^dpkg-query -W -f=\S+ \S+ (.+) 2>/dev/null$", _packages),
    (r"^DEBIAN_FRONTEND=noninteractive .*apt-get -q (update .*|.* install .*)$", _install),
    (r"^curl -fsSL --retry 3 https://download\.docker\.com/linux/\w+/gpg$", _package_key),
    (r"^(?:install -[md] .*|echo \"deb .*|nft -c -f .*)$", _install),
    (r"^nft list table inet mailyard$", _filter),
    (r"^systemctl is-active (.+)$", _active),
    (r"^if systemctl -q is-active docker; then", _done),
    (r"^systemctl (?:daemon-reload|restart|enable|reload)\b", _done),
    (r"^docker info .* && docker compose version --short$", _docker),
    (rf"^test -s {ROOT}/{KEY} && cat {ROOT}/{CERTIFICATE}$", _pair),
    (r"^test -e (/[\w./-]+)$", _is_there),
    (rf"^{COMPOSED}config -q$", _done),
    (rf"^{COMPOSED}config --images$", _images),
    (rf"^{COMPOSED}config --format json$", _described),
    (r"^docker image inspect (\S+) ", _has_image),
    (r"^docker pull -q (\S+)$", _pull),
    (r"^docker image rm (.+)$", _remove_images),
    (r"^docker images --format '\{\{\.Repository\}\}:\{\{\.Tag\}\}'$", _all_images),
    (rf"^{CHANGED}(?:up -d|restart)\b", _up),
    (rf"^{CHANGED}down\b", _down),
    (r"^found=\$\(docker ps --all --quiet --filter label=com\.docker\.compose\.project=mailu ", _containers),
    (rf"^{COMPOSED}exec -T (.+)$", _execute),
    (r"^journalctl -q -o cat -n \d+ CONTAINER_TAG=mailu-([\w-]+)$", _log),
    (r"^if \[ -z \"\$\(ls -A /mailu/mail", _remove_mail),
)
TABLE = tuple((re.compile(pattern), act) for pattern, act in PATTERNS)
