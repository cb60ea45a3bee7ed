"""The application's own command, ``flask mailu WORDS``: it asks less than the API, and checks less (manage.py)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from backend.demo.emulator.routes import Refusal
from backend.demo.mailu.config_export import SECTIONS, exported
from backend.demo.mailu.config_import import NotTaken, import_aliases
from backend.demo.mailu.model import Model
from backend.demo.mailu.names import kept

Record = dict[str, Any]
USAGE, FAILED = 2, 1
NOT_VALID = "Error: [ValidationError] 1 error occurred during input validation\n"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int = 0
    out: str = ""
    err: str = ""

    def told(self) -> Record:
        return asdict(self)


@dataclass(frozen=True)
class Words:
    """``named`` are the arguments in their order, ``options`` those that were given, with their values; ``stdin`` is
    all of standard input.
    """

    named: tuple[str, ...]
    options: Mapping[str, str]
    stdin: str = ""


@dataclass(frozen=True)
class Syntax:
    """``takes`` names the arguments, ``more`` says that any number may follow; ``flags`` stand alone, ``options`` have
    a value, each by all of its names.
    """

    takes: tuple[str, ...]
    flags: Mapping[str, str]
    options: Mapping[str, str]
    run: Callable[[Words], Ended]
    more: bool = False


class Commands:
    """Answers on the same model as the API. What it does not check breaks off as the real one does: with a trace."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._table = self._syntax()

    def run(self, words: Sequence[str], stdin: str = "") -> Ended:
        name = words[0] if words else ""
        syntax = self._table.get(name)
        if syntax is None:
            return Ended(USAGE, err=_usage("[OPTIONS] COMMAND [ARGS]...", f"No such command '{name}'."))
        read = _read(words[1:], syntax, stdin)
        if isinstance(read, str):
            return Ended(USAGE, err=_usage(f"{name} [OPTIONS] {' '.join(syntax.takes)}", read, name))
        try:
            with self._model.records.change():
                return syntax.run(read)
        except NotTaken as refused:
            return Ended(
                FAILED, err=f"Error: [ValidationError] 1 error occurred during input validation\n     - {refused}\n"
            )
        except (Refusal, KeyError, ValueError) as error:
            return Ended(FAILED, err=f"Traceback (most recent call last):\n{type(error).__name__}\n")

    def _syntax(self) -> Mapping[str, Syntax]:
        local, domain, password = "LOCALPART", "DOMAIN_NAME", "PASSWORD"
        mode = {"-m": "mode", "--mode": "mode"}
        limits = {"-u": "max_users", "-a": "max_aliases", "-q": "max_quota_bytes"}
        flags = {"-f": "full", "-s": "secrets", "-d": "dns", "-j": "json", "--json": "json", "--secrets": "secrets"}
        merge = {"-u": "update", "--update": "update", "-q": "quiet", "--quiet": "quiet"}
        return {
            "admin": Syntax((local, domain, password), {}, mode, self._admin),
            "user": Syntax((local, domain, password), {}, {}, self._user),
            "password": Syntax((local, domain, password), {}, {}, self._password),
            "domain": Syntax((domain,), {}, limits, self._domain),
            "user-import": Syntax((local, domain, "PASSWORD_HASH"), {}, {}, self._user_import),
            "user-delete": Syntax(("EMAIL",), {"-r": "really", "--really": "really"}, {}, self._user_delete),
            "alias": Syntax(
                (local, domain, "DESTINATION"), {"-w": "wildcard", "--wildcard": "wildcard"}, {}, self._alias
            ),
            "alias-delete": Syntax(("EMAIL",), {}, {}, self._alias_delete),
            "setlimits": Syntax((domain, "MAX_USERS", "MAX_ALIASES", "MAX_QUOTA_BYTES"), {}, {}, self._set_limits),
            "setmanager": Syntax((domain, "USER_NAME"), {}, {}, self._set_manager),
            "config-import": Syntax(("[FILENAME|-]",), merge, {}, self._import, more=True),
            "config-export": Syntax(("[FILTER]...",), flags, {}, self._export, more=True),
        }

    def _admin(self, words: Words) -> Ended:
        (local, domain, password), mode = words.named, words.options.get("mode", "create")
        if mode not in ("create", "update", "ifmissing"):
            return Ended(FAILED, err=f"Error: invalid mode: {mode!r}\n")
        address = f"{local}@{domain}"
        record = self._model.records.get("mailbox", kept(address))
        if record is None:
            self._make(address, self._model.hashing.hashed(password), {"global_admin": True})
            return Ended(out="created admin user\n")
        if mode == "ifmissing":
            return Ended(out=f"user {address!r} exists, not updating\n")
        if mode == "create":
            return Ended(FAILED, err=f"Error: user {address!r} exists, not created\n")
        self._put(record, {"password": self._model.hashing.hashed(password)})
        return Ended(out="updated admin password\n")

    def _user(self, words: Words) -> Ended:
        local, domain, password = words.named
        self._make_new(f"{local}@{domain}", self._model.hashing.hashed(password), {"change_pw_next_login": True})
        return Ended()

    def _user_import(self, words: Words) -> Ended:
        local, domain, hashed = words.named
        self._make_new(f"{local}@{domain}", hashed, {})
        return Ended()

    def _password(self, words: Words) -> Ended:
        local, domain, password = words.named
        record = self._model.records.get("mailbox", kept(f"{local}@{domain}"))
        if record is None:
            return Ended(out=f"User {local}@{domain} not found.\n")
        self._put(record, {"password": self._model.hashing.hashed(password), "change_pw_next_login": True})
        return Ended()

    def _domain(self, words: Words) -> Ended:
        (name,) = words.named
        self._want_domain(name, {key: int(value) for key, value in words.options.items()})
        return Ended()

    def _user_delete(self, words: Words) -> Ended:
        """Without ``-r`` it only keeps the mailbox from logging in."""
        record = self._model.records.get("mailbox", kept(words.named[0]))
        if record is not None and "really" in words.options:
            self._model.mailboxes.drop(record["email"])
        elif record is not None:
            self._put(record, {"enabled": False})
        return Ended()

    def _alias(self, words: Words) -> Ended:
        """To wherever it is told; makes the domain where there is none."""
        local, domain, destination = words.named
        address = f"{local}@{domain}"
        if self._model.records.get("alias", kept(address)) is not None:
            raise ValueError(address)
        self._want_domain(domain, {})
        self._model.aliases.make(address, destination.split(","), {"wildcard": "wildcard" in words.options})
        return Ended()

    def _alias_delete(self, words: Words) -> Ended:
        if "@" not in words.named[0]:
            raise ValueError(words.named[0])
        self._model.records.drop("alias", kept(words.named[0]))
        return Ended()

    def _set_limits(self, words: Words) -> Ended:
        name, *limits = words.named
        record = self._model.domains.found(name)
        changes = dict(zip(("max_users", "max_aliases", "max_quota_bytes"), map(int, limits), strict=True))
        self._model.records.put("domain", record["name"], record | changes)
        return Ended()

    def _set_manager(self, words: Words) -> Ended:
        domain, local = words.named
        address = self._model.mailboxes.found(f"{local}@{domain}")["email"]
        self._model.managers.appoint(self._model.domains.found(domain), address)
        return Ended()

    def _export(self, words: Words) -> Ended:
        """As JSON; the real one writes YAML by itself."""
        unknown = [name for name in words.named if name not in SECTIONS]
        if unknown or "json" not in words.options:
            raise ValueError(unknown)
        told = exported(self._model.records, words.named or SECTIONS)
        return Ended(out=json.dumps(told, separators=(",", ":"), ensure_ascii=False) + "\n")

    def _import(self, words: Words) -> Ended:
        """Only what is merged into what is there: without ``-u`` the real one replaces all."""
        if "update" not in words.options:
            raise ValueError("not emulated")
        import_aliases(self._model, words.stdin)
        return Ended()

    def _make_new(self, address: str, hashed: str, settings: Record) -> None:
        if self._model.records.get("mailbox", kept(address)) is not None:
            raise ValueError(address)
        self._make(address, hashed, settings)

    def _make(self, address: str, hashed: str, settings: Record) -> None:
        self._want_domain(address.rpartition("@")[2], {})
        self._model.mailboxes.make(address, hashed, settings)

    def _want_domain(self, name: str, limits: Record) -> None:
        if self._model.records.get("domain", kept(name)) is None:
            self._model.domains.make(name, limits)

    def _put(self, record: Record, changes: Record) -> None:
        self._model.records.put("mailbox", record["email"], record | changes)


def _read(words: Sequence[str], syntax: Syntax, stdin: str) -> Words | str:
    """As click reads them: options anywhere before ``--``; what is wrong comes as its words."""
    named, options, rest = list[str](), dict[str, str](), list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            named += rest
            break
        if word in syntax.flags:
            options[syntax.flags[word]] = ""
        elif word in syntax.options and rest:
            options[syntax.options[word]] = rest.pop(0)
        elif word.startswith("-") and len(word) > 1:
            return f"No such option: {word}"
        else:
            named.append(word)
    if not syntax.more and len(named) < len(syntax.takes):
        return f"Missing argument '{syntax.takes[len(named)]}'."
    if not syntax.more and len(named) > len(syntax.takes):
        return f"Got unexpected extra argument ({' '.join(named[len(syntax.takes) :])})"
    return Words(tuple(named), options, stdin)


def _usage(form: str, words: str, command: str = "") -> str:
    call = f"flask mailu {command}".rstrip()
    return f"Usage: flask mailu {form}\nTry '{call} -?' for help.\n\nError: {words}\n"
