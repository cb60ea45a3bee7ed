"""The look at the files of a mail server: one script reads them, nothing is written and no file touched."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from backend.core.errors import BadResponse
from backend.core.present.text import _
from backend.core.unreadable import UNREADABLE
from backend.mail.files.digests import digests_of

if TYPE_CHECKING:
    from backend.core.ssh.session import SshSession
    from backend.store.schema.mail import MailServer

LIMIT_S = 60.0
OVERRIDES = "overrides"

_SCRIPT = r"""
import hashlib, json, os, sys
# look at the files of a mail server
def text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
def below(folder):
    for place, _folders, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            yield os.path.relpath(path, folder), hashlib.sha256(text(path).encode()).hexdigest()
asked = json.load(sys.stdin)
texts = {path: text(path) for path in asked["files"]}
print(json.dumps({"texts": texts, "overrides": dict(below(asked["overrides"]))}))
"""


def look(ssh: SshSession, row: MailServer) -> dict[str, str]:
    """The digests of what its files say now.

    :raises SshError: the server could not be asked.
    :raises BadResponse: it answered with something else.
    """
    asked = {"files": [row.env_file, *row.files], "overrides": f"{row.root}/{OVERRIDES}"}
    said = ssh.check(f"python3 -c {shlex.quote(_SCRIPT)}", stdin=json.dumps(asked), timeout_s=LIMIT_S)
    try:
        told = json.loads(said)
        texts = {str(path): str(text) for path, text in told["texts"].items()}
        overrides = {str(path): str(digest) for path, digest in told["overrides"].items()}
        return digests_of(texts[row.env_file], [texts[path] for path in row.files], overrides)
    except UNREADABLE as error:
        raise BadResponse(
            _("The files of the mail server could not be read."),
            remedy=_("Look at them over SSH."),
            detail=type(error).__name__,
        ) from error
