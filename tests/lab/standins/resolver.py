"""resolver: an unbound that goes to the root by itself, and keeps every answer for five minutes."""

from __future__ import annotations

import os
from pathlib import Path

from tests.lab.standins.settings import setting

FOLDER = Path("/etc/unbound")
#: The zones that unbound would answer for itself, and in the lab are others'.
OURS = ("test.", "10.in-addr.arpa.")


def main() -> None:
    (FOLDER / "unbound.conf").write_text(settings())
    os.execvp("unbound", ["unbound", "-d", "-p", "-c", str(FOLDER / "unbound.conf")])


def settings() -> str:
    """``root.hints`` and ``anchor`` came with the image, as the real root's do."""
    zones = "".join(f'  local-zone: "{zone}" nodefault\n' for zone in OURS)
    return f"""server:
  directory: "{FOLDER}"
  chroot: ""
  username: ""
  use-syslog: no
  logfile: ""
  interface: 0.0.0.0
  do-ip6: no
  access-control: {setting("SUBNET")} allow
  root-hints: "{FOLDER}/root.hints"
  trust-anchor-file: "{FOLDER}/anchor"
  cache-min-ttl: 300
  hide-identity: yes
  hide-version: yes
  unblock-lan-zones: yes
{zones}remote-control:
  control-enable: yes
  control-interface: /run/unbound.control
"""


if __name__ == "__main__":
    main()
