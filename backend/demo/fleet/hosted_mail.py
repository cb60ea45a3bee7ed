"""The Mailu of one emulated host: it is there once its containers were started, as the files on the host say."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backend.core.private import make_folder, replace_file
from backend.demo.emulator.faults import Faults
from backend.demo.emulator.machines import NoMachines
from backend.demo.emulator.process import Start
from backend.demo.emulator.server import EmulatorServer
from backend.demo.emulator.state import State
from backend.demo.fleet.mail import ADMIN, ALL_SIZES, mail_of
from backend.demo.mailu.api import MailuAdmin
from backend.demo.mailu.commands import Ended
from backend.demo.mailu.pages import MailuHandler
from backend.mailu.services import FOLDER, ROOT

Record = dict[str, Any]

CERTIFICATE, KEY = "certs/cert.pem", "certs/key.pem"
HTTPS, IMAPS = 443, 993


def new_mail(
    *,
    stands: bool = False,
    restarting: Sequence[str] = (),
    admin_password: str = "",
    folder: str = FOLDER,
    root: str = ROOT,
) -> Record:
    """What is remembered of it with its host. ``stands``: it runs already, and has what the demo's server of that name
    has, its administrator this password; some of its containers start over and over. Its files lie in ``folder``, what
    it keeps below ``root``.
    """
    begun = {"has_docker": stands, "is_up": stands, "has_past": stands, "admin_password": admin_password}
    return {**begun, "restarting": list(restarting), "images": [], "folder": folder, "root": root}


class HostedMail:
    """Opened when it is first asked, and anew when its mailu.env is another one. Thread-safe; :meth:`close` last."""

    def __init__(self, folder: Path, record: Record) -> None:
        self._folder = folder
        self._host = record
        self._lock = threading.RLock()
        self._env = ""
        self._state: State | None = None
        self._server: EmulatorServer | None = None
        self._admin: MailuAdmin | None = None

    @property
    def record(self) -> Record:
        """As :func:`new_mail` makes it; a host of an older demo has none yet."""
        found: Record = self._host.setdefault("mail", new_mail())
        return found

    @property
    def folder(self) -> str:
        """Where its files lie."""
        return str(self.record.get("folder", FOLDER))

    @property
    def root(self) -> str:
        """Below it lies what its containers keep."""
        return str(self.record.get("root", ROOT))

    @property
    def env_file(self) -> str:
        return f"{self.folder}/mailu.env"

    @property
    def compose_file(self) -> str:
        return f"{self.folder}/docker-compose.yml"

    @property
    def pair(self) -> tuple[str, str]:
        """Where its certificate and its key lie."""
        return f"{self.root}/{CERTIFICATE}", f"{self.root}/{KEY}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The lines of mailu.env that hold a value."""
        lines = str(self._host["files"].get(self.env_file, "")).splitlines()
        pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
        return {key: value.strip("'") for key, _sign, value in pairs}

    @property
    def services(self) -> Mapping[str, str]:
        """The image of each service that the compose file names."""
        import yaml

        found = yaml.safe_load(self._host["files"].get(self.compose_file, "")) or {}
        return {name: str(each["image"]) for name, each in found.get("services", {}).items()}

    def takes(self, port: int) -> bool:
        """Whether something answers there."""
        return bool(self.record["is_up"]) and str(port) in self.environment.get("PORTS", "").split(",")

    def run(self, words: Sequence[str], stdin: str) -> Ended:
        """``flask mailu WORDS`` in the admin container."""
        with self._lock:
            return self._opened().run(words, stdin)

    def lets_in(self, address: str, password: str) -> bool:
        """Whether a login over IMAP succeeds."""
        with self._lock:
            return self._opened().lets_in(address, password)

    def serve(self, connection: socket.socket, port: int) -> None:
        """Whoever speaks through ``connection`` speaks to the port; served on threads of its own."""
        with self._lock:
            admin, server = self._opened(), self._server
            context = self._context()
        secured = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        if port == IMAPS:
            from backend.demo.mailu.imap import ImapSession

            ImapSession(secured, admin.lets_in).start()
        elif server is not None:
            server.take(secured, str(ipaddress.ip_network(self.environment["SUBNET"])[1]))

    def close(self) -> None:
        with self._lock:
            if self._server is not None:
                self._server.server_close()
            if self._state is not None:
                self._state.close()
            self._state = self._server = self._admin = None

    def _opened(self) -> MailuAdmin:
        """The application as mailu.env sets it up."""
        env = str(self._host["files"].get(self.env_file, ""))
        if self._admin is None or env != self._env:
            self.close()
            self._env = env
            self._state = State(self._folder)
            token = self.environment.get("API_TOKEN", "")
            self._admin = MailuAdmin(Start(self._folder, self._state, NoMachines(), "document", 1.0, token))
            self._admin.set_up(token, self._lines())
            if self.record["has_past"] and not self._state.keys("domain"):
                self._fill(self._admin)
            self._server = EmulatorServer(None, self._admin, Faults(), MailuHandler)
        return self._admin

    def _lines(self) -> Record:
        told = self.environment
        return {
            "host_name": told["HOSTNAMES"].split(",")[0],
            "domain": told["DOMAIN"],
            "selector": told.get("DKIM_SELECTOR", "dkim"),
            "ports": [int(each) for each in told["PORTS"].split(",")],
            "exempt": [each for each in told.get("AUTH_RATELIMIT_EXEMPTION", "").split(",") if each],
            "is_api_on": told.get("API") == "true",
        }

    def _fill(self, admin: MailuAdmin) -> None:
        if self._host["name"] in ALL_SIZES:
            admin.stand(mail_of(str(self._host["name"])))
            named = (ADMIN, self.environment["DOMAIN"], self.record.get("admin_password") or "none")
            admin.run(("admin", "--mode", "update", "--", *named))  # the password may begin like an option

    def _context(self) -> ssl.SSLContext:
        """Of the pair that lies on the host now. The library takes files only."""
        make_folder(self._folder)
        pair = {name: self._folder / name for name in ("cert.pem", "key.pem")}
        for file, path in zip(pair.values(), self.pair, strict=True):
            replace_file(file, str(self._host["files"][path]).encode())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair["cert.pem"], pair["key.pem"])
        return context
