"""Who may manage a domain of the emulated server in its web interface."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.records import Records
from backend.demo.mailu.domains import Domains
from backend.demo.mailu.names import is_address, is_domain, kept, told
from backend.demo.mailu.refusals import no_domain, refused

Record = dict[str, Any]


class Managers:
    """They stand in the record of their domain."""

    def __init__(self, records: Records, domains: Domains) -> None:
        self._records = records
        self._domains = domains

    def all(self, name: str) -> Record:
        return {"managers": [told(each) for each in self._domains.found(name)["managers"]]}

    def add(self, name: str, body: Record) -> str:
        address = body["user_email"]
        domain, mailbox = self._both(name, address, lost="None")
        if mailbox in domain["managers"]:
            raise refused(409, f"User {address} is already a manager of the domain {name} ")
        with self._records.change():
            self.appoint(domain, mailbox)
        return f"User {address} has been added as manager of the domain {name} "

    def appoint(self, domain: Record, mailbox: str) -> None:
        managers = sorted({*domain["managers"], mailbox})
        self._records.put("domain", domain["name"], domain | {"managers": managers})

    def is_one(self, name: str, address: str) -> str:
        domain, mailbox = self._both(name, address)
        if mailbox not in domain["managers"]:
            raise refused(404, f"User {address} is not a manager of the domain {name}")
        return f"User {address} is a manager of the domain {name}"

    def remove(self, name: str, address: str) -> str:
        self.is_one(name, address)
        domain, mailbox = self._both(name, address)
        with self._records.change():
            left = [each for each in domain["managers"] if each != mailbox]
            self._records.put("domain", domain["name"], domain | {"managers": left})
        return f"User {address} has been removed as a manager of the domain {name} "

    def _both(self, name: str, address: str, *, lost: str = "") -> tuple[Record, str]:
        """The domain, and the manager as it is kept; ``lost`` is what the words call a domain that is not there."""
        if not is_address(address):
            raise refused(400, f"Invalid email address {address}")
        if not is_domain(name):
            raise no_domain(name)
        domain = self._records.get("domain", kept(name))
        if domain is None:
            raise refused(404, f"Domain {lost or name} does not exist")
        if self._records.get("mailbox", kept(address)) is None:
            raise refused(404, f"User {address} does not exist")
        return domain, kept(address)
