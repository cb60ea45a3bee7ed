"""DBOS, and nothing else about it: workflows on our own database engine, lanes as queue partitions.

The only module that imports dbos. A workflow's id is ``<job>:<run>``; its steps only carry booleans and step numbers,
since the truth about a job lies in the app database.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from dbos import DBOS, DBOSConfig, Serializer, SetEnqueueOptions, SetWorkflowID
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from backend.store.trouble import store_error

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from backend.engine.runner import JobRunner

log = logging.getLogger(__name__)

QUEUE = "jobs"
APPLICATION = "mailyard"
VERSION = "1"  # constant: each job kind carries its own version
AT_ONCE = 8
MOST_WORKERS = AT_ONCE + 4
POLL_S = 0.5
LEAVE_S = 1.0  # for DBOS to write down that the last runs ended
CHUNK = 500


#: Runs under way in this process.
_busy: set[tuple[UUID, UUID, int]] = set()


class _Json(Serializer):
    """Plain JSON in the jobs database instead of pickle."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=_exception)

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: N805 - the library's own signature
        return json.loads(serialized_data)

    def name(self) -> str:
        return "mailyard_json"


class Durable:
    """The durable engine of this process: at most one is launched at a time, because DBOS is a process-wide thing."""

    _launched: ClassVar[Durable | None] = None

    def __init__(
        self,
        engine: Engine,
        runner: JobRunner,
        *,
        executor: str,
        on_end: Callable[[UUID, int], None],
        poll_s: float = POLL_S,
    ) -> None:
        self._engine = engine
        self.runner = runner
        self._executor = executor
        self._on_end = on_end
        self._poll_s = poll_s

    def launch(self) -> None:
        """Start workers; runs that were cut off by a kill are picked up at once.

        :raises StoreError: the jobs database cannot be used.
        """
        if Durable._launched is not None:
            raise RuntimeError("another engine is launched in this process")
        logging.getLogger("dbos").addHandler(logging.NullHandler())
        Durable._launched = self
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _prepare_for_dbos)
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._engine.url.render_as_string(hide_password=False),
            "system_database_engine": self._engine,
            "dbos_system_schema": "jobs",
            "application_version": VERSION,
            "executor_id": self._executor,
            "serializer": _Json(),
            "enable_otlp": False,
            "log_level": "WARNING",
            "max_executor_threads": MOST_WORKERS,
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": self._poll_s,  # unused, but its sleep delays the end
        }
        try:
            DBOS(config=config)
            DBOS.launch()
            DBOS.register_queue(
                QUEUE,
                partition_concurrency=1,
                worker_concurrency=AT_ONCE,
                polling_interval_sec=self._poll_s,
                on_conflict="always_update",
            )
        except DBAPIError as error:
            Durable._launched = None
            DBOS.destroy()
            raise store_error(error) or error from error

    def close(self, *, wait_s: float = 5) -> None:
        """Stop taking runs and give running steps ``wait_s`` seconds; what is cut off resumes at the next start."""
        self.runner.close()
        _wait_while(lambda: bool(_busy), wait_s)
        if _busy:
            log.warning("%d steps still run while the engine ends", len(_busy))
        else:
            _wait_while(_is_any_pending, LEAVE_S)
        DBOS.destroy()
        Durable._launched = None

    def run_ended(self, _workspace: UUID, job_id: UUID, run: int) -> None:
        """Called on the run's own thread."""
        self._on_end(job_id, run)

    @property
    def is_idle(self) -> bool:
        """Whether no step runs in this process (any more)."""
        return not _busy

    def start_run(self, workspace: UUID, job_id: UUID, run: int, *, lane: str, priority: int) -> None:
        """Queue run ``run`` of a job in its lane; the same run twice is one run."""
        with (
            SetWorkflowID(run_id(job_id, run)),
            SetEnqueueOptions(queue_partition_key=lane, priority=priority),
        ):
            DBOS.enqueue_workflow(QUEUE, carry, str(workspace), str(job_id), run)

    def statuses(self, run_ids: list[str]) -> dict[str, str]:
        """DBOS's words for many runs (PENDING, ENQUEUED, SUCCESS, ERROR ...); those it does not know are left out."""
        found: dict[str, str] = {}
        for start in range(0, len(run_ids), CHUNK):
            chunk = run_ids[start : start + CHUNK]
            rows = DBOS.list_workflows(workflow_ids=chunk, load_input=False, load_output=False)
            found |= {row.workflow_id: row.status for row in rows}
        return found

    def purge(self, before: datetime) -> int:
        """Forget runs that ended before that moment; the app database keeps what a person reads of them."""
        count = 0
        while True:
            rows = DBOS.list_workflows(
                completed_before=before.isoformat(), limit=CHUNK, load_input=False, load_output=False
            )
            if not rows:
                return count
            DBOS.delete_workflows([row.workflow_id for row in rows])
            count += len(rows)


def run_id(job_id: UUID, run: int) -> str:
    """The workflow id of one run of a job."""
    return f"{job_id}:{run}"


@DBOS.workflow(name="carry")
def carry(workspace: str, job_id: str, run: int) -> bool:
    """One run of a job: its steps in order up to the next stopping point."""
    durable = _current()
    key = (UUID(workspace), UUID(job_id), run)
    _busy.add(key)
    try:
        return _carry(durable.runner, key)
    finally:
        _busy.discard(key)
        durable.run_ended(*key)


def _carry(runner: JobRunner, key: tuple[UUID, UUID, int]) -> bool:
    numbers = DBOS.run_step({"name": "steps"}, runner.steps_to_run, *key)
    if not numbers:
        return False
    for number in numbers:
        if not DBOS.run_step({"name": number}, runner.execute, *key, int(number)):
            return False
    DBOS.run_step({"name": "finish"}, runner.finish, *key)
    return True


def _current() -> Durable:
    if Durable._launched is None:
        raise RuntimeError("no engine is launched in this process")
    return Durable._launched


def _is_any_pending() -> bool:
    return bool(DBOS.list_workflows(status="PENDING", limit=1, load_input=False, load_output=False))


def _wait_while(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while condition() and time.monotonic() < end:
        time.sleep(0.02)


def _exception(value: object) -> object:
    if isinstance(value, BaseException):
        return {"error": type(value).__name__}
    raise TypeError(type(value).__name__)


def _prepare_for_dbos(connection: sqlite3.Connection, _record: object) -> None:
    """SQLite before 3.42 lacks ``unixepoch('subsec')``, which DBOS's limits are computed with."""
    if sqlite3.sqlite_version_info < (3, 42):
        connection.create_function("unixepoch", -1, _unixepoch)


def _unixepoch(*arguments: str) -> float:
    return time.time() if "subsec" in arguments or "subsecond" in arguments else float(int(time.time()))
