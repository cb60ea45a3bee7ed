"""DBOS, and nothing else about it: workflows on our own database engine, lanes as queue partitions.

The only module that imports dbos. A workflow's id is ``<job>:<run>``; its steps only carry booleans and step numbers,
since the truth about a job lies in the app database.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from dbos import DBOS, DBOSConfig, Serializer, SetEnqueueOptions, SetWorkflowID
from sqlalchemy import event

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from backend.engine.runner import JobRunner

log = logging.getLogger(__name__)

QUEUE = "jobs"
APPLICATION = "mailyard"
VERSION = "1"  # constant: each job kind carries its own version
AT_ONCE = 8
POLL_S = 0.5
KEPT_MS = 24 * 3600 * 1000


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

    _runner: ClassVar[JobRunner | None] = None

    def __init__(self, engine: Engine, runner: JobRunner, *, executor: str) -> None:
        self._engine = engine
        self._runner_here = runner
        self._executor = executor

    def launch(self) -> None:
        """Start workers; runs that were cut off by a kill are picked up at once."""
        logging.getLogger("dbos").addHandler(logging.NullHandler())
        Durable._runner = self._runner_here
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
            "max_executor_threads": AT_ONCE + 4,
            "use_listen_notify": False,
        }
        DBOS(config=config)
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=AT_ONCE,
            polling_interval_sec=POLL_S,
            on_conflict="always_update",
        )

    def close(self, *, wait_s: int = 5) -> None:
        """Stop taking runs and give running steps ``wait_s`` seconds; what is cut off resumes at the next start."""
        DBOS.destroy(workflow_completion_timeout_sec=wait_s)
        Durable._runner = None

    def start_run(self, workspace: UUID, job_id: UUID, run: int, *, lane: str, priority: int) -> None:
        """Queue run ``run`` of a job in its lane; the same run twice is one run."""
        with (
            SetWorkflowID(run_id(job_id, run)),
            SetEnqueueOptions(queue_partition_key=lane, priority=priority),
        ):
            DBOS.enqueue_workflow(QUEUE, carry, str(workspace), str(job_id), run)

    def status_of(self, job_id: UUID, run: int) -> str | None:
        """DBOS's word for a run (PENDING, ENQUEUED, SUCCESS, ERROR ...), None when it does not know it."""
        status = DBOS.get_workflow_status(run_id(job_id, run))
        return status.status if status else None

    def statuses(self, run_ids: list[str]) -> dict[str, str]:
        """DBOS's words for many runs at once."""
        if not run_ids:
            return {}
        return {each.workflow_id: each.status for each in DBOS.list_workflows(workflow_ids=run_ids)}


def run_id(job_id: UUID, run: int) -> str:
    """The workflow id of one run of a job."""
    return f"{job_id}:{run}"


@DBOS.workflow(name="carry")
def carry(workspace: str, job_id: str, run: int) -> bool:
    """One run of a job: its steps in order up to the next stopping point."""
    runner = _current()
    key = (UUID(workspace), UUID(job_id), run)
    numbers = DBOS.run_step({"name": "steps"}, runner.steps_to_run, *key)
    if not numbers:
        return False
    for number in numbers:
        if not DBOS.run_step({"name": number}, runner.execute, *key, int(number)):
            return False
    DBOS.run_step({"name": "finish"}, runner.finish, *key)
    return True


def _current() -> JobRunner:
    runner = Durable._runner
    if runner is None:
        raise RuntimeError("no engine is launched in this process")
    return runner


def _exception(value: object) -> object:
    if isinstance(value, BaseException):
        return {"error": type(value).__name__}
    raise TypeError(type(value).__name__)


def _prepare_for_dbos(connection: sqlite3.Connection, _record: object) -> None:
    """SQLite before 3.42 lacks ``unixepoch('subsec')``, which DBOS's limits are computed with."""
    if sqlite3.sqlite_version_info < (3, 42):
        connection.create_function("unixepoch", -1, _unixepoch)


def _unixepoch(*arguments: str) -> float:
    import time

    return time.time() if "subsec" in arguments or "subsecond" in arguments else float(int(time.time()))
