"""``config-export -j``: what there is, without what is as it would be made; hashes of passwords stand in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from backend.demo.emulator.records import Records
from backend.demo.mailu import domains, mailboxes
from backend.demo.mailu.names import told

Record = dict[str, Any]
SECTIONS = ("domain", "user", "alias", "relay")
#: The default is a function there, and so never found to be one.
ALWAYS = frozenset({"spam_threshold"})
ALIAS = {"comment": "", "wildcard": False}


def exported(records: Records, sections: Iterable[str]) -> Record:
    make: Mapping[str, Callable[[Records], list[Record]]] = {
        "domain": _domains,
        "user": _mailboxes,
        "alias": _aliases,
        "relay": _relays,
    }
    return {section: make[section](records) for section in SECTIONS if section in set(sections)}


def _domains(records: Records) -> list[Record]:
    found = list[Record]()
    for each in records.all("domain"):
        others = [told(other["name"]) for other in records.all("alternative") if other["domain"] == each["name"]]
        told_of = {
            **_changed(each, {name: domains.NEW[name] for name in domains.PLAIN}),
            "dkim_key": "<hidden>",
            **({"alternatives": others} if others else {}),
        }
        found.append({"name": told(each["name"]), **_sorted(told_of)})
    return found


def _mailboxes(records: Records) -> list[Record]:
    found = list[Record]()
    for each in records.all("mailbox"):
        manages = [told(domain["name"]) for domain in records.all("domain") if each["email"] in domain["managers"]]
        tokens = [_token(token) for token in records.all("app_token") if token["email"] == each["email"]]
        told_of = {
            **_changed(each, mailboxes.NEW),
            "password": each["password"],
            **({"manager_of": manages} if manages else {}),
            **({"tokens": tokens} if tokens else {}),
        }
        found.append({"email": told(each["email"]), **_sorted(told_of)})
    return found


def _aliases(records: Records) -> list[Record]:
    return [
        {"email": told(each["email"]), **_sorted({**_changed(each, ALIAS), "destination": each["destination"]})}
        for each in records.all("alias")
    ]


def _relays(records: Records) -> list[Record]:
    new = {"comment": "", "smtp": None}
    return [{"name": told(each["name"]), **_sorted(_changed(each, new))} for each in records.all("relay")]


def _token(token: Record) -> Record:
    plain = {"comment": token["comment"], "ip": token["ip"], "password": token["password"]}
    return {"id": token["id"], **{name: value for name, value in plain.items() if value}}


def _changed(record: Record, new: Record) -> Record:
    return {name: record[name] for name, value in new.items() if name in ALWAYS or record[name] != value}


def _sorted(fields: Record) -> Record:
    return dict(sorted(fields.items()))
