"""Writes packaging/requirements/ anew: the newest versions that pyproject.toml allows, with their hashes."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "packaging/requirements"
TOOLS = ROOT / ".cache/lock"
UV = "uv==0.13.9"
#: One lock for all systems and Pythons. The plain form says the least: no index, no folder, no date.
OPTIONS = (
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-annotate",
    "--no-header",
    "--no-config",
)


def main() -> None:
    """The tests' lock first; the others are parts of it and take their versions from there."""
    uv = install_uv()
    test = REQUIREMENTS / "test.txt"
    compile_lock(uv, test, "pyproject.toml", "--group=test", "--upgrade")
    same = f"--constraints={test}"
    compile_lock(uv, REQUIREMENTS / "run.txt", "pyproject.toml", same, "--upgrade")
    compile_lock(uv, REQUIREMENTS / "package.txt", "pyproject.toml", "--group=package", same, "--upgrade")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    build, lab = project["build-system"]["requires"], project["dependency-groups"]["lab"]
    compile_lock(uv, REQUIREMENTS / "build.txt", "-", same, "--upgrade", text="\n".join(build))
    compile_lock(uv, REQUIREMENTS / "lab.txt", "-", "--upgrade", text="\n".join(lab))
    print("Wrote packaging/requirements/. See what changed, then: make test")


def install_uv() -> Path:
    """uv in a folder of its own: the project does not need it for anything else."""
    subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], check=True)
    pip = [str(TOOLS / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV]
    subprocess.run(pip, check=True)
    return TOOLS / "bin/uv"


def compile_lock(uv: Path, target: Path, source: str, *options: str, text: str = "") -> None:
    """``source`` is pyproject.toml, or ``-`` for requirements in ``text``."""
    command = [str(uv), "pip", "compile", *OPTIONS, *options, f"--output-file={target}", source]
    # An output file that exists is read for preferred versions, and cut only at the end.
    subprocess.run(command, cwd=ROOT, input=text, text=True, check=True, stdout=subprocess.DEVNULL, env=settings())


def settings() -> dict[str, str]:
    """Only uv's own default index: another one could name packages that the others do not have."""
    return {name: value for name, value in os.environ.items() if not name.startswith("UV_")}


if __name__ == "__main__":
    main()
