"""Builds what people install: the bundle, and from it .deb, .rpm, .run, SBOM, sums and notice, into dist/.

``python packaging/package.py [bundle|deb|rpm|run|release|notice|sizes]...``; without words, all.
Run by ``make package``.
Everything is built in an environment of its own with locked tools; two builds of one commit are the same, byte by byte.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from products import debian, notice, redhat, release, run_file, sizes
from products.place import BUNDLE, DIST, ROOT, Refused, environment, moment, need, same_times, version

TOOLS = ROOT / ".cache/package"
PYTHON = TOOLS / "bin/python"
REQUIREMENTS = ROOT / "packaging/requirements"


def main(wanted: list[str]) -> int:
    """0 when all that was asked for lies in dist/."""
    products = {
        "bundle": bundle,
        "deb": debian.build,
        "rpm": redhat.build,
        "run": run_file.build,
        "release": release.build,
        "notice": notice.build,
        "sizes": sizes.build,
    }
    try:
        for word in wanted or list(products):
            if word not in products:
                raise Refused(f"There is no product {word!r}: {', '.join(products)}.")
            print(f"{word} ...", flush=True)
            products[word]()
    except Refused as refusal:
        print(f"Nothing more was built: {refusal}", file=sys.stderr)
        return 1
    for path in sorted(DIST.iterdir()):
        if path.is_file():
            print(f"{path.stat().st_size / 1e6:8.1f} MB  {path.name}")
    return 0


def bundle() -> None:
    """dist/mailyard: the program and everything it needs but the system's libraries."""
    prepare_tools()
    shutil.rmtree(BUNDLE, ignore_errors=True)
    work = ROOT / "build/bundle"
    shutil.rmtree(work, ignore_errors=True)
    command = [str(PYTHON), "-m", "PyInstaller", "--noconfirm", "--log-level=WARN"]
    command += [f"--distpath={DIST}", f"--workpath={work}", "packaging/bundle/mailyard.spec"]
    if subprocess.call(command, cwd=ROOT, env=environment()):
        raise Refused("PyInstaller failed (see above).")
    strip()
    (BUNDLE / "_internal" / "version").write_text(f"{version()}\n{moment()}\n")
    same_times(BUNDLE)


def strip() -> None:
    """Python's own files only: wheels come stripped, and those whose libraries were moved into them break by it."""
    need("strip", "binutils")
    inside = BUNDLE / "_internal"
    for path in (*inside.glob("libpython3*"), *inside.glob("python3*/lib-dynload/*.so")):
        subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)


def prepare_tools() -> None:
    """An environment with the locked dependencies of the program and the locked tools; nothing of the tests."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], check=True)
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-deps"]
    for lock in ("build.txt", "run.txt", "package.txt"):
        subprocess.run([*pip, "--require-hashes", "-r", str(REQUIREMENTS / lock)], check=True, env=quiet)
    subprocess.run([*pip, "--no-build-isolation", "-e", str(ROOT)], check=True, env=quiet)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
