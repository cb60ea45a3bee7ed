"""A CSV of 2 000 mailboxes by the command line: ``python -m benchmarks.mailbox_import [MAILBOXES]``.

Mailu hashes each password with bcrypt of twelve rounds, one after the other, before it answers. Beside the import, in
the same run: that many hashes alone (measured over fifty of them). The emulated Mailu takes as long for one as bcrypt
does here. The command, its engine and Mailu are three processes, as they are for a person.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

MAILBOXES, SAMPLES, ROUNDS = 2_000, 50, 12


def main(mailboxes: int) -> None:
    from backend.mail.csv_import import read_mailboxes
    from backend.mail.requests import AddDomain
    from tests.app.cli.command import Commands, new_forks
    from tests.backend.mail.world import CLIENT, DOMAIN, mail_world
    from tests.emulators.process import SPEEDS, USUAL_SPEED

    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    hashing = _one_hash()
    text = "".join(f"person{number:04},longenough-{number},Person {number},1000\n" for number in range(mailboxes))
    began = time.monotonic()
    preview = read_mailboxes(text, DOMAIN)
    print(f"preview of {len(preview.good)} lines: {(time.monotonic() - began) * 1000:.0f} ms")
    with tempfile.TemporaryDirectory() as place, mail_world(Path(place)) as world:
        file, home, forks = Path(place) / "people.csv", Path(place) / "home", new_forks()
        home.mkdir()
        file.write_text(text)
        commands = Commands(world.installation.folder.root, home, forks)
        world.done(AddDomain(world.server, DOMAIN, CLIENT))
        world.mailu.set("hashing", seconds=hashing * SPEEDS.get("mailu", USUAL_SPEED))
        began = time.monotonic()
        running = commands.start("--wait", "3600", "mailbox", "import", DOMAIN, str(file), "--yes", passphrase=_known())
        running.process.wait(timeout=3600)
        took, bare = time.monotonic() - began, hashing * mailboxes
        running.end(0)
        assert len(world.addresses()) == mailboxes
        forks.close()
    print(f"import {took:.0f} s; its hashes alone {bare:.0f} s ({hashing * 1000:.0f} ms each); ratio {took / bare:.2f}")


def _one_hash() -> float:
    import bcrypt

    began = time.monotonic()
    for number in range(SAMPLES):
        bcrypt.hashpw(f"longenough-{number}".encode(), bcrypt.gensalt(ROUNDS))
    return (time.monotonic() - began) / SAMPLES


def _known() -> str:
    from tests.installation import PASSPHRASE

    return PASSPHRASE.reveal()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MAILBOXES)
