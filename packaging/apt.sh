#!/bin/sh
# Installs Debian packages where that is allowed: as root at once, else by sudo after a question at a terminal.
# Otherwise it names them and fails. Usage: packaging/apt.sh "what for" PACKAGE...
set -eu
what_for=$1
shift
[ $# -gt 0 ] || exit 0

name_them() {
    echo "$1" >&2
    echo "Missing $what_for, by their Debian names: $packages" >&2
    exit 1
}

packages=$*
if ! command -v apt-get >/dev/null; then
    name_them "This system has no apt-get, so nothing is installed for you."
fi
if [ "$(id -u)" -eq 0 ]; then
    as_root=''
elif [ ! -t 0 ]; then
    name_them "You are not root and nobody is at a terminal to be asked. Run: sudo apt-get install $packages"
elif ! command -v sudo >/dev/null; then
    name_them "You are not root and there is no sudo. Let root run: apt-get install $packages"
else
    echo "Packages are missing $what_for: $packages"
    printf 'Install them now with sudo apt-get? [y/N] '
    read -r answer
    case $answer in
        [yY]*) as_root=sudo ;;
        *) name_them "Nothing was installed." ;;
    esac
fi
echo "Installing packages $what_for: $packages"
# A machine may run another apt for a while, as new servers do.
$as_root apt-get -qq -o DPkg::Lock::Timeout=300 update
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 install $packages >&2
