"""The throw-away cluster itself: fresh databases, and nothing left after its owner was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.installation import until
from tests.postgres.binaries import server_programs
from tests.postgres.cluster import Cluster
from tests.requirements import ROOT

OWNER = """
import sys, time
from pathlib import Path
from tests.postgres.cluster import Cluster
cluster = Cluster(Path(sys.argv[1]))
print(cluster.folder, (cluster.folder / "data" / "postmaster.pid").read_text().split()[0], flush=True)
time.sleep(120)
"""


def test_each_database_is_empty_and_its_own(new_postgres_database: Callable[[], str]) -> None:
    first, second = new_postgres_database(), new_postgres_database()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE only_here (n integer)")
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    with psycopg.connect(first) as one, psycopg.connect(second) as other:
        assert one.execute(tables).fetchone() == (1,)
        assert other.execute(tables).fetchone() == (0,)


def test_a_killed_owner_leaves_no_server_and_no_folder(postgres_cluster: Cluster) -> None:
    programs = server_programs()
    assert programs is not None
    command = [sys.executable, "-c", OWNER, str(programs)]
    owner = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    folder, pid = owner.stdout.readline().split()
    assert is_alive(int(pid))

    owner.send_signal(signal.SIGKILL)
    owner.wait(timeout=60)
    owner.stdout.close()

    until(lambda: not is_alive(int(pid)) and not Path(folder).exists(), "the cluster to end with its owner")
    assert postgres_cluster.folder.exists()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
