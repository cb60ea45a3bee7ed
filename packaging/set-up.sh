#!/bin/sh
# Everything between a fresh clone and a started program: finds a Python, then hands over to packaging/set_up.py.
# Usage: packaging/set-up.sh run|check|test|lock
set -eu
cd "$(dirname "$0")/.."

# Whether a command is a Python 3.11, 3.12 or 3.13 that runs.
is_suitable() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

# Whether it can make virtual environments: Debian keeps that in a package of its own.
makes_environments() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

# Sets "python" to the first one that does both, and "bare" to the first that only lacks the venv module.
find_python() {
    python='' bare=''
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        is_suitable "$candidate" || continue
        if makes_environments "$candidate"; then
            python=$candidate
            return 0
        fi
        bare=${bare:-$candidate}
    done
    return 1
}

# What Debian calls what is missing. The version of "bare" is asked for: it need not be the system's own.
missing_packages() {
    if [ -z "$bare" ]; then
        echo python3 python3-venv
    else
        "$bare" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])'
    fi
}

refuse() {
    if [ -n "$bare" ]; then
        echo "Mailyard cannot be set up: $bare has no venv module. Install it (Debian: $(missing_packages))." >&2
    else
        echo "Mailyard needs Python 3.11, 3.12 or 3.13; there is $(python3 --version 2>/dev/null || echo none)." >&2
        echo "Install one, or name it: make $1 PYTHON=/path/to/python3.12" >&2
    fi
    exit 1
}

# Whether there is an environment that runs, made for this folder: the programs in it name their folder.
has_environment() {
    is_suitable .venv/bin/python && grep -qF " $(pwd -P)/.venv" .venv/pyvenv.cfg
}

if [ -z "${PYTHON:-}" ] && has_environment; then
    python=.venv/bin/python
elif ! find_python; then
    # A Python that somebody named is theirs to mend, and apt has no older or newer one than its release.
    [ -z "${PYTHON:-}" ] || refuse "$1"
    # shellcheck disable=SC2046
    sh packaging/apt.sh "to run Mailyard" $(missing_packages) || refuse "$1"
    find_python || refuse "$1"
fi
exec "$python" packaging/set_up.py "$@"
