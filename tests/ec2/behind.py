"""The moto server behind the front: started or found again, and asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlencode

import httpx

from tests.ec2.catalogue import images
from tests.ec2.query import Call
from tests.requirements import ROOT


class Moto:
    """Owner of the child. Where it is stands in ``folder``, so that a front started anew finds it."""

    def __init__(self, folder: Path) -> None:
        self._place = folder / "moto.json"
        self.is_new = not self._is_there()
        if self.is_new:
            self._start(folder)
        place = json.loads(self._place.read_text())
        self._pid = int(place["pid"])
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{place['port']}", timeout=60)
        self._lock = threading.Lock()

    def close(self) -> None:
        self._http.close()
        os.kill(self._pid, signal.SIGTERM)
        self._place.unlink()

    def reset(self) -> None:
        self._http.post("/moto-api/reset").raise_for_status()

    def ask(self, call: Call) -> httpx.Response:
        """The call as it is, with the parameters it has now. One at a time: moto has no locks of its own."""
        headers = {
            "authorization": f"AWS4-HMAC-SHA256 Credential={call.access_key}/20260101/{call.region}/{call.service}"
            "/aws4_request, SignedHeaders=host, Signature=0",
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        }
        with self._lock:
            return self._http.post("/", content=urlencode(call.parameters), headers=headers)

    def _is_there(self) -> bool:
        try:
            port = json.loads(self._place.read_text())["port"]
            return httpx.get(f"http://127.0.0.1:{port}/moto-api/data.json", timeout=60).is_success
        except (OSError, ValueError, httpx.HTTPError):
            return False

    def _start(self, folder: Path) -> None:
        """It ends when whoever started the front has ended."""
        listed = folder / "images.json"
        listed.write_text(json.dumps(images()))
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.ec2.moto", str(os.getppid()), str(listed)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        assert child.stdout is not None
        line = child.stdout.readline().split()
        assert line[:1] == ["ready"], "moto did not start"
        self._place.write_text(json.dumps({"pid": child.pid, "port": int(line[1])}))
