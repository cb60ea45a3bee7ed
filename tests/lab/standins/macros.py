"""oletools: answers as olefy does when nothing is wrong with it; what it is sent, it does not look into."""

from __future__ import annotations

import socketserver
import sys

from tests.lab.standins.life import on_end

PORT = 11343
CLEAN = b"[]\t\n\n\t"


class Door(socketserver.StreamRequestHandler):
    """One question to a connection."""

    def handle(self) -> None:
        asked = self.rfile.readline()
        self.wfile.write(b"PONG\n" if asked.startswith(b"PING") else CLEAN)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main() -> None:
    with Server(("0.0.0.0", PORT), Door) as server:
        on_end(sys.exit)
        server.serve_forever()


if __name__ == "__main__":
    main()
