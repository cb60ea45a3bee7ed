"""Somebody with a mailbox: hands messages in and reads them, as a mail program does."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

SUBMISSION, CLIENT_S = 587, 60.0


@dataclass(frozen=True)
class Person:
    """``ip`` is where the server is, ``trust`` proves it."""

    ip: str
    trust: ssl.SSLContext
    address: str
    password: str

    def submit(self, recipients: Sequence[str], message: str) -> None:
        """With STARTTLS and a login."""
        with smtplib.SMTP(self.ip, SUBMISSION, timeout=CLIENT_S) as line:
            line.starttls(context=self.trust)
            line.login(self.address, self.password)
            line.sendmail(self.address, recipients, message.encode())

    def browser(self, host_name: str) -> httpx.Client:
        """At the web pages of the server, which is asked for by its name; the caller's to close."""
        return httpx.Client(
            base_url=f"https://{self.ip}", verify=self.trust, headers={"Host": host_name}, timeout=CLIENT_S
        )

    def mailbox(self) -> list[str]:
        """All messages of the inbox, oldest first, as they are read over IMAP."""
        with imaplib.IMAP4_SSL(self.ip, ssl_context=self.trust, timeout=CLIENT_S) as line:
            line.login(self.address, self.password)
            line.select("INBOX", readonly=True)
            numbers = line.search(None, "ALL")[1][0].split()
            return [line.fetch(number, "(RFC822)")[1][0][1].decode() for number in numbers]  # type: ignore[index, union-attr]
