"""The source stands within every wall, and every wall sees a breach planted in it."""

from __future__ import annotations

import pytest

from tests.architecture.sizes import DATA_TABLE, largest
from tests.architecture.source import Source, sources
from tests.architecture.walls import WALLS, breaches

LONG_FUNCTION = "def told():\n" + "    x = 1\n" * 40

OF_ALL = "pytest.mark.tier('all', reason='it is long')"
VERSIONS = "backend/store/migrations/versions"
BREACHES = [
    ("long files", "app/pages/servers/page.py", "x = 1\n" * 351),
    ("long functions", "packaging/planted.py", LONG_FUNCTION),
    ("many parameters", "backend/fleet/planted.py", "def f(a, b, c, d, e, g): ..."),
    ("many parameters", "backend/fleet/planted.py", "class A:\n    def f(self, a, b, c, d, e, g): ..."),
    ("many parameters", "tests/planted.py", "def f(a, b, c, d, e, g): ..."),
    ("drawers", "app/shell/utils.py", ""),
    ("drawers", "backend/common/rows.py", ""),
    ("module docstrings", "widgets/planted.py", "x = 1"),
    ("homes", "app/system.py", 'Path.home() / "fonts"'),
    ("homes", "backend/core/secrets/keys.py", 'os.path.expanduser("~")'),
    ("star imports", "tests/planted.py", "from os import *"),
    ("stray Qt calls", "app/pages/servers/page.py", 'self.setStyleSheet("color: red")'),
    ("stray Qt calls", "app/pages/servers/page.py", "dialog.exec()"),
    ("stray Qt calls", "app/pages/servers/page.py", "Dialog(self).exec()"),
    ("stray Qt calls", "widgets/planted.py", "QApplication.processEvents()"),
    ("stray Qt calls", "widgets/planted.py", "QtWidgets.QTableWidget(3, 3)"),
    ("stray Qt calls", "widgets/planted.py", "from PySide6.QtWidgets import QTreeWidget"),
    ("stray Qt calls", "app/main_window.py", "QApplication.instance()"),
    ("stray Qt calls", "widgets/planted.py", "QtWidgets.QApplication.instance()"),
    ("guessed markup", "app/pages/servers/page.py", "self.check.setToolTip(row.name)"),
    ("guessed markup", "widgets/planted.py", "QToolTip.showText(where, row.name, self)"),
    ("guessed markup", "widgets/planted.py", "if role == Qt.ItemDataRole.ToolTipRole:\n    f()"),
    ("guessed markup", "app/pages/servers/page.py", "self.setWhatsThis(row.name)"),
    ("guessed markup", "app/pages/servers/page.py", "QMessageBox.warning(self, title, row.name)"),
    ("guessed markup", "app/pages/servers/page.py", "QInputDialog.getText(self, title, row.name)"),
    ("guessed markup", "app/shell/desktop/tray.py", "self._tray.showMessage(title, row.name)"),
    ("guessed markup", "widgets/planted.py", "chart.setTitle(row.name)"),
    ("guessed markup", "app/pages/servers/page.py", "label = QLabel(row.name)"),
    ("guessed markup", "widgets/planted.py", "class Badge(QtWidgets.QLabel):\n    pass"),
    ("guessed markup", "widgets/planted.py", "label.setTextFormat(Qt.TextFormat.AutoText)"),
    (
        "migrations in line",
        f"{VERSIONS}/0002_planted.py",
        'revision = "0002"\ndown_revision = "0001"',
    ),
    (
        "migrations in line",
        f"{VERSIONS}/0099_planted.py",
        'revision = "0098"\ndown_revision = "0098"',
    ),
    (
        "migrations in line",
        f"{VERSIONS}/0099_planted.py",
        'revision = "0099"\ndown_revision = "0097"',
    ),
    ("stray colours", "widgets/band.py", 'INK = "#1F5FBF"'),
    ("stray colours", "app/frame.py", 'INK = "#fff"'),
    ("stray Qt calls", "app/frame.py", "menu = QMenu(self)"),
    ("stray Qt calls", "widgets/planted.py", "class Acts(QtWidgets.QMenu): ..."),
    ("stray colours", "app/frame.py", "QColor(12, 14, 16)"),
    ("stray colours", "app/frame.py", 'QColor("red")'),
    ("stray colours", "app/frame.py", "painter.setPen(Qt.GlobalColor.red)"),
    ("lambdas on signals", "app/frame.py", "button.clicked.connect(lambda: self.close())"),
    ("catching everything", "app/shell/diagnostics/crash.py", "try:\n    f()\nexcept Exception:\n    pass"),
    ("catching everything", "backend/servers/planted.py", "try:\n    f()\nexcept (OSError, BaseException):\n    pass"),
    ("catching everything", "backend/servers/planted.py", "try:\n    f()\nexcept:\n    pass"),
    ("thread starts", "backend/servers/planted.py", "threading.Thread(target=f).start()"),
    ("thread starts", "app/main_window.py", "pool = ThreadPoolExecutor(2)"),
    ("thread starts", "app/main_window.py", "class Worker(QThread): ..."),
    ("thread starts", "widgets/planted.py", "threading.Timer(1, f)"),
    ("payloads read by a string", "backend/servers/planted.py", 'plan = request["plan"]'),
    ("payloads read by a string", "backend/servers/planted.py", 'plan = ctx.job.request.get("plan")'),
    ("payloads read by a string", "backend/accounts/planted.py", 'told = ctx.result("order", Ordered)["id"]'),
    ("payloads read by a string", "backend/overview/planted.py", 'told = ctx.result("order").get("id")'),
    ("payloads read by a string", "backend/servers/planted.py", 'said = ctx.answer["fingerprint"]'),
    ("payloads read by a string", "backend/servers/planted.py", 'said = self._payload[f"{key}"]'),
    ("payloads as mappings", "backend/servers/planted.py", "def accept(self, session, wanted: Mapping[str, Any]): ..."),
    ("payloads as mappings", "backend/servers/planted.py", "def steps(self, _request: dict[str, object]): ..."),
    (
        "payloads as mappings",
        "backend/workspaces/planted.py",
        "def rename(s, payload: 'dict[str, Any] | None'): ...",
    ),
    ("paths in strings", "app/places.py", 'PAGE = "app.pages.nowhere.page:Page"'),
    ("paths in strings", "app/places.py", 'PAGE = "app.pages.servers.page:Nobody"'),
    ("paths in strings", "app/places.py", 'PAGE = "app.shell.places:Page"'),
    ("paths in strings", "app/imports.py", 'NAMES = ("app.pages.nowhere",)'),
    ("paths in strings", "app/imports.py", 'NAMES = tuple(f"app.shell.{name}" for name in ("route", "nowhere"))'),
    ("paths in strings", "app/imports.py", 'NAMES = tuple(f"app.shell.{name}" for name in names())'),
    ("paths in strings", "app/planted.py", 'ROOM = "app.pages.settings"\nPAGE = f"{ROOM}.page:Nobody"'),
    ("paths in strings", "app/planted.py", 'from app.pages.settings.place import ROOM as R\nP = f"{R}.nowhere:Page"'),
    ("paths in strings", "tests/planted.py", 'monkeypatch.setattr("backend.store.changes.NOBODY", 2)'),
    ("paths in strings", "tests/planted.py", 'load(f"backend.nothing.{name}")'),
    ("reads past the scope", "backend/servers/planted.py", "from sqlalchemy import select, text"),
    ("reads past the scope", "backend/servers/planted.py", "from sqlalchemy.sql import literal_column as l"),
    ("reads past the scope", "backend/servers/planted.py", 'import sqlalchemy as sa\nsa.table("job")'),
    ("reads past the scope", "backend/servers/planted.py", 'import sqlalchemy.sql\nsqlalchemy.sql.text("job")'),
    ("reads past the scope", "backend/servers/planted.py", 'from sqlalchemy import sql\nsql.text("job")'),
    ("reads past the scope", "backend/engine/planted.py", "select(Job).from_statement(them)"),
    ("reads past the scope", "backend/engine/planted.py", "session.connection().scalar(them)"),
    ("reads past the scope", "app/cli/planted.py", "session.get_bind()"),
    ("words without gettext", "app/frame.py", 'Label("Servers")'),
    ("words without gettext", "app/frame.py", 'self.setWindowTitle("Servers")'),
    ("words without gettext", "app/frame.py", 'self.setToolTip(f"Server {name}")'),
    ("words without gettext", "app/frame.py", 'self.setAccessibleName("Search" if a else _("Find"))'),
    ("words without gettext", "app/frame.py", 'Button(_("Create"), "primary", name="Create it")'),
    ("words without gettext", "app/frame.py", 'QPushButton(text="Create")'),
    ("words without gettext", "widgets/planted.py", 'TEXT = "Nothing here yet"'),
    ("words without gettext", "backend/servers/planted.py", 'raise Refused("No", remedy=_("Wait."))'),
    ("words without gettext", "backend/servers/planted.py", 'raise Refused(_("No."), remedy="Wait")'),
    ("messages in pieces", "app/frame.py", '_(f"Server {name}")'),
    ("messages in pieces", "app/frame.py", '_("Server " + name)'),
    ("messages in pieces", "app/frame.py", '_("Server {name}".format(name=name))'),
    ("messages in pieces", "app/frame.py", '_("Server {}")'),
    ("messages in pieces", "app/frame.py", 'ngettext("%d server", "{count} servers", n)'),
    ("plurals by hand", "backend/servers/planted.py", '_("{n} servers, {gone} missing")'),
    ("plurals by hand", "app/frame.py", 'N_("{name} still has {count} servers")'),
    ("plurals by hand", "app/cli/planted.py", 'say(f"{count} jobs wait")'),
    ("plurals by hand", "app/cli/planted.py", 'say(f"there are {len(rows)} files")'),
    ("sleeps in tests", "tests/planted.py", "import time\ntime.sleep(1)"),
    ("sleeps in tests", "tests/app/test_planted.py", "import time as clock\nwait(pause=clock.sleep)"),
    ("sleeps in tests", "tests/planted.py", "from time import sleep\nsleep(1)  # house: sleeps,"),
    ("sleeps in tests", "tests/planted.py", "def test_it(qtbot):\n    qtbot.wait(50)"),
    ("sleeps in tests", "tests/planted.py", "self.qtbot.wait(50)"),
    ("sleeps in tests", "tests/planted.py", "QTest.qWait(50)"),
    ("sleeps in tests", "tests/planted.py", f"{OF_ALL}\nimport time\ndef test_it(): ...\ntime.sleep(1)"),
    ("chance without a seed", "tests/planted.py", "import random\nrandom.choice(names)"),
    ("chance without a seed", "tests/planted.py", "import random\nchance = random.Random()"),
    ("chance without a seed", "tests/planted.py", "import random\nchance = random.SystemRandom(3)"),
    ("chance without a seed", "tests/planted.py", "from random import randint as number\nsorted(names, key=number)"),
]

FINE = [
    ("payloads read by a string", "backend/engine/planted.py", 'kind = row.payload["kind"]'),
    ("payloads read by a string", "backend/servers/planted.py", 'size = offer.data["disk_gb"]'),
    ("payloads read by a string", "backend/servers/planted.py", "number = request.numbers[0]"),
    ("payloads as mappings", "backend/servers/planted.py", "def price(offers: Mapping[str, Offer]): ..."),
    ("long files", "widgets/tokens.py", f'"""Colours."""\n{DATA_TABLE}\n' + "x = 1\n" * 351),
    ("many parameters", "backend/fleet/planted.py", "class A:\n    def f(self, a, b, c, d, e, *, g, h): ..."),
    ("module docstrings", "backend/fleet/__init__.py", ""),
    ("stray Qt calls", "app/shell/appearance/theme.py", "application.setStyleSheet(sheet)"),
    ("stray Qt calls", "app/application.py", "return application.exec()"),
    ("stray Qt calls", "widgets/menu.py", "class Menu(QMenu): ..."),
    ("guessed markup", "widgets/tip.py", "thing.setToolTip(plain(text))"),
    (
        "guessed markup",
        "widgets/planted.py",
        "class L(QLabel):\n    def f(self):\n        self.setTextFormat(Qt.TextFormat.PlainText)",
    ),
    (
        "migrations in line",
        f"{VERSIONS}/0099_planted.py",
        'revision = "0099"\ndown_revision = "0098"',
    ),
    ("stray colours", "widgets/tokens.py", 'bg_window = "#F4F5F7"'),
    ("stray colours", "widgets/icons.py", "pixmap.fill(Qt.GlobalColor.transparent)"),
    ("stray colours", "widgets/icons.py", "QColor(theme.accent_text)"),
    ("lambdas on signals", "app/frame.py", "rows.connect(lambda row: row.key)"),
    ("catching everything", "backend/core/planted.py", "try:\n    f()\nexcept BaseException:\n    g()\n    raise"),
    ("thread starts", "backend/engine/probes.py", "threading.Thread(target=f)"),
    ("paths in strings", "app/planted.py", 'ROOM = "app.pages.settings"\nPAGE = f"{ROOM}.page:SettingsPage"'),
    ("paths in strings", "app/planted.py", 'NAMES = tuple(f"app.{name}" for name in ("finder", "places"))'),
    ("paths in strings", "app/planted.py", 'said = f"{name}.page:SettingsPage"'),
    (
        "paths in strings",
        "tests/planted.py",
        'setattr("backend.core.paths.DataFolder.prepare", "app.db", f"tests.app.{n}")',
    ),
    ("reads past the scope", "backend/store/planted.py", "from sqlalchemy import text\nsession.connection()"),
    ("reads past the scope", "app/frame.py", "name = self.edit.text()"),
    ("reads past the scope", "backend/servers/planted.py", "from sqlalchemy import select\nself.connection.close()"),
    ("words without gettext", "app/frame.py", 'Label(_("Servers"), "section")'),
    ("words without gettext", "app/frame.py", 'self.setWindowTitle("Mailyard")'),
    ("words without gettext", "app/frame.py", 'self.setText("-")'),
    ("words without gettext", "app/frame.py", 'log.warning("Nothing was found")'),
    ("words without gettext", "app/frame.py", 'TITLE = N_("Nothing here yet")'),
    ("messages in pieces", "app/frame.py", '_("Server {name}").format(name=name)'),
    ("messages in pieces", "app/frame.py", "_(command.title)"),
    ("plurals by hand", "app/frame.py", 'ngettext("{n} server", "{n} servers", many)'),
    ("plurals by hand", "app/frame.py", '_("A note has at most {n} characters.")'),
    ("plurals by hand", "app/cli/planted.py", 'say(f"{row.name} has no note.")'),
    ("sleeps in tests", "backend/demo/planted.py", "import time\ntime.sleep(1)"),
    ("sleeps in tests", "tests/planted.py", "import time\ntime.sleep(1)  # house: sleeps, it plays a slow server"),
    ("sleeps in tests", "tests/planted.py", 'import time\ntime.sleep(1)\nif __name__ == "__main__":\n    main()'),
    ("sleeps in tests", "tests/planted.py", "def test_it(time):\n    throttle(time.sleep)\n    qtbot.waitUntil(it)"),
    ("sleeps in tests", "tests/planted.py", f"import time\n@{OF_ALL}\ndef test_it():\n    time.sleep(1)"),
    ("sleeps in tests", "tests/planted.py", f"import time\npytestmark = [{OF_ALL}]\ntime.sleep(1)"),
    ("sleeps in tests", "tests/planted.py", "import time\n@pytest.mark.soak\ndef test_it():\n    time.sleep(1)"),
    ("chance without a seed", "tests/planted.py", "import random\nchance: random.Random = random.Random(7)"),
    ("chance without a seed", "tests/planted.py", "from random import Random\nRandom(x=7).choice(names)"),
]


@pytest.fixture(scope="module")
def project() -> list[Source]:
    return sources()


@pytest.mark.parametrize("wall", WALLS)
def test_the_source_stands_within(wall: str, project: list[Source]) -> None:
    assert [str(breach) for breach in breaches(project, wall)] == []


@pytest.mark.parametrize(("wall", "path", "text"), BREACHES)
def test_a_planted_breach_is_seen(wall: str, path: str, text: str) -> None:
    found = breaches([Source(path, text)], wall)

    assert {breach.path for breach in found} == {path}


@pytest.mark.parametrize(("wall", "path", "text"), FINE)
def test_what_is_fine_passes(wall: str, path: str, text: str) -> None:
    assert breaches([Source(path, text)], wall) == []


def test_every_wall_has_a_planted_breach() -> None:
    assert {wall for wall, _, _ in BREACHES} == set(WALLS)


def test_the_walls_see_the_whole_project(project: list[Source]) -> None:
    paths = {source.path for source in project}

    assert {"app/__main__.py", "widgets/tokens.py", "backend/bootstrap.py", "packaging/set_up.py"} <= paths
    assert "tests/architecture/test_walls.py" in paths


def test_the_ten_largest_are_the_longest(project: list[Source]) -> None:
    found = largest([*project, Source("app/planted.py", "x = 1\n" * 999), Source("app/other.py", LONG_FUNCTION)])

    assert len(found) == 10
    assert found[0] == ("999 of 350", "app/planted.py")
    assert ("41 of 40", "app/other.py:1 told") in found
