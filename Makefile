# The commands of the project; each does its own set-up. `make run PYTHON=python3.12` names the Python to use.
.POSIX:
.PHONY: run test test-all check soak screenshots lock package package-test clean
SET_UP = sh packaging/set-up.sh
BIN = .venv/bin
# Tests start hundreds of processes: none compiles again what another has compiled, whatever the shell says.
PYTEST = PYTHONDONTWRITEBYTECODE= QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest
# Judges what failed, tells what a run left behind, ends with the counts.
GATE = PYTHONDONTWRITEBYTECODE= QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.gate
# Four at a time on two cores, since most tests wait for something; each file by one of them, the longest first
# (tests/seconds.csv). Another number: make test WORKERS="-n 2".
WORKERS = -n 4
SHARED_OUT = $(WORKERS) --dist loadfile --no-loadscope-reorder

# Opens the console, which tells of Qt used off its thread. Arguments for it: make run ARGS="doctor".
run:
	@$(SET_UP) run
	@MAILYARD_WATCH_QT=1 $(BIN)/mailyard $(ARGS)

# Every test below a second, and of each kind of slow proof the quickest (tests/tiers.py), without a screen: about ten minutes.
test:
	@$(SET_UP) test
	@$(GATE) -m "not soak" --tier test $(SHARED_OUT) $(ARGS)

# Every test but the long runs. A part of them: make test-all ARGS=tests/stories. Their seconds: ARGS=--record-seconds.
test-all:
	@$(SET_UP) test
	@$(GATE) -m "not soak" --tier all $(SHARED_OUT) $(ARGS)

# The fast gate before each commit, under two minutes: no lab, and of the tests those near what changed since main.
check:
	@$(SET_UP) check
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m tests.architecture
	@$(PYTEST) -q -m "not lab and not slow and not soak" --tier test --near $(SHARED_OUT) $(ARGS)

# The long runs: hours, as root: without the lab it would soak nothing, so that is a failure.
soak:
	@$(SET_UP) test
	@MAILYARD_REQUIRE=lab $(PYTEST) -m soak --timeout 0 $(ARGS)

# Every page and dialog in light, dark, high contrast, 1920 x 1080, 200 %, German and pseudo-locale into screenshots/, and
# what the README shows into docs/pictures/. One look: make screenshots ARGS=dark.
screenshots:
	@$(SET_UP) check
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.screenshots screenshots $(ARGS)

# What people install, into dist/: .deb, .rpm, .run, SBOM, sums. Needs Debian 12 and its packages rpm and makeself.
package:
	@$(SET_UP) test
	@$(BIN)/python packaging/package.py $(ARGS)

# The .deb in minimal Debian 12 and 13 without Python: installed, tried, looked at, removed; the package before it
# replaced at work; the installer for Windows under wine; a new user's path in the bundle. After make package, as root.
package-test:
	@$(SET_UP) test
	@sh packaging/apt.sh "to try the packages" mmdebstrap wine wine64
	@$(BIN)/python packaging/chroot.py $(ARGS)
	@$(BIN)/python packaging/upgrade.py
	@MAILYARD_REQUIRE=wine $(PYTEST) tests/packaging/test_windows.py
	@MAILYARD_REQUIRE=lab MAILYARD_PROGRAM=$$PWD/dist/mailyard/mailyard $(PYTEST) --lab tests/desktop tests/stories/test_self_test.py

# The newest versions that pyproject.toml allows, with their hashes, into packaging/requirements/.
lock:
	@$(SET_UP) check
	@$(BIN)/python packaging/lock.py

clean:
	rm -rf .venv .cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist screenshots *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
