"""The single instance of a window: its own person's later starts are heard, and nobody else's socket is taken for
one."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject

from app.shell.desktop.single_instance import SingleInstance
from backend.core.paths import DataFolder


@pytest.fixture
def instance(tmp_path: Path, qapp: object) -> Iterator[SingleInstance]:
    parent = QObject()
    opened = SingleInstance(DataFolder(tmp_path), parent)
    opened.open()
    yield opened
    opened.close()


def test_a_second_start_is_heard_by_the_window_of_the_same_folder(
    instance: SingleInstance, tmp_path: Path, qtbot: Any
) -> None:
    with qtbot.waitSignal(instance.activated):
        assert SingleInstance(DataFolder(tmp_path), instance).activate_running()

    assert not SingleInstance(DataFolder(tmp_path / "other"), instance).activate_running()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a folder's name is no part of it")
def test_a_second_start_is_heard_where_the_folder_of_temporary_files_has_a_long_name(
    tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setenv("TMPDIR", str(long))
    parent = QObject()
    first = SingleInstance(DataFolder(tmp_path), parent)
    first.open()
    try:
        with qtbot.waitSignal(first.activated):
            assert SingleInstance(DataFolder(tmp_path), parent).activate_running()
    finally:
        first.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the folder of sockets is the person's own")
def test_a_socket_of_another_user_is_none(
    instance: SingleInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = Path(instance._address)
    assert stat.S_IMODE(socket.stat().st_mode) & 0o077 == 0

    monkeypatch.setattr(os, "getuid", lambda: socket.stat().st_uid + 1)

    assert not SingleInstance(DataFolder(tmp_path), instance).activate_running()
