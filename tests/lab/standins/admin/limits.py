"""How often logins may fail and how much may be sent, counted in Redis under the keys that Mailu uses.

Database 2: ``LIMITS:LIMITER/auth-ip/NETWORK/5/1/hour`` and its like are lists of times, newest first; ``exempt-``,
``dedup-`` and ``dedup2-`` are counters that end by themselves.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import time

from tests.lab.standins.admin.redis import redis
from tests.lab.standins.settings import listed, setting

DATABASE = 2
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "month": 30 * 86400, "year": 365 * 86400}


class Limit:
    """``5/hour``: so many of something in any time of that length."""

    def __init__(self, kind: str, text: str) -> None:
        match = re.fullmatch(r"(\d+)\s*(?:/|per)\s*(\d*)\s*(second|minute|hour|day|month|year)s?", text.strip())
        if match is None:
            raise ValueError(f"{text} is no limit")
        self._kind = kind
        self._most, self._units, self._unit = int(match[1]), int(match[2] or 1), match[3]

    @property
    def seconds(self) -> int:
        return self._units * SECONDS[self._unit]

    def is_reached(self, subject: str) -> bool:
        since = time.time() - self.seconds
        (times,) = redis(DATABASE, ("LRANGE", self._key(subject), 0, self._most - 1))
        assert isinstance(times, list)
        return len([each for each in times if float(str(each)) > since]) >= self._most

    def hit(self, subject: str) -> bool:
        """Count one; False when it was one too many."""
        if self.is_reached(subject):
            return False
        key = self._key(subject)
        count = ("LPUSH", key, str(time.time()))
        redis(DATABASE, count, ("LTRIM", key, 0, self._most - 1), ("EXPIRE", key, self.seconds))
        return True

    def _key(self, subject: str) -> str:
        return f"LIMITS:LIMITER/{self._kind}/{subject}/{self._most}/{self._units}/{self._unit}"


BY_ADDRESS = Limit("auth-ip", setting("AUTH_RATELIMIT_IP"))
BY_USER = Limit("auth-user", setting("AUTH_RATELIMIT_USER"))
BY_SENDER = Limit("sender", setting("MESSAGE_RATELIMIT"))


def is_address_limited(ip: str) -> bool:
    """Whether too many logins failed from its network."""
    is_limited = not _is_exempt(ip) and BY_ADDRESS.is_reached(network(ip))
    if is_limited:
        print(f"Authentication attempt from {ip} has been rate-limited.", flush=True)
    return is_limited


def is_user_limited(user: str, ip: str) -> bool:
    """Whether too many wrong passwords were tried for one user."""
    is_limited = not _is_exempt(ip) and BY_USER.is_reached(user)
    if is_limited:
        print(f"Authentication attempt from {ip} for {user} has been rate-limited.", flush=True)
    return is_limited


def count_address(ip: str, user: str = "") -> None:
    """A login failed; the same name again counts no more."""
    if not _is_exempt(ip) and not (user and _was_seen(f"dedup-{network(ip)}-{user}", BY_ADDRESS.seconds)):
        BY_ADDRESS.hit(network(ip))


def count_user(user: str, ip: str, password: str) -> None:
    """A wrong password; the same one again counts no more."""
    mark = hmac.new(user.encode(), password.encode(), hashlib.sha256).hexdigest()[-6:]
    if not _is_exempt(ip) and not (password and _was_seen(f"dedup2-{user}-{mark}", BY_USER.seconds)):
        BY_USER.hit(user)
        count_address(ip, user)


def exempt(ip: str) -> None:
    """A good login frees its address for a day."""
    key = f"LIMITS:exempt-{ip}"
    redis(DATABASE, ("INCR", key), ("EXPIRE", key, setting("AUTH_RATELIMIT_EXEMPTION_LENGTH")))


def may_send(user: str) -> bool:
    """Count a message, unless its sender is over the limit."""
    return user in [each.lower() for each in listed("MESSAGE_RATELIMIT_EXEMPTION")] or BY_SENDER.hit(user)


def network(ip: str) -> str:
    """The first address of the network that counts as one."""
    return str(ipaddress.ip_network(f"{ip}/{setting('AUTH_RATELIMIT_IP_V4_MASK')}", strict=False).network_address)


def _is_exempt(ip: str) -> bool:
    named = [ipaddress.ip_network(each, strict=False) for each in listed("AUTH_RATELIMIT_EXEMPTION")]
    if any(ipaddress.ip_address(ip) in each for each in named):
        return True
    (count,) = redis(DATABASE, ("GET", f"LIMITS:exempt-{ip}"))
    return int(str(count or 0)) > 0


def _was_seen(name: str, seconds: int) -> bool:
    key = f"LIMITS:{name}"
    (count,) = redis(DATABASE, ("GET", key))
    if int(str(count or 0)) > 0:
        return True
    redis(DATABASE, ("INCR", key), ("EXPIRE", key, seconds))
    return False
