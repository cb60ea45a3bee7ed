"""The schema: a workspace in every key, the migrations make exactly the models, moments are UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Uuid, select, text
from sqlalchemy.exc import StatementError

from backend.core.paths import DataFolder
from backend.store import metrics_schema
from backend.store.database import Store, StoreAddress
from backend.store.migrate import migrate
from backend.store.schema import Base
from backend.store.schema.fleet import Workspace
from backend.store.scope import ENGINE_SCOPE
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import ANNA, row_of

OWNERLESS = {"metrics_version"}  # one number about the file itself, no row of anybody
METADATA = {"app": Base.metadata, "metrics": metrics_schema.metadata}


@pytest.mark.parametrize("part", METADATA)
def test_the_workspace_is_part_of_every_primary_and_foreign_key(part: str) -> None:
    assert keys_without_owner(METADATA[part]) == []


def keys_without_owner(metadata: MetaData) -> list[str]:
    faults = []
    for table in metadata.sorted_tables:
        if table.name in OWNERLESS:
            continue
        if "tenant_id" not in table.primary_key.columns or not isinstance(table.c.tenant_id.type, Uuid):
            faults.append(f"the key of {table.name}")
        for constraint in table.foreign_key_constraints:
            if "tenant_id" not in [element.column.name for element in constraint.elements]:
                faults.append(f"{constraint.name} of {table.name}")
    return faults


def test_the_migrations_make_what_the_models_say(any_store: Store) -> None:
    with any_store.engine("app").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_second_migration_of_the_same_store_does_nothing(any_store: Store, folder: DataFolder) -> None:
    assert not migrate(any_store, folder, NOW)


ZONES = [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=9))]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_moment_of_any_zone_comes_back_as_the_same_moment_in_utc(any_store: Store, zone: timezone) -> None:
    moment = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=zone)
    with any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Workspace, ANNA, created_at=moment))
    with any_store.read(ENGINE_SCOPE) as session:
        found = session.scalars(select(Workspace.created_at).where(Workspace.created_at == moment)).one()
    assert (found, found.tzinfo) == (moment, UTC)


def test_a_moment_is_utc_though_the_database_server_lives_elsewhere(
    postgres_url: str, folder: DataFolder, open_store: Callable[[StoreAddress], Store]
) -> None:
    store = open_store(StoreAddress.on_server(postgres_url))
    migrate(store, folder, NOW)
    with store.engine("app").begin() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"ALTER DATABASE {name} SET timezone TO 'Asia/Kolkata'"))
    store.close()
    with store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Workspace, ANNA, created_at=NOW))
    with store.read(ENGINE_SCOPE) as session:
        found = session.scalars(select(Workspace.created_at)).one()
    assert found.isoformat() == NOW.isoformat()


def test_a_moment_without_a_zone_never_reaches_the_store(any_store: Store) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="without a zone"), any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Workspace, uuid4(), created_at=naive))
