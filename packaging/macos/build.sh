#!/bin/sh
# Builds Mailyard.app and a disk image on macOS. Not tried: no Mac was at hand. Needs Python 3.11 to 3.13.
# MAILYARD_MAC_IDENTITY names the certificate to sign with; without it the image is unsigned and Gatekeeper asks.
set -eu
cd "$(dirname "$0")/../.."
MAILYARD_BUNDLE=app python3 packaging/package.py bundle
app=dist/Mailyard.app
if [ -n "${MAILYARD_MAC_IDENTITY:-}" ]; then
    codesign --deep --force --options runtime --sign "$MAILYARD_MAC_IDENTITY" "$app"
fi
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml | head -1)
hdiutil create -volname Mailyard -srcfolder "$app" -ov -format UDZO "dist/mailyard-$version.dmg"
