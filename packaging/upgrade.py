"""The package before this one, at work, replaced by this one: ``python packaging/upgrade.py [REVISION]``, as root.

In a minimal Debian the earlier .deb (of REVISION, else of the last tag) runs its engine, with an account at an emulated
cloud and a server being made. This .deb is installed under it, then the engine is killed. Its next start must bring the
database here after a copy, and go on with the job or ask; rolled back, the job leaves nothing at the cloud. Then back
to the earlier .deb: it must refuse the database with a remedy, and change nothing. Run by ``make package-test``.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import Request, urlopen

from products import previous
from products.place import DIST, ROOT, Refused, need, version
from products.root import HOME, Root

SUITE = "bookworm"
TOKEN, PASSPHRASE = "dop_v1_" + "0" * 16, "a passphrase of the upgrade test"
NAME = "mx1.example.net"
WAIT_S = 60.0
UNDER_WAY, DATABASE = 7, 4  # exit codes, docs/guide/command-line.md
COMMAND = f"""#!/bin/sh
exec 3<{HOME}/passphrase
exec mailyard --passphrase-fd 3 "$@"
"""


def main(words: list[str]) -> int:
    """0 when the upgrade went well, and the way back was refused."""
    try:
        need("mmdebstrap", "mmdebstrap")
        before, now = previous.deb(*words), DIST / f"mailyard_{version()}_amd64.deb"
        if not now.exists():
            raise Refused("there is no package yet: make package")
        with cloud() as address, Root(SUITE) as root:
            Upgrade(root, address, before, now).run()
    except Refused as refusal:
        print(f"failed: {refusal}", file=sys.stderr)
        return 1
    return 0


class Upgrade:
    """One walk through it; every method raises Refused where something is not as promised."""

    def __init__(self, root: Root, cloud_at: str, before: Path, now: Path) -> None:
        self._root, self._cloud_at = root, cloud_at
        self._before, self._now = root.bring(before), root.bring(now)

    def run(self) -> None:
        say(f"the earlier package: {Path(self._before).name}")
        self._root.install(self._before)
        self._prepare()
        self._start_engine()
        job = self._order()
        say("this package, under the engine at work; then the engine is killed")
        self._root.install(self._now)
        self._stop_engine("KILL")
        self._start_engine()
        self._migrated()
        self._goes_on(job)
        self._end_job(job)
        self._stop_engine("TERM")
        self._way_back()

    def _prepare(self) -> None:
        self._root.home("passphrase").write_text(PASSPHRASE + "\n")
        self._root.home("m").write_text(COMMAND)
        self._root.run("chmod", "755", f"{HOME}/m")
        self._root.run("chown", "-R", "person", HOME)

    def _order(self) -> str:
        """A server that is made, and whose first login never comes: nothing stands behind this cloud. The job's id."""
        add = f"account add agency --provider digitalocean --endpoint-url {self._cloud_at} --token-stdin"
        self._root.as_person(f"echo {TOKEN} | ./m {add}")
        order = f"server create {NAME} --account agency --region fra1 --plan s-1vcpu-2gb --yes"
        self._expect(f"--wait 1 {order}", UNDER_WAY)
        (job,) = (each["id"] for each in self._json("jobs list --json") if each["about"] == NAME)
        until(lambda: droplets(self._cloud_at), "the server at the cloud")
        until(lambda: self._step(job) == "ssh", "the job's first login")
        say("a server is there, and its job waits for the first login")
        return str(job)

    def _migrated(self) -> None:
        copies = sorted(self._root.home(".local/share/mailyard/copies").glob("*/app.db"))
        if not copies:
            raise Refused("the database was not copied before it was changed.")
        doctor = self._root.as_person("./m doctor", check=False).stdout
        if "sound" not in doctor:
            raise Refused(f"the databases are not sound after the upgrade: {doctor}")
        say(f"the database was copied ({copies[-1].parent.name}) and brought here")
        print(doctor)

    def _goes_on(self, job: str) -> None:
        state = self._json(f"jobs show {job} --json")["job"]["state"]
        if state not in ("running", "waiting_for_you"):
            raise Refused(f"the job in flight is {state} after the upgrade.")
        until(lambda: self._step(job) == "ssh" or state != "running", "the step at which the job was")
        if len(droplets(self._cloud_at)) != 1:
            raise Refused(f"{len(droplets(self._cloud_at))} servers at the cloud instead of one.")
        say(f"the job is {state.replace('_', ' ')}; one server at the cloud")

    def _end_job(self, job: str) -> None:
        self._root.as_person(f"./m --wait {WAIT_S:.0f} jobs cancel {job}", check=False)
        self._root.as_person(f"./m --wait {WAIT_S:.0f} jobs roll-back {job} --yes")
        if droplets(self._cloud_at):
            raise Refused("the server is still at the cloud after the job was rolled back.")
        say("rolled back by this program: nothing is left at the cloud")

    def _way_back(self) -> None:
        say("back to the earlier package, which does not know this database")
        self._root.install(self._before)
        before = self._fingerprint()
        told = self._expect("jobs list", DATABASE)
        if self._fingerprint() != before:
            raise Refused("the earlier program changed a database that it does not know.")
        print(told)
        self._root.install(self._now)
        self._expect("jobs list", 0)
        say("refused with a remedy, nothing changed; with this package again all is there")

    def _start_engine(self) -> None:
        log = self._root.home("engine.log")
        starts = log.read_text().count("engine running") if log.exists() else 0
        self._root.as_person("setsid nohup ./m engine run >>engine.log 2>&1 & echo $! >engine.pid")
        until(lambda: log.exists() and log.read_text().count("engine running") > starts, "the engine")

    def _stop_engine(self, signal: str) -> None:
        self._root.as_person(f"kill -{signal} $(cat engine.pid)")
        until(lambda: self._root.as_person("kill -0 $(cat engine.pid)", check=False).returncode, "the engine's end")

    def _expect(self, words: str, code: int) -> str:
        done = self._root.as_person(f"./m {words}", check=False)
        if done.returncode != code:
            said = done.stdout + done.stderr
            raise Refused(f"mailyard {words} ended with {done.returncode} instead of {code}: {said[-600:]}")
        return (done.stdout + done.stderr).strip()

    def _json(self, words: str) -> Any:
        return json.loads(self._root.as_person(f"./m {words}").stdout)

    def _step(self, job: str) -> str:
        steps = self._json(f"jobs show {job} --json")["steps"]
        return next((str(each["key"]) for each in steps if each["state"] == "running"), "")

    def _fingerprint(self) -> str:
        """Of both databases, when nothing has them open."""
        files = [self._root.home(f".local/share/mailyard/{name}.db") for name in ("app", "jobs")]
        return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@contextmanager
def cloud() -> Iterator[str]:
    """The address of an emulated DigitalOcean, outside of the root: packages come and go, a cloud stays."""
    python = ROOT / ".cache/package/bin/python"
    with TemporaryDirectory() as folder:
        command = [str(python), "-m", "backend.demo.digitalocean", "--state", folder, "--port", "0", "--speed", "20"]
        surroundings = {**os.environ, "MAILYARD_EMULATOR_TOKEN": TOKEN}
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=surroundings)
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[1]
        finally:
            process.terminate()
            process.communicate()


def droplets(address: str) -> list[Any]:
    asked = Request(f"{address}/v2/droplets", headers={"Authorization": f"Bearer {TOKEN}"})
    with urlopen(asked, timeout=10) as answer:
        found: list[Any] = json.load(answer)["droplets"]
    return found


def until(condition: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise Refused(f"waited {WAIT_S:.0f} s for {what}.")
        time.sleep(0.5)


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
