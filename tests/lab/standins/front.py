"""front: nginx for 25, 80 and 443, and a Dovecot that hands all other mail ports on once admin agrees to a login."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tests.lab.standins.front_mail import LOGIN, login_script, proxy_settings
from tests.lab.standins.front_web import nginx_settings
from tests.lab.standins.life import live_as
from tests.lab.standins.settings import setting

NGINX, PROXY = Path("/etc/nginx/nginx.conf"), Path("/etc/dovecot/proxy.conf")
LOOK_S = 1.0


def main() -> None:
    pair = certificate_pair()
    configure(pair)
    subprocess.run(["dovecot", "-c", str(PROXY)])  # without its certificate it ends here, and nobody tries again
    if setting("TLS_FLAVOR") in ("cert", "mail"):
        threading.Thread(target=watch, args=(pair,), daemon=True).start()
    live_as(["nginx", "-g", "daemon off;"])


def certificate_pair() -> tuple[str, str] | None:
    """Files of the certificate and its key, there or not; none without TLS."""
    flavor = setting("TLS_FLAVOR")
    if flavor == "notls":
        return None
    if "letsencrypt" in flavor:
        folder = "/certs/letsencrypt/live/mailu"
        return f"{folder}/nginx-chain.pem", f"{folder}/privkey.pem"
    return f"/certs/{setting('TLS_CERT_FILENAME')}", f"/certs/{setting('TLS_KEYPAIR_FILENAME')}"


def configure(pair: tuple[str, str] | None) -> None:
    """Write both programs' settings, and let those that run read them again."""
    is_missing = pair is not None and not all(map(os.path.exists, pair))
    if is_missing:
        print("Missing cert or key file, disabling TLS", flush=True)
    NGINX.write_text(nginx_settings(pair, is_missing=is_missing))
    PROXY.write_text(proxy_settings(pair))
    LOGIN.write_text(login_script())
    subprocess.run(["killall", "-q", "-HUP", "nginx", "dovecot"])


def watch(pair: tuple[str, str] | None) -> None:
    """Look at the pair once a second: new files change the settings, other contents are only read again."""
    seen = look(pair or ())
    while True:
        time.sleep(LOOK_S)
        now = look(pair or ())
        if [each is None for each in now] != [each is None for each in seen]:
            print("Reconfiguring system", flush=True)
            configure(pair)
        elif now != seen:
            print("Reloading a running nginx and a running dovecot", flush=True)
            subprocess.run(["nginx", "-s", "reload"])
            subprocess.run(["doveadm", "-c", str(PROXY), "reload"])
        seen = now


def look(files: Sequence[str]) -> list[tuple[int, int] | None]:
    """What tells a file from what it was: its place on the disk and its last change."""
    return [(file.stat().st_ino, file.stat().st_mtime_ns) if file.exists() else None for file in map(Path, files)]


if __name__ == "__main__":
    main()
