# The commands of the project; each does its own set-up. `make run PYTHON=python3.12` names the Python to use.
.POSIX:
.PHONY: run test test-all check soak screenshots lock package package-test clean
SET_UP = sh packaging/set-up.sh
BIN = .venv/bin
PYTEST = QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest
# Judges what failed, tells what a run left behind, ends with the counts.
GATE = QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.gate
# Two at a time, each file by one of them, in the order of the files. Another number: make test WORKERS="-n 4".
WORKERS = -n 2
SHARED_OUT = $(WORKERS) --dist loadfile --no-loadscope-reorder

# Opens the console. Arguments for it: make run ARGS="doctor".
run:
	@$(SET_UP) run
	@$(BIN)/mailyard $(ARGS)

# Every test below a second, and of each kind of slow proof the quickest (tests/tiers.py), without a screen: about ten minutes.
test:
	@$(SET_UP) test
	@$(GATE) -m "not soak" --tier test $(SHARED_OUT) $(ARGS)

# Every test but the long runs. A part of them: make test-all ARGS=tests/stories. Their seconds: ARGS=--record-seconds.
test-all:
	@$(SET_UP) test
	@$(GATE) -m "not soak" --tier all $(SHARED_OUT) $(ARGS)

# The fast gate before each commit: no lab, under 90 s.
check:
	@$(SET_UP) check
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m tests.architecture
	@$(PYTEST) -q -m "not lab and not slow and not soak" $(SHARED_OUT) $(ARGS)

# The long runs: hours, as root: without the lab it would soak nothing, so that is a failure.
soak:
	@$(SET_UP) test
	@MAILYARD_REQUIRE=lab $(PYTEST) -m soak --timeout 0 $(ARGS)

# Every page in light, dark, 1366 x 768 and 200 % into screenshots/.
screenshots:
	@$(SET_UP) check
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.screenshots screenshots

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
