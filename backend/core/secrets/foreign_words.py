"""What another service says of an error, fit for a log: short, without secrets, known or only shaped like one.

A service may quote what it was sent, and what it knows of an account: keys that were never ours, passwords it made
itself, people's addresses. Of its words enough stays to know what it wants.
"""

from __future__ import annotations

import re

from backend.core.secrets.redactor import MASK, redactor

#: No error worth reading says more.
MOST_READ = 4_000
SHORTEST_RUN, LONG_RUN = 20, 80

PEM = re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL)
LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
SCHEME = re.compile(r"\b(Bearer|Basic|Token)\s+(?!•)[\w.~+/=-]{8,}", re.IGNORECASE)
#: ``name=value``, ``"name":"value"``, also within a string: told as data, not as a sentence about that field. Begins in
#: the middle of a name: looking for its beginning from everywhere takes minutes of a long one.
#: What a quote opens ends at that quote, unescaped; anything bare before what cannot be part of it. A list or an object
#: may hold more of them, and what was cut has no end: both go to the end of the text.
NAMED = re.compile(
    r"""
    (?P<name>(?:passw(?:or)?d|passphrase|root_pass|secret|token|api[_-]?key|access[_-]?key|credential|signature
    |cookie)[\w-]{0,64}(?:=|\s*=\s*(?=\\*["'])|\\*["']\s*:\s*))
    (?:
        (?P<quote>["'])(?:\\.|(?!(?P=quote)).)*(?P<end>(?P=quote))?
      | (?P<escaped>\\+["'])(?:(?!(?<!\\)(?P=escaped)).)*(?P<escaped_end>(?P=escaped))?
      | [\[{](?=[\W\d])(?!\s*[\]}]).*
      | (?:[^\s"'&,;}\\]|\\(?!["'])|["'](?=[\w"']))+
    )
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
RUN = re.compile(rf"[\w+/=-]{{{SHORTEST_RUN},}}")
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def foreign_words(text: str, most: int) -> str:
    """``text`` in at most ``most`` letters. Masked before it is cut: of half a token nobody knows."""
    masked = redactor.redact(text)[:MOST_READ]
    masked = PEM.sub(MASK, masked)
    masked = LOGIN.sub(f"{MASK}@", masked)
    masked = SCHEME.sub(rf"\1 {MASK}", masked)
    masked = NAMED.sub(_unvalued, masked)
    masked = ADDRESS.sub(MASK, masked)
    return RUN.sub(_unless_words, masked)[:most]


def _unvalued(named: re.Match[str]) -> str:
    """The name, and the quotes around what it named."""
    opened, closed = named["quote"] or named["escaped"] or "", named["end"] or named["escaped_end"] or ""
    return f"{named['name']}{opened}{MASK}{closed}"


def _unless_words(run: re.Match[str]) -> str:
    """Keys are letters and figures mixed; names of things are words, numbers and UUIDs, with hyphens between."""
    rest = UUID.sub("", run[0])
    is_key = any(map(_is_mixed, rest.replace("/", "-").split("-"))) or (len(rest) >= LONG_RUN and _is_mixed(rest))
    return MASK if is_key else run[0]


def _is_mixed(part: str) -> bool:
    return len(part) >= SHORTEST_RUN and any(map(str.isdigit, part)) and any(map(str.isalpha, part))
