"""The checks of a mail server; their subject is the server it runs on."""

from __future__ import annotations

from typing import Final

from backend.core.checks import SERVER, CheckKind
from backend.core.present.text import N_

CONTAINERS: Final = CheckKind("mail.containers", N_("Containers"), SERVER, counts_for_health=True)
PORTS: Final = CheckKind("mail.ports", N_("Mail ports"), SERVER, counts_for_health=True)
QUEUE: Final = CheckKind("mail.queue", N_("Mail queue"), SERVER, counts_for_health=True)
CERTIFICATE: Final = CheckKind("mail.certificate", N_("Certificate"), SERVER, counts_for_health=True)
SENDING: Final = CheckKind("mail.sending", N_("Sending"), SERVER, counts_for_health=True)
#: Apart from the health: where no other server can ask, nothing is known of it, and that is no trouble of the server's.
#: That mail cannot come in is said by the ports, too.
INBOUND: Final = CheckKind("mail.inbound", N_("Port 25 from outside"), SERVER)

MAIL_CHECKS: Final = (CONTAINERS, PORTS, QUEUE, CERTIFICATE, SENDING, INBOUND)
