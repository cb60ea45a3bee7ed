"""One account's boto3 clients, made from what is in the account and from nothing else on this computer."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.wires.aws.sending import Sender

#: What answers for the account as a whole: its regions, who it is, the price list.
HOME = "us-east-1"
ACCESS_KEY = re.compile(r"[A-Z0-9]{16,128}\Z")
#: AWS gives secrets and session tokens as base64; nothing else of what is printed can stand in them.
SECRET_PART = re.compile(r"[!-9;-~]{16,4096}\Z")


@dataclass(frozen=True)
class Credentials:
    """An access key of a user; ``session_token`` only where the key is a temporary one."""

    access_key: str
    secret_key: Secret
    session_token: Secret | None = None

    @classmethod
    def read(cls, token: Secret) -> Credentials:
        """Out of ``ACCESS_KEY_ID:SECRET_ACCESS_KEY`` or ``ACCESS_KEY_ID:SECRET_ACCESS_KEY:SESSION_TOKEN``.

        :raises Refused: it has another form. What was entered is not quoted.
        """
        access_key, *secrets = token.reveal().strip().split(":")
        if not ACCESS_KEY.match(access_key) or len(secrets) not in (1, 2) or not all(map(SECRET_PART.match, secrets)):
            raise Refused(
                _("This is not an access key of Amazon."),
                remedy=_("Enter both parts of the key with a colon between them: ACCESS_KEY_ID:SECRET_ACCESS_KEY."),
            )
        return cls(access_key, Secret(secrets[0]), Secret(secrets[1]) if len(secrets) > 1 else None)


class Clients:
    """A boto3 client a service and region, made when first needed. Thread-safe; closed by its owner."""

    def __init__(
        self, credentials: Credentials, endpoint_url: str | None, before_parsing: Callable[..., None], *, service: str
    ) -> None:
        """``before_parsing`` is called with each answer as botocore's event ``before-parse`` has it; ``service`` is
        what people are told that it is.

        :raises ProxyUnusable: the environment names a proxy that cannot be used.
        """
        self._before_parsing = before_parsing
        self._sender = Sender(service)
        self._session = _session(credentials)
        self._config = _config()
        self._endpoint_url = endpoint_url
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def of(self, service: str, region: str) -> Any:
        """:raises botocore.exceptions.BotoCoreError: the region's name is none."""
        with self._lock:
            if (service, region) not in self._clients:
                client = self._session.client(
                    service, region_name=region, endpoint_url=self._endpoint_url, config=self._config
                )
                client.meta.events.register("before-send", self._sender)
                client.meta.events.register("before-parse", self._before_parsing)
                self._clients[service, region] = client
            return self._clients[service, region]

    def close(self) -> None:
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
        self._sender.close()


def _session(credentials: Credentials) -> Any:
    """Settings and profiles that somebody keeps for other programs do not count: the account's own key does."""
    import boto3
    import botocore.session

    # It writes whole requests to its log: user-data is among them.
    logging.getLogger("botocore").setLevel(logging.INFO)
    own = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return boto3.session.Session(
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key.reveal(),
        aws_session_token=credentials.session_token.reveal() if credentials.session_token else None,
        botocore_session=botocore.session.Session(session_vars=own),
        region_name=HOME,
    )


def _config() -> Any:
    """No call goes out twice by itself: the jobs try again, and look first where they must."""
    from botocore.config import Config

    return Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        ignore_configured_endpoint_urls=True,
        user_agent_extra="mailyard/0.1",
    )
