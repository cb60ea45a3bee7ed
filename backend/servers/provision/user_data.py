"""Takes the first contact's secrets off a machine's disk: cloud-init keeps the user-data it was given, in many places.

The provider's metadata service still has them and always will: therefore the host key of the first contact is replaced
before this, and the nonce proves nothing a second time.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.ssh.session import SshSession

SCRIPT = "/root/.mailyard-forget.py"
FOLDERS = "/var/lib/cloud /run/cloud-init /etc/cloud /var/log"
# Its copies of user-data, and what it made of them; obj.pkl is the data source it would restore them from at a boot.
SCRUB = r"""
import glob, os, pickle, sys

lasting = sys.stdin.read()
def write(path, data):
    fresh = path + ".mailyard-new"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    os.replace(fresh, path)
for pattern in ("instances/*/user-data.txt", "instances/*/user-data.txt.i", "instances/*/cloud-config.txt",
                "seed/*/user-data"):
    for path in glob.glob("/var/lib/cloud/" + pattern):
        write(path, lasting.encode())
for pattern in ("/run/cloud-init/instance-data-sensitive.json", "/run/cloud-init/combined-cloud-config.json"):
    for path in glob.glob(pattern):
        os.remove(path)
for path in glob.glob("/var/lib/cloud/instances/*/obj.pkl"):
    with open(path, "rb") as file:
        source = pickle.load(file)
    source.userdata_raw, source.userdata = lasting, None
    for holder in ("metadata", "metadata_full", "ec2_metadata"):
        found = getattr(source, holder, None)
        if isinstance(found, dict):
            for name in ("user_data", "user-data"):
                found.pop(name, None)
    write(path, pickle.dumps(source))
"""


def forget_user_data(ssh: SshSession, lasting: str, secrets: Sequence[str]) -> list[str]:
    """Leave ``lasting`` where the user-data was; the files that still hold one of ``secrets`` all the same.

    :raises SshError: the script failed.
    """
    ssh.put(SCRIPT, SCRUB.encode())
    ssh.check(f"python3 {SCRIPT}; code=$?; rm -f {SCRIPT}; exit $code", stdin=lasting)
    left = ssh.run(f"grep -rlF -f - {FOLDERS} 2>/dev/null", stdin="".join(f"{secret}\n" for secret in secrets))
    return left.stdout.split()
