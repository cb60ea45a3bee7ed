"""What goes with a release: the list of parts (SBOM), third-party notices, sums, and their detached signature."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from products.place import DIST, ROOT, Refused, environment, need

PYTHON = ROOT / ".cache/package/bin/python"
KEY = "MAILYARD_SIGNING_KEY"
PRODUCTS = (".deb", ".rpm", ".run", ".exe", ".dmg", ".cdx.json")


def build() -> None:
    """dist/mailyard.cdx.json, dist/SHA256SUMS, and dist/SHA256SUMS.asc where a key is named."""
    bill_of_materials()
    sums = DIST / "SHA256SUMS"
    files = [path for path in sorted(DIST.iterdir()) if path.name.endswith(PRODUCTS)]
    sums.write_text("".join(f"{_sum(path)}  {path.name}\n" for path in files))
    sign(sums)


def bill_of_materials() -> None:
    """CycloneDX 1.6 of the locked dependencies, without a serial number or a time: the same for the same lock."""
    target = DIST / "mailyard.cdx.json"
    command = [str(PYTHON), "-m", "cyclonedx_py", "requirements", str(ROOT / "packaging/requirements/run.txt")]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible", "--output-file", str(target)]
    if subprocess.call(command, env=environment()):
        raise Refused("cyclonedx-py failed (see above).")


def sign(sums: Path) -> None:
    """By the GPG key whose fingerprint the environment names; without one nothing is signed, and that is said."""
    key = os.environ.get(KEY)
    if not key:
        print(f"SHA256SUMS is not signed: {KEY} names no key.")
        return
    need("gpg", "gnupg")
    command = ["gpg", "--batch", "--yes", "--local-user", key, "--armor", "--detach-sign", str(sums)]
    if subprocess.call(command):
        raise Refused("gpg failed (see above).")


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
