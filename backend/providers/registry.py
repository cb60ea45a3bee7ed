"""Which driver serves which kind of account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from backend.core.errors import Refused
from backend.core.present.text import _

if TYPE_CHECKING:
    from backend.core.secrets.values import Secret
    from backend.providers.ports import ComputeProvider

Opener = Callable[["Secret", str | None], "ComputeProvider"]


class ProviderRegistry:
    """A :class:`backend.providers.ports.Providers` over openers; drivers are imported when first opened."""

    def __init__(self, openers: Mapping[str, Opener]) -> None:
        self._openers = dict(openers)

    def kinds(self) -> Sequence[str]:
        return sorted(self._openers)

    def open(self, kind: str, token: Secret, *, endpoint_url: str | None = None) -> ComputeProvider:
        if kind not in self._openers:
            raise Refused(
                _("Mailyard does not know the provider {kind}.").format(kind=kind),
                remedy=_("Choose one of: {kinds}.").format(kinds=", ".join(self.kinds())),
            )
        if endpoint_url is not None:
            check_endpoint(endpoint_url)
        return self._openers[kind](token, endpoint_url)


def check_endpoint(url: str) -> None:
    """:raises Refused: ``url`` is not an http(s) address; a token goes over plain http to this machine only.

    A password in the address is refused without quoting it: it would stand in the request, the account and the errors.
    """
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise Refused(
            _("The URL contains a user name or a password."),
            remedy=_("Enter the URL without them: the token alone identifies you."),
        )
    is_plain = parts.scheme == "http"
    if parts.scheme not in ("http", "https") or not parts.hostname or (is_plain and not is_on_this_computer(url)):
        raise Refused(
            _("{url} is not a URL a token may be sent to.").format(url=url),
            remedy=_("Use an https address."),
        )


def is_on_this_computer(url: str) -> bool:
    """Whether an address leads nowhere else."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def open_digitalocean(token: Secret, endpoint_url: str | None) -> ComputeProvider:
    """DigitalOcean at its own address or at ``endpoint_url``."""
    from backend.providers.digitalocean.driver import DigitalOcean

    return DigitalOcean(token, endpoint_url=endpoint_url)


def open_ec2(token: Secret, endpoint_url: str | None) -> ComputeProvider:
    """Amazon EC2 at its own addresses, or every service of it at ``endpoint_url``."""
    from backend.providers.ec2.driver import Ec2

    return Ec2(token, endpoint_url=endpoint_url)


def open_hostwinds(token: Secret, endpoint_url: str | None) -> ComputeProvider:
    """Hostwinds at its own address or at the server of ``endpoint_url``."""
    from backend.providers.hostwinds.driver import Hostwinds

    return Hostwinds(token, endpoint_url=endpoint_url)


def open_linode(token: Secret, endpoint_url: str | None) -> ComputeProvider:
    """Linode at its own address or at ``endpoint_url``."""
    from backend.providers.linode.driver import Linode

    return Linode(token, endpoint_url=endpoint_url)


def open_vultr(token: Secret, endpoint_url: str | None) -> ComputeProvider:
    """Vultr at its own address or at ``endpoint_url``."""
    from backend.providers.vultr.driver import Vultr

    return Vultr(token, endpoint_url=endpoint_url)


def known_providers() -> ProviderRegistry:
    """All drivers of this program."""
    return ProviderRegistry(
        {
            "digitalocean": open_digitalocean,
            "ec2": open_ec2,
            "hostwinds": open_hostwinds,
            "linode": open_linode,
            "vultr": open_vultr,
        }
    )
