"""The key under which emulated hosts find Docker's packages; nothing was ever signed with it."""

from __future__ import annotations

PACKAGE_KEY = """\
-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEaxB2mxYJKwYBBAHaRw8BAQdAtBN28nMPLWHop9zgIwdxXQ0sO4AeWTbVgPoM
qYbPuv60FHBhY2thZ2VzIG9mIHRoZSBkZW1viJAEExYIADgWIQTH8OV7OQroz3cu
wvhLrv/u+xH3NgUCaxB2mwIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRBL
rv/u+xH3NtvHAQCypyINAGemdNYupN7vUBeLGj+qCtVDI15hxkudvdSRvwEAn2oK
ESXrW6CHzmAELnxkBth5F9/tIY+RPZz6qP9KSQY=
=gHby
-----END PGP PUBLIC KEY BLOCK-----
"""
