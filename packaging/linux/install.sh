#!/bin/sh
# Installs the unpacked program for one person, without root. `--remove` of the installed script takes it away again.
set -eu
home=${MAILYARD_HOME:-$HOME/.local/lib/mailyard}
bin=$HOME/.local/bin/mailyard
share=${XDG_DATA_HOME:-$HOME/.local/share}

if [ "${1:-}" = --remove ]; then
    rm -rf "$home" "$bin" "$share/applications/mailyard.desktop" "$share/icons/hicolor/scalable/apps/mailyard.svg"
    echo "Mailyard is removed. What you made with it stays in $share/mailyard."
    exit 0
fi
rm -rf "$home.new"
mkdir -p "$(dirname "$home")" "$(dirname "$bin")" "$share/applications" "$share/icons/hicolor/scalable/apps"
cp -a mailyard "$home.new"
cp install.sh "$home.new/install.sh"
rm -rf "$home"
mv "$home.new" "$home"
ln -sf "$home/mailyard" "$bin"
cp mailyard.desktop "$share/applications/mailyard.desktop"
cp mailyard.svg "$share/icons/hicolor/scalable/apps/mailyard.svg"
echo "Mailyard is installed in $home. Start it with: $bin"
echo "Take it away with: $home/install.sh --remove"
