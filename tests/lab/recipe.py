"""What goes into the root file system of lab hosts, and what is taken out so that it boots in a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

#: Debian 12, and the one after it.
SUITE, NEXT_SUITE = "bookworm", "trixie"
PLAIN_PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "openssh-server",
    "iproute2",
    "procps",
    "ca-certificates",
    "curl",
    "python3",
    "cron",
    "sudo",
    "netbase",
    "iputils-ping",
    "cloud-init",
    "unattended-upgrades",
    "apt-utils",
    "less",
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
    "systemd-pstore.service",
    "networking.service",
    "modprobe@.service",
    "cloud-init-hotplugd.socket",
    "dev-hugepages.mount",
    "dev-mqueue.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "sys-kernel-config.mount",
    "sys-fs-fuse-connections.mount",
    "proc-sys-fs-binfmt_misc.automount",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "logrotate.timer",
    "man-db.timer",
    "dpkg-db-backup.timer",
)
#: Installed but not started by themselves: they want the internet, which no host has.
DISABLED = ("apt-daily.timer", "apt-daily-upgrade.timer")
#: Without the locale module, which fails where no locales are installed, and without keys that take long to make.
CLOUD_CONFIG = """datasource_list: [NoCloud, None]
locale: false
network: {config: disabled}
manage_resolv_conf: false
ssh_genkeytypes: [ed25519]
cloud_init_modules: [bootcmd, write-files, set_hostname, update_hostname, update_etc_hosts, users-groups, ssh]
cloud_config_modules: [ssh-import-id, set-passwords, ntp, timezone, runcmd]
cloud_final_modules: [package-update-upgrade-install, write-files-deferred, scripts-per-once, scripts-per-boot,
  scripts-per-instance, scripts-user, phone-home, final-message, power-state-change]
"""
#: What a host of any kind needs so that cloud-init makes it one.
HOST_FILES = {
    "etc/cloud/cloud.cfg.d/90-lab.cfg": CLOUD_CONFIG,
    "etc/cloud/ds-identify.cfg": "policy: enabled\n",
    "etc/machine-id": "",
    "etc/fstab": "",
    "etc/hostname": "lab\n",
}
RECIPE_VERSION = 6


@dataclass(frozen=True)
class Flavour:
    """A kind of root: its packages, units that are masked or not started, texts by their path in it, programs of this
    machine by theirs, and commands that are run in it at the end.
    ``suite`` is Debian's release.
    """

    name: str
    packages: tuple[str, ...]
    masked: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    programs: Mapping[str, Path] = field(default_factory=dict)
    commands: tuple[tuple[str, ...], ...] = ()
    suite: str = SUITE

    def digest(self) -> str:
        """Changes when anything changes that the built root depends on; of programs, their contents."""
        programs = [(path, sha256(source.read_bytes()).digest()) for path, source in sorted(self.programs.items())]
        fixed = sorted((name, value) for name, value in asdict(self).items() if name not in ("programs", "suite"))
        return sha256(repr((self.suite, fixed, programs, DPKG_OPTIONS, RECIPE_VERSION)).encode()).hexdigest()[:12]


PLAIN = Flavour("plain", PLAIN_PACKAGES, MASKED, DISABLED, HOST_FILES)
