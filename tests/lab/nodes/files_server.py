"""Files over HTTPS, as a process: ``python -m tests.lab.nodes.files_server IP FOLDER``, its pair where it starts."""

from __future__ import annotations

import argparse
import http.server
import ssl
from functools import partial


def serve(ip: str, folder: str) -> None:
    """Until the process is ended."""
    answers = partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    server = http.server.ThreadingHTTPServer((ip, 443), answers)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain("cert.pem", "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("ip", "folder"):
        parser.add_argument(name)
    options = parser.parse_args()
    serve(options.ip, options.folder)
