"""Runs a provider emulator as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import httpx

from tests.ec2.keys import access_key
from tests.ending import ends_with_us

ROOT = Path(__file__).parents[2]
TOKEN = "dop_v1_5f3c0e9a17b24d68"
#: How much faster than life; where a server takes minutes, faster still.
USUAL_SPEED = 20.0
ANSWER_S, END_S = 60.0, 60.0
SPEEDS = {"hetzner": 300.0, "hostwinds": 300.0}
#: Those that are no part of the product, by the module that runs them; and who takes another form of token.
MODULES = {"ec2": "tests.ec2", "route53": "tests.route53"}
FORMS = {"ec2": access_key, "route53": access_key}


class Emulator:
    """A running emulator of ``kind``; survives whoever talks to it, and its own restart on the same folder."""

    def __init__(
        self,
        folder: Path,
        *,
        kind: str = "digitalocean",
        mode: str = "document",
        speed: float | None = None,
        machines: str = "",
    ) -> None:
        self.kind = kind
        self._folder = folder
        pace = SPEEDS.get(kind, USUAL_SPEED) if speed is None else speed
        self._options = ["--mode", mode, "--speed", str(pace), *(["--machines", machines] if machines else [])]
        self.token = FORMS.get(kind, str)(TOKEN)
        self.url = ""
        self._port = 0
        self.start()

    def start(self) -> None:
        """Start (again) on the same folder, and on the same port after the first time."""
        module = MODULES.get(self.kind, f"backend.demo.{self.kind}")
        command = [sys.executable, "-m", module, "--state", str(self._folder)]
        self._process = subprocess.Popen(
            ends_with_us([*command, "--port", str(self._port), *self._options]),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "MAILYARD_EMULATOR_TOKEN": self.token, "PYTHONPATH": str(ROOT)},
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().split()
        assert line[:1] == ["ready"], "the emulator did not start"
        self.url = line[1]
        self._port = int(self.url.rsplit(":", 1)[1])
        self._control = httpx.Client(base_url=f"{self.url}/__emulator/", timeout=ANSWER_S)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._end()

    def close(self) -> None:
        was_there = self._process.poll() is None
        self._process.terminate()
        code = self._end()
        assert code == 0 or not was_there, f"the emulator ended with {code}"

    def fault(self, kind: str, method: str = "", path: str = "", **details: Any) -> None:
        """Strike the next matching request; see backend/demo/emulator/faults.py."""
        answer = self._control.post("faults", json={"kind": kind, "match": {"method": method, "path": path}, **details})
        assert answer.status_code == 200, answer.text

    def heal(self) -> None:
        self._control.delete("faults")

    def names(self, kind: Literal["servers", "snapshots", "reserved", "firewalls"]) -> list[str | None]:
        """What is there of a kind, by name; None where the provider keeps none."""
        return [each["name"] for each in self.counters()[kind]]

    def counters(self) -> dict[str, Any]:
        found: dict[str, Any] = self._control.get("counters").json()
        return found

    def seen(self, view: str) -> dict[str, Any]:
        """What an API lets be seen beside its own answers."""
        found: dict[str, Any] = self._control.get(view).json()
        return found

    def log(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._control.get("log").json()["requests"]
        return found

    def set(self, control: str, **values: Any) -> None:
        """Other controls: tokens, revoke, limits, quota, errored."""
        assert self._control.post(control, json=values).status_code == 200

    def call(self, control: str, **values: Any) -> dict[str, Any]:
        """A control that answers what came of it."""
        answer = self._control.post(control, json=values)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def offer(self, kind: str, slug: str, **changes: Any) -> None:
        """Change what is on offer: ``kind`` is regions, sizes or images, ``changes`` fields as the API names them."""
        self.set("catalogue", kind=kind, slug=slug, changes=changes)

    def reset(self) -> None:
        """As new: no servers, keys, faults, log or counters."""
        self.set("reset")

    def server_ids(self) -> list[str]:
        return [str(server["id"]) for server in self.counters()["servers"]]

    def client(self, token: str | None = None) -> httpx.Client:
        """A plain HTTP client for the API itself."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=ANSWER_S)

    def _end(self) -> int:
        self._control.close()
        code = self._process.wait(timeout=END_S)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code
