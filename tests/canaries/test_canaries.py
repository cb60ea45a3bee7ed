"""The whole story with secrets that can be recognised: found nowhere but sealed, and not in clear there."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.output import Exit
from backend.core.errors import MailyardError
from backend.core.secrets.keys import PassphraseHolder
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret
from tests.app.cli.command import Commands, Running
from tests.canaries.echo import STATUSES, EchoingProvider
from tests.canaries.forms import needles, of_private_key
from tests.canaries.searcher import Searcher
from tests.emulators.process import Emulator
from tests.waiting import found_within

PASSPHRASE = "canary-Passphrase-9d41/Zc7b"
WRONG_TOKEN = "dop_v1_canary_wrong_61f0aa37be"
ECHOED_TOKEN = "dop_v1_canary/echoed+c4d29e0f7a11"
PASSWORD = "canary-Passw0rd-in-a-URL-5e02"
NAME = "mx1.example.net"
OF_A_SERVER = ["admin_ssh", "first_contact", "nonce"]
LOOK_EVERY_S, CREATED_S = 0.1, 600.0
KNOWN = {"passphrase": PASSPHRASE, "wrong token": WRONG_TOKEN, "echoed token": ECHOED_TOKEN, "password": PASSWORD}


@pytest.fixture
def echo() -> Iterator[EchoingProvider]:
    provider = EchoingProvider()
    yield provider
    provider.close()


class Watch:
    """Gathers what was printed, what the store held at any time, and what stood in processes."""

    def __init__(self, commands: Commands) -> None:
        self.commands = commands
        self.printed: list[str] = []
        self.held: dict[str, str] = {}
        path = commands.folder / "secrets.sealed"
        self._store = SealedFile(path, PassphraseHolder(lambda: Secret(PASSPHRASE)))

    def run(self, *arguments: str, code: int = 0, **options: str | None) -> None:
        done = self.commands.run(*arguments, code=code, **{"passphrase": PASSPHRASE, **options})
        self.printed += [done.out, done.err]

    def add(self, name: str, token: str, url: str, *, code: int) -> None:
        self.run("account", "add", name, "--token-stdin", "--endpoint-url", url, typed=f"{token}\n", code=code)

    def look_at_secrets(self) -> None:
        try:
            for ref in self._store.references():
                self.held.setdefault(ref.path, self._store.read(ref).reveal())
        except MailyardError:
            return  # it is being replaced, or a value went between the two

    def of_servers(self) -> list[str]:
        """What was kept for a server at any time."""
        return sorted(path.rsplit("/", 1)[1] for path in self.held if path.startswith("vps/"))

    def needles(self) -> dict[bytes, str]:
        found: dict[bytes, str] = {}
        for name, value in {**KNOWN, **self.held}.items():
            is_key = value.startswith("-----BEGIN")
            found |= of_private_key(name, value) if is_key else needles(name, value.encode())
        return found


def fail_in_every_way(watch: Watch, emulator: Emulator, echo: EchoingProvider) -> None:
    """A wrong token, a password in an address, and a provider that quotes the token in each of its errors."""
    watch.add("Wrong", WRONG_TOKEN, emulator.url, code=Exit.FAILED)
    watch.add("URL", PASSWORD, f"https://person:{PASSWORD}@api.example.net", code=Exit.REFUSED)
    for status in STATUSES:
        echo.status = status
        watch.add(f"Echo {status}", ECHOED_TOKEN, echo.url, code=Exit.FAILED)
    assert any(ECHOED_TOKEN in header for header in echo.heard)


def create_server(watch: Watch, engine: Running, emulator: Emulator) -> list[str]:
    """A server made while the store and the processes are looked at; what was found in these.

    It is not made before all of its secrets were seen: some are forgotten when it is ready.
    """
    order = ("server", "create", NAME, "--account", "Main", "--region", "fra1", "--plan", "s-1vcpu-2gb", "--yes")
    emulator.set("hold")
    create = watch.commands.start(*order, passphrase=PASSPHRASE)
    found: list[str] = []

    def has_ended() -> bool:
        watch.look_at_secrets()
        if watch.of_servers() == OF_A_SERVER:
            emulator.set("go_on")
        found.extend(Searcher(watch.needles()).in_processes([engine.process.pid, create.process.pid]))
        return create.process.poll() is not None

    assert found_within(CREATED_S, has_ended, LOOK_EVERY_S), "the server was not made"
    done = create.end(code=Exit.OK)
    watch.printed += [done.out, done.err]
    return found


def ask_everything(watch: Watch) -> None:
    """Each answer for people and as JSON, the failed jobs among them."""
    for answer in (("doctor",), ("jobs", "list"), ("account", "list"), ("server", "show", NAME)):
        for form in ((), ("--json",)):
            watch.run(*answer, *form, code=Exit.FAILED if answer == ("doctor",) else Exit.OK)
    failed = [job["id"] for job in watch.commands.asks("jobs", "list") if job["state"] == "failed"]
    assert len(failed) == 1 + len(STATUSES)
    for job in failed[::2]:
        watch.run("jobs", "show", job, "--json")


@pytest.mark.proof("canaries")
@pytest.mark.lab
def test_no_secret_is_left_anywhere_by_the_whole_story(
    commands: Commands, emulator_with_machines: Emulator, echo: EchoingProvider, tmp_path: Path
) -> None:
    watch, engine = Watch(commands), commands.engine(passphrase=PASSPHRASE)
    watch.add("Main", emulator_with_machines.token, emulator_with_machines.url, code=Exit.OK)
    fail_in_every_way(watch, emulator_with_machines, echo)
    in_processes = create_server(watch, engine, emulator_with_machines)
    watch.run("server", "power", NAME, "reboot")
    ask_everything(watch)
    engine.signal(signal.SIGKILL)
    printed = "\n".join([*watch.printed, engine.end().err])

    assert watch.of_servers() == OF_A_SERVER
    assert emulator_with_machines.token in watch.held.values()
    assert (commands.folder / "app.db-wal").stat().st_size > 0
    searcher = Searcher(watch.needles())
    assert searcher.in_folder(commands.folder) == []
    assert searcher.in_folder(tmp_path / "home") == []
    assert searcher.in_bytes(printed.encode(), "what was printed") == []
    assert in_processes == []
    watch.run("server", "destroy", NAME, "--typed-name", NAME)
    assert searcher.in_folder(commands.folder) == []
