"""DKIM key records: RFC 6376 3.6.1, the sizes of RFC 8301, the Ed25519 keys of RFC 8463."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from backend.authrecords.tag_list import TagList, read_tags, unknown_tags
from backend.authrecords.txt import WHITE_SPACE, judged_text, shown
from backend.authrecords.verdict import Problem, RecordVerdict, error, note, warning
from backend.core.present.text import _, ngettext

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

RULE = "RFC 6376 3.6.1"
RULE_OF_SIZES = "RFC 8301 3.2"
RULE_OF_ED25519 = "RFC 8463 4"
TAGS = frozenset("vhknpst")
LEAST_BITS, SHOULD_BITS, MOST_BITS = 1024, 2048, 4096
ED25519_BYTES = 32
#: An Ed25519 key with what ASN.1 writes before it (RFC 8410 4).
WRAPPED_BYTES = 44
SERVICES = frozenset(("*", "email", "tlsrpt"))
FLAGS = frozenset("ys")

_WHITE = re.compile(r"[ \t]+")


def check_dkim(text: str) -> RecordVerdict:
    """The verdict on what stands at ``selector._domainkey``."""
    verdict = judged_text("DKIM", text, _problems)
    return replace(verdict, revoked=verdict.valid and not read_tags(text).value("p"))


def _problems(text: str) -> Iterable[Problem]:
    listed = read_tags(text)
    yield from listed.problems
    yield from _of_version(listed)
    yield from _of_key(listed)
    yield from _of_hashes(listed.value("h"))
    yield from _of_services(listed.value("s"))
    yield from _of_flags(listed.value("t"))
    if listed.value("g") is not None:
        yield note(_("g= is of the old DKIM (RFC 4871); receivers ignore it."), RULE)
    yield from unknown_tags(listed, TAGS | {"g"}, RULE)


def _of_version(listed: TagList) -> Iterator[Problem]:
    version = listed.value("v")
    if version is None:
        yield note(_("v=DKIM1 is missing at the beginning; it is recommended."), RULE)
    elif version != "DKIM1":
        words = _("v= must be DKIM1, in capital letters; receivers discard a record with “{version}”.")
        yield error(words.format(version=shown(version)), RULE)
    elif listed.first != "v":
        yield error(_("v= must be the first tag of the record."), RULE)


def _of_key(listed: TagList) -> Iterator[Problem]:
    key_type, key = (listed.value("k") or "rsa").lower(), listed.value("p")
    if listed.value("k") == "":
        yield error(_("k= names no type of key."), RULE)
    elif key_type not in ("rsa", "ed25519"):
        words = _("The key type “{key_type}” is unknown; receivers ignore the key. They know rsa and ed25519.")
        yield error(words.format(key_type=shown(key_type)), RULE)
    elif key is None:
        yield error(_("p= is missing: the record has no key."), RULE)
    elif not key:
        yield warning(_("p= is empty: the key is revoked, and signatures made with it are refused."), RULE)
    elif (data := _decoded(key)) is None:
        yield error(_("What p= holds is not base64, so that nobody can read the key."), RULE)
    elif key_type == "rsa":
        yield from _of_rsa_key(data)
    else:
        yield from _of_ed25519_key(data)


def _decoded(key: str) -> bytes | None:
    try:
        return base64.b64decode(_WHITE.sub("", key), validate=True)
    except (binascii.Error, ValueError):
        return None


def _of_rsa_key(data: bytes) -> Iterator[Problem]:
    if len(data) in (ED25519_BYTES, WRAPPED_BYTES):
        yield error(_("p= holds no RSA key. By its length it is an Ed25519 key, for which k=ed25519 is missing."), RULE)
    elif (key := _rsa_key(data)) is None:
        yield error(_("p= holds no RSA key."), RULE)
    else:
        yield from _of_size(key.key_size)
        if _is_bare(key, data):
            words = _("The key is a bare RSAPublicKey; some receivers read only a SubjectPublicKeyInfo.")
            yield warning(words, f"{RULE}, erratum 3017")


def _of_size(bits: int) -> Iterator[Problem]:
    if bits < LEAST_BITS:
        words = _("The key has {bits} bits; receivers ignore keys of less than {least}.")
        yield error(words.format(bits=bits, least=LEAST_BITS), RULE_OF_SIZES)
    elif bits < SHOULD_BITS:
        words = _("The key has {bits} bits; it should have {should} or more.")
        yield warning(words.format(bits=bits, should=SHOULD_BITS), RULE_OF_SIZES)
    elif bits > MOST_BITS:
        words = _("The key has {bits} bits; receivers need not read keys of more than {most}.")
        yield warning(words.format(bits=bits, most=MOST_BITS), RULE_OF_SIZES)


def _rsa_key(data: bytes) -> RSAPublicKey | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPublicKey) else None


def _is_bare(key: RSAPublicKey, data: bytes) -> bool:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.DER, PublicFormat.PKCS1) == data


def _of_ed25519_key(data: bytes) -> Iterator[Problem]:
    if len(data) == WRAPPED_BYTES:
        yield error(_("p= holds the Ed25519 key within ASN.1; only its last 32 bytes belong here."), RULE_OF_ED25519)
    elif len(data) != ED25519_BYTES:
        words = ngettext(
            "An Ed25519 key has 32 bytes; p= holds {count} byte.",
            "An Ed25519 key has 32 bytes; p= holds {count} bytes.",
            len(data),
        )
        yield error(words.format(count=len(data)), RULE_OF_ED25519)


def _of_hashes(value: str | None) -> Iterator[Problem]:
    if value is None:
        return
    hashes = [each.lower() for each in _listed(value)]
    for each in hashes:
        if each == "sha1":
            yield warning(_("h= allows SHA-1, which receivers no longer accept."), "RFC 8301 3.1")
        elif each != "sha256":
            words = _("Receivers ignore the hash “{name}”, which they do not know.")
            yield note(words.format(name=shown(each)), RULE)
    if "sha256" not in hashes:
        yield warning(
            _("h= does not allow SHA-256, the only hash in use: no signature can use the key."), "RFC 6376 6.1.2"
        )


def _of_services(value: str | None) -> Iterator[Problem]:
    if value is None:
        return
    services = [each.lower() for each in _listed(value)]
    for each in services:
        if each not in SERVICES:
            words = _("Receivers ignore the service “{name}”, which they do not know.")
            yield note(words.format(name=shown(each)), RULE)
    if not {"*", "email"} & set(services):
        yield warning(_("s= does not name email: signatures of mail cannot use the key."), RULE)


def _of_flags(value: str | None) -> Iterator[Problem]:
    flags = _listed(value or "")
    if "y" in flags:
        yield warning(_("t=y: the domain only tests DKIM; receivers treat its mail as if it were not signed."), RULE)
    for each in flags:
        if each not in FLAGS:
            yield note(_("Receivers ignore the flag “{name}”, which they do not know.").format(name=shown(each)), RULE)


def _listed(value: str) -> list[str]:
    """What stands between colons."""
    return [word for each in value.split(":") if (word := each.strip(WHITE_SPACE))]
