"""One lab host: overlay root on a disk of its own, all namespaces, systemd as PID 1."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab import namespaces as ns
from tests.lab.cgroups import Cgroup

DEVICES = (("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0))
LINKS = (
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
)
LXCFS_FILES = ("meminfo", "stat", "cpuinfo", "uptime", "loadavg", "swaps", "diskstats")
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "container": "lab",
    "HOME": "/root",
    "TERM": "linux",
}
FIRST_BOOT_MARK = "/etc/.lab-first"
REBOOTED = 64 + signal.SIGHUP


@dataclass
class Host:
    """What the daemon knows of a host; ``pid`` is its init seen from the lab, None while it is off."""

    name: str
    ip: str
    region: str
    memory_mb: int
    cpus: float
    disk_mb: int
    user_data: str | None = None
    image: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    status: str = "off"
    pid: int | None = None
    shim: int | None = None
    boots: int = 0


@dataclass(frozen=True)
class Place:
    """Where a lab keeps things: run folder, base root, images, cgroup name, lxcfs mount (None without lxcfs)."""

    run: str
    base: str
    images: str
    lab: str
    lxcfs: str | None

    def folder(self, host: Host) -> str:
        return f"{self.run}/hosts/{host.name}"


def make_disk(place: Place, host: Host) -> None:
    """A sparse ext4 image on a loop device: a real disk with real ENOSPC, not charged to the host's memory.

    The image is unlinked once mounted and the loop device clears itself, so nothing can be left behind.
    """
    template = Path(place.images) / f"template-{host.disk_mb}.img"
    if not template.exists():
        with template.open("wb") as file:
            file.truncate(host.disk_mb << 20)
        options = ["-q", "-F", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=1,nodiscard"]
        subprocess.run(["mkfs.ext4", *options, str(template)], check=True)
    image, folder = Path(place.images) / f"{host.name}.img", place.folder(host)
    os.makedirs(folder)
    subprocess.run(["cp", "--sparse=always", str(template), str(image)], check=True)
    subprocess.run(["mount", "-o", "loop,noatime", str(image), folder], check=True)
    image.unlink()
    for name in ("upper", "work", "root"):
        os.mkdir(f"{folder}/{name}")


def boot(place: Place, host: Host, back: socket.socket) -> None:
    """In a fresh child of the daemon: become the host. Sends init's pid and the TUN device over ``back``."""
    Cgroup(place.lab, host.name).join()
    ns.unshare(ns.NEWNS | ns.NEWUTS | ns.NEWIPC | ns.NEWNET | ns.NEWCGROUP)
    tun = ns.open_tun("eth0")
    ns.configure_network(host.ip)
    ns.set_host_name(host.name)
    root = f"{place.folder(host)}/root"
    _mount_root(place, host, root)
    _first_boot(host, root)
    ns.unshare(ns.NEWPID)  # right before the fork: any other child in between would become PID 1
    gate_read, gate_write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(gate_read)
        socket.send_fds(back, [str(pid).encode()], [tun])
        os.close(tun)
        back.close()
        os.close(gate_write)
        _pid, status = os.waitpid(pid, 0)
        os._exit(64 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)
    os.close(gate_write)
    os.read(gate_read, 1)
    ns.die_with_parent()
    back.close()
    os.close(tun)
    os.setsid()
    _become_init(place, root)


def _mount_root(place: Place, host: Host, root: str) -> None:
    folder = place.folder(host)
    lower = f"{place.images}/{host.image}:{place.base}" if host.image else place.base
    ns.mount("overlay", root, "overlay", 0, f"lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work")
    for name in ("proc", "sys", "dev", "run", "tmp"):
        os.makedirs(f"{root}/{name}", exist_ok=True)
    ns.mount("tmpfs", f"{root}/dev", "tmpfs", ns.NO_SUID, "size=1m,mode=755")
    for name in ("pts", "shm", "mqueue"):
        os.mkdir(f"{root}/dev/{name}")
    before = os.umask(0)
    for name, major, minor in DEVICES:
        os.mknod(f"{root}/dev/{name}", 0o20666, os.makedev(major, minor))
    os.umask(before)
    for name, target in LINKS:
        os.symlink(target, f"{root}/dev/{name}")
    ns.mount("devpts", f"{root}/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=620,gid=5")
    ns.mount("tmpfs", f"{root}/dev/shm", "tmpfs", ns.NO_SUID | ns.NO_DEV, "size=64m,mode=1777")
    ns.mount("tmpfs", f"{root}/run", "tmpfs", ns.NO_SUID | ns.NO_DEV, "size=64m,mode=755")
    ns.mount("sysfs", f"{root}/sys", "sysfs", ns.READ_ONLY | ns.NO_SUID | ns.NO_DEV | ns.NO_EXEC)
    Cgroup(place.lab, host.name).mount(root)


def _first_boot(host: Host, root: str) -> None:
    """Identity and cloud-init's seed, once; a host key of its own where user-data brings none."""
    if os.path.exists(root + FIRST_BOOT_MARK):
        return
    files = {
        "/etc/hostname": f"{host.name}\n",
        "/etc/hosts": f"127.0.0.1 localhost\n{host.ip} {host.name}\n",
        "/etc/machine-id": uuid.uuid4().hex + "\n",
        "/etc/resolv.conf": "",
        "/var/lib/cloud/seed/nocloud/meta-data": f"instance-id: {host.name}\nlocal-hostname: {host.name}\n",
        "/var/lib/cloud/seed/nocloud/user-data": host.user_data or "#cloud-config\n{}\n",
        FIRST_BOOT_MARK: "",
        **host.files,
    }
    for path, content in files.items():
        target = Path(root + path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():
            target.unlink()
        target.write_text(content)
        target.chmod(0o600 if "seed" in path or ".ssh" in path else 0o644)


def _become_init(place: Place, root: str) -> None:
    ns.mount("proc", f"{root}/proc", "proc", ns.NO_SUID | ns.NO_DEV | ns.NO_EXEC)
    Path(f"{root}/run/boot_id").write_text(f"{uuid.uuid4()}\n")
    ns.mount(f"{root}/run/boot_id", f"{root}/proc/sys/kernel/random/boot_id", None, ns.BIND)
    if place.lxcfs:
        for name in LXCFS_FILES:
            ns.mount(f"{place.lxcfs}/proc/{name}", f"{root}/proc/{name}", None, ns.BIND)
    os.makedirs(f"{root}/.old", exist_ok=True)
    ns.pivot_root(root, f"{root}/.old")
    os.chdir("/")
    ns.unmount("/.old")
    os.rmdir("/.old")
    console = os.open("/run/console.log", os.O_RDWR | os.O_CREAT | os.O_APPEND)
    nothing = os.open("/dev/null", os.O_RDWR)
    for target, source in ((0, nothing), (1, console), (2, console)):
        os.dup2(source, target)
    os.closerange(3, 1024)
    for number in range(1, 32):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execve("/sbin/init", ["/sbin/init"], ENVIRONMENT)
