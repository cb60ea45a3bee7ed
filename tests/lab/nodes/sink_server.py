"""A mail server of others, as a process: ``python -m tests.lab.nodes.sink_server IP DOMAIN FOLDER``.

What a recipient's local part says it is, it is: ``refused@`` is unknown there, ``deferred@`` may be tried again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
from dataclasses import asdict
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.lab.nodes.sink import Received

REPLIES = {"refused": "550 5.1.1 There is nobody of that name", "deferred": "451 4.7.1 Please try again later"}
MOST_BYTES = 60_000_000


class Keeper:
    """What aiosmtpd asks about each message; in the sink's own process."""

    def __init__(self, domain: str, folder: Path) -> None:
        self._domain = domain
        self._folder = folder
        self._count = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        local, _at, domain = address.rpartition("@")
        if domain.lower() != self._domain:
            return "550 5.7.1 No mail for others is taken here"
        if local in REPLIES:
            return REPLIES[local]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Known here"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self._count += 1
        taken = Received(
            sender=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            peer=session.peer[0] if session.peer else "",
            greeted_as=session.host_name or "",
            by_tls=session.ssl is not None,
            message=(envelope.original_content or b"").decode("utf-8", errors="surrogateescape"),
        )
        fresh = self._folder / f"{self._count:06}.new"
        fresh.write_text(json.dumps(asdict(taken)))
        fresh.rename(fresh.with_suffix(".json"))
        return f"250 2.0.0 Kept as {self._count}"


async def serve(ip: str, domain: str, place: Path) -> None:
    """Until the process is ended."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(place / "cert.pem", place / "key.pem")
    keeper = Keeper(domain, place / "taken")

    def take() -> SMTP:
        return SMTP(keeper, data_size_limit=MOST_BYTES, hostname=f"mx.{domain}", tls_context=context)

    server = await asyncio.get_running_loop().create_server(take, ip, 25)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("ip", "domain", "place"):
        parser.add_argument(name)
    options = parser.parse_args()
    asyncio.run(serve(options.ip, options.domain, Path(options.place)))
