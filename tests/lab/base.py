"""The root file system all lab hosts start from: Debian by mmdebstrap, trimmed so that it boots in a second, cached."""

from __future__ import annotations

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

SUITE = "bookworm"
PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "openssh-server",
    "iproute2",
    "procps",
    "ca-certificates",
    "python3",
    "cron",
    "sudo",
    "netbase",
    "cloud-init",
    "unattended-upgrades",
)
DPKG_OPTIONS = (
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/doc/*",
    "path-exclude=/usr/share/locale/*",
    "force-unsafe-io",
)
#: Units that are slow, or that reach for hardware a host does not have. logind stays: without it reboot prints errors.
MASKED = (
    "getty@.service",
    "console-getty.service",
    "serial-getty@.service",
    "systemd-udevd.service",
    "systemd-udev-trigger.service",
    "systemd-udevd-control.socket",
    "systemd-udevd-kernel.socket",
    "systemd-remount-fs.service",
    "systemd-update-utmp.service",
    "systemd-update-utmp-runlevel.service",
    "systemd-journal-flush.service",
    "systemd-binfmt.service",
    "systemd-hwdb-update.service",
    "systemd-firstboot.service",
    "systemd-modules-load.service",
    "systemd-sysctl.service",
    "systemd-timesyncd.service",
    "systemd-networkd-wait-online.service",
    "networking.service",
    "modprobe@.service",
    "dev-hugepages.mount",
    "dev-mqueue.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "sys-kernel-config.mount",
    "sys-fs-fuse-connections.mount",
    "proc-sys-fs-binfmt_misc.automount",
    "e2scrub_reap.service",
    "fstrim.timer",
    "logrotate.timer",
    "man-db.timer",
    "dpkg-db-backup.timer",
)
CLOUD_CONFIG = """datasource_list: [ NoCloud, None ]
locale: false
network: {config: disabled}
manage_resolv_conf: false
cloud_init_modules: [bootcmd, write-files, set_hostname, update_hostname, update_etc_hosts, users-groups, ssh]
cloud_config_modules: [ssh-import-id, runcmd]
cloud_final_modules: [scripts-user, final-message]
"""
RECIPE_VERSION = 3


def cache_folder() -> Path:
    """Where bases and other slow things are kept between runs."""
    return Path(os.environ.get("MAILYARD_CACHE") or Path.home() / ".cache" / "mailyard-lab")


def ensure_base() -> Path:
    """The base root's folder, built when missing (about a minute).

    :raises RuntimeError: mmdebstrap failed; its last words are in the message.
    """
    folder = cache_folder() / f"base-{_recipe_hash()}"
    if (folder / "etc/debian_version").exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(folder) + ".lock", timeout=600):
        if not (folder / "etc/debian_version").exists():
            _build(folder)
    return folder


def _recipe_hash() -> str:
    recipe = repr((SUITE, PACKAGES, DPKG_OPTIONS, MASKED, CLOUD_CONFIG, RECIPE_VERSION))
    return sha256(recipe.encode()).hexdigest()[:12]


def _build(folder: Path) -> None:
    fresh = folder.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    command = ["mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", "--format=directory"]
    command += [f"--dpkgopt={option}" for option in DPKG_OPTIONS]
    done = subprocess.run([*command, SUITE, str(fresh)], capture_output=True, text=True, timeout=580)
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise RuntimeError(f"the lab's base could not be built: {done.stderr[-800:]}")
    _trim(fresh)
    fresh.rename(folder)


def _trim(root: Path) -> None:
    for unit in MASKED:
        link = root / "etc/systemd/system" / unit
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    (root / "etc/cloud/cloud.cfg.d/90-lab.cfg").write_text(CLOUD_CONFIG)
    (root / "etc/machine-id").write_text("")
    (root / "etc/fstab").write_text("")
    for folder in ("var/lib/apt/lists", "var/cache/apt/archives"):
        shutil.rmtree(root / folder, ignore_errors=True)
        (root / folder / "partial").mkdir(parents=True)
