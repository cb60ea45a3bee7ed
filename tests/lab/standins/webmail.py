"""webmail: Debian's Roundcube, where whoever front brings is logged in already."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
import subprocess
from pathlib import Path

from tests.lab.standins.life import live_as
from tests.lab.standins.settings import FRONT, host_name, setting

ROOT, PLUGIN = Path("/var/lib/roundcube/public_html"), Path("/var/lib/roundcube/plugins/mailu")
TABLES = Path("/usr/share/roundcube/SQL/sqlite.initial.sql")
SETTINGS, SITE = Path("/etc/roundcube/config.inc.php"), Path("/etc/nginx/nginx.conf")
POOL = Path("/etc/php/8.2/fpm/pool.d/www.conf")
DATABASE, OVERRIDES = Path("/data/roundcube.db"), Path("/overrides")
PHP_SOCKET = "/run/php-fpm.sock"
#: The hooks are Roundcube's (its plugin API); the headers come from front, with a password for this session.
SIGN_ON = """<?php
class mailu extends rcube_plugin
{
    public function init()
    {
        $this->add_hook('startup', [$this, 'begin']);
        $this->add_hook('authenticate', [$this, 'identify']);
        $this->add_hook('login_after', [$this, 'arrive']);
    }

    public function begin($arguments)
    {
        if (empty($_SESSION['user_id'])) {
            $arguments['action'] = 'login';
        }
        return $arguments;
    }

    public function identify($arguments)
    {
        if (empty($_SERVER['HTTP_X_REMOTE_USER_TOKEN'])) {
            header('Location: sso.php', true, 302);
            exit;
        }
        $arguments['user'] = $_SERVER['HTTP_X_REMOTE_USER'];
        $arguments['pass'] = $_SERVER['HTTP_X_REMOTE_USER_TOKEN'];
        $arguments['cookiecheck'] = false;
        $arguments['valid'] = true;
        return $arguments;
    }

    public function arrive()
    {
        header('Location: index.php', true, 302);
        exit;
    }
}
"""


def main() -> None:
    SETTINGS.write_text(settings())
    SITE.write_text(site())
    POOL.write_text(pool())
    PLUGIN.mkdir(parents=True, exist_ok=True)
    (PLUGIN / "mailu.php").write_text(SIGN_ON)
    page = ROOT / "sso.php"
    page.unlink(missing_ok=True)
    page.symlink_to("index.php")
    if not DATABASE.exists():
        with sqlite3.connect(DATABASE) as connection:
            connection.executescript(TABLES.read_text())
    subprocess.run(["chown", "-R", "www-data:www-data", str(DATABASE.parent)])
    Path("/run/php").mkdir(exist_ok=True)
    subprocess.Popen(["php-fpm8.2", "--nodaemonize"])
    live_as(["nginx", "-g", "daemon off;"])


def settings() -> str:
    """Roundcube's configuration; overrides are read after it."""
    key = hmac.new(setting("SECRET_KEY").encode(), b"ROUNDCUBE", hashlib.sha256).hexdigest()[:24]
    unproven = "['ssl' => ['verify_peer' => false, 'verify_peer_name' => false, 'allow_self_signed' => true]]"
    includes = "".join(f"include('{path}');\n" for path in sorted(OVERRIDES.glob("*.inc.php")))
    return f"""<?php
$config['db_dsnw'] = 'sqlite:///{DATABASE}';
$config['des_key'] = '{key}';
$config['log_driver'] = 'stdout';
$config['temp_dir'] = '/dev/shm/';
$config['imap_host'] = 'tls://{FRONT}:10143';
$config['imap_conn_options'] = {unproven};
$config['smtp_host'] = 'tls://{FRONT}:10025';
$config['smtp_user'] = '%u';
$config['smtp_pass'] = '%p';
$config['smtp_conn_options'] = {unproven};
$config['product_name'] = 'Mailu Webmail';
$config['request_path'] = '{setting("WEB_WEBMAIL")}';
$config['trusted_host_patterns'] = ['{host_name()}'];
$config['plugins'] = ['mailu'];
$config['skin'] = 'elastic';
{includes}"""


def site() -> str:
    base = setting("WEB_WEBMAIL").rstrip("/")
    return f"""user www-data;
worker_processes 1;
error_log /dev/stderr notice;
pid /var/run/nginx.pid;
events {{ worker_connections 256; }}
http {{
include /etc/nginx/mime.types;
access_log off;
server {{
listen 80 default_server;
root {ROOT};
index index.php;
client_max_body_size {int(setting("MESSAGE_SIZE_LIMIT")) + 8 * 1024 * 1024};
location / {{ try_files $uri $uri/ /index.php$args; }}
location ~ [^/]\\.php(/|$) {{
include /etc/nginx/fastcgi_params;
fastcgi_pass unix:{PHP_SOCKET};
fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
fastcgi_param SCRIPT_NAME {base}$fastcgi_script_name;
fastcgi_buffers 16 32k;
fastcgi_buffer_size 64k;
}}
location = /ping {{
include /etc/nginx/fastcgi_params;
fastcgi_param SCRIPT_FILENAME /ping;
fastcgi_pass unix:{PHP_SOCKET};
}}
}}
}}
"""


def pool() -> str:
    """As few processes as will do."""
    return f"""[www]
user = www-data
group = www-data
listen = {PHP_SOCKET}
listen.owner = www-data
ping.path = /ping
pm = ondemand
pm.max_children = 4
catch_workers_output = yes
"""


if __name__ == "__main__":
    main()
