"""A smart host tried from the mail server itself, before anything is changed: does it take our login and our mail.

One script over SSH, which says at which step of SMTP it ended (RFC 5321, RFC 4954, RFC 3207); no message is sent.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.core.errors import BadResponse, LoginRefused, MailyardError, ProviderRefused, ProviderUnavailable
from backend.core.present.text import _
from backend.core.secrets.foreign_words import foreign_words

if TYPE_CHECKING:
    from backend.core.secrets.values import Secret
    from backend.core.ssh.session import SshSession
    from backend.mailu.settings import SmartHost

DIAL_S, LIMIT_S = 20.0, 90.0
MOST_WORDS = 300
DONE = "done"
#: A refusal for now (RFC 5321, section 4.2.1), as greylisting is, or a line that broke: neither says anything of the
#: password or of the addresses.
PASSING = re.compile(r"4\d\d\b|(SMTPServerDisconnected|TimeoutError|Connection\w+Error|BrokenPipeError)\b")

_SCRIPT = r"""
import json, smtplib, ssl, sys
asked = json.load(sys.stdin)  # try a smart host
context, step, words, client = ssl.create_default_context(), "connect", "", None
try:
    where = {"host": asked["host"], "port": asked["port"], "timeout": asked["dial_s"]}
    if asked["tls"] == "tls":
        client = smtplib.SMTP_SSL(context=context, **where)
    else:
        client = smtplib.SMTP(**where)
        step = "starttls"
        client.starttls(context=context)
    client.ehlo()
    if asked["user"]:
        step = "login"
        client.login(asked["user"], asked["password"])
    for step, say in (("sender", client.mail), ("recipient", client.rcpt)):
        if asked[step]:
            code, told = say(asked[step])
            if code >= 300:
                raise smtplib.SMTPResponseException(code, told)
    client.quit()
    step = "done"
except ssl.SSLCertVerificationError as error:
    step, words = "certificate", error.verify_message
except smtplib.SMTPResponseException as error:
    told = error.smtp_error
    words = "%d %s" % (error.smtp_code, told.decode("utf-8", "replace") if isinstance(told, bytes) else told)
except (OSError, smtplib.SMTPException) as error:
    words = "%s %s" % (type(error).__name__, error)
finally:
    if client is not None:
        client.close()
print(json.dumps({"step": step, "words": words}))
"""


@dataclass(frozen=True)
class _Ended:
    """At which step, and in whose words."""

    step: str
    words: str


def try_smart_host(ssh: SshSession, smart_host: SmartHost, password: Secret, *, sender: str, recipient: str) -> None:
    """Log in, and ask whether it takes mail from ``sender``, and to ``recipient`` where there is one.

    :raises LoginRefused: it does not let us in.
    :raises ProviderRefused: it does not take the sender or the recipient, or shows a certificate that will not do.
    :raises ProviderUnavailable: it does not answer, or not with TLS, or cannot tell at present.
    """
    import msgspec

    with password.lent() as value:
        asked = {
            "host": smart_host.host,
            "port": smart_host.port,
            "tls": smart_host.tls,
            "user": smart_host.user,
            "password": value,
            "sender": sender,
            "recipient": recipient,
            "dial_s": DIAL_S,
        }
        said = ssh.check(f"python3 -c {shlex.quote(_SCRIPT)}", stdin=json.dumps(asked), timeout_s=LIMIT_S)
        try:
            ended = msgspec.json.decode(said, type=_Ended)
        except msgspec.MsgspecError as error:
            raise BadResponse(_("The server did not tell how it tried the smart host.")) from error
        words = foreign_words(ended.words, MOST_WORDS)
    if ended.step != DONE:
        raise _trouble(ended.step, smart_host, sender, recipient, words)


def _trouble(step: str, smart_host: SmartHost, sender: str, recipient: str, words: str) -> MailyardError:
    where = {"host": smart_host.host, "port": smart_host.port}
    if step == "connect":
        title = _("{host} does not answer on port {port}.")
        return ProviderUnavailable(
            title.format(**where), remedy=_("Check name and port; try 587, 465 or 2525."), detail=words
        )
    if step == "starttls":
        title = _("{host} offers no TLS on port {port}.")
        return ProviderUnavailable(
            title.format(**where), remedy=_("A password is never sent without it. Try another port."), detail=words
        )
    if step == "certificate":
        title = _("The certificate of {host} will not do: {words}.")
        return ProviderRefused(
            title.format(words=words, **where),
            remedy=_("Check the name, or ask whoever runs it to renew its certificate."),
        )
    if PASSING.match(words):
        return ProviderUnavailable(
            _("{host} cannot take mail at present: {words}").format(words=words, **where),
            remedy=_("This should pass by itself. Retry in a few minutes."),
        )
    if step == "login":
        return LoginRefused(
            _("{host} refused the user or the password.").format(**where),
            remedy=_("Enter them again; some providers want a password made for SMTP."),
            detail=words,
        )
    title = _("{host} takes no mail from {sender}.") if step == "sender" else _("{host} takes no mail to {recipient}.")
    return ProviderRefused(
        title.format(sender=sender, recipient=recipient, **where),
        remedy=_("Let the domain be allowed to send there first."),
        detail=words,
    )
