"""Which calls are about reserved addresses and firewalls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend.demo.emulator.routes import ONE, Handler
from backend.demo.emulator.wire import Answer
from backend.demo.vultr.answers import body_of, done, page
from backend.demo.vultr.firewalls import Firewalls
from backend.demo.vultr.reserved import Reserved
from backend.demo.vultr.views import Views

Record = dict[str, Any]
Call = tuple[str, str, Handler]


def network_table(reserved: Reserved, firewalls: Firewalls, views: Views) -> Iterator[Call]:
    """Routes of the API, shown as ``views`` has it."""
    yield from _addresses(reserved, views)
    yield from _groups(firewalls, views)
    yield from _rules(firewalls, views)


def _addresses(reserved: Reserved, views: Views) -> Iterator[Call]:
    path = "/v2/reserved-ips"

    def shown(status: int, address: Record) -> Answer:
        return Answer(status, {"reserved_ip": views.reserved(address)})

    yield from (
        ("GET", path, lambda r: page(r, "reserved_ips", reserved.all(), views.reserved)),
        ("POST", f"{path}/convert", lambda r: shown(201, reserved.convert(body_of(r)))),
        ("GET", f"{path}/{ONE}", lambda _r, key: shown(200, reserved.get(key))),
        ("DELETE", f"{path}/{ONE}", lambda _r, key: done(reserved.release, key)),
        ("POST", f"{path}/{ONE}/attach", lambda r, key: done(reserved.attach, key, body_of(r))),
        ("POST", f"{path}/{ONE}/detach", lambda _r, key: done(reserved.detach, key)),
    )


def _groups(firewalls: Firewalls, views: Views) -> Iterator[Call]:
    path = "/v2/firewalls"

    def view(group: Record) -> Record:
        return views.firewall(group, len(firewalls.attached(group["id"])))

    yield from (
        ("GET", path, lambda r: page(r, "firewall_groups", firewalls.all(), view)),
        ("POST", path, lambda r: Answer(201, {"firewall_group": view(firewalls.create(body_of(r)))})),
        ("GET", f"{path}/{ONE}", lambda _r, key: Answer(200, {"firewall_group": view(firewalls.get(key))})),
        ("DELETE", f"{path}/{ONE}", lambda _r, key: done(firewalls.delete, key)),
    )


def _rules(firewalls: Firewalls, views: Views) -> Iterator[Call]:
    path = f"/v2/firewalls/{ONE}/rules"
    yield from (
        ("GET", path, lambda r, key: page(r, "firewall_rules", firewalls.get(key)["rules"], views.rule)),
        ("POST", path, lambda r, key: Answer(201, {"firewall_rule": views.rule(firewalls.add(key, body_of(r)))})),
        ("DELETE", f"{path}/{ONE}", lambda _r, key, rule: done(firewalls.remove, key, rule)),
    )
