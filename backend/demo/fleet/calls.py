"""A command line on its way to an emulated host."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend.demo.fleet.host import Host

#: Exit code and standard output.
Answer = tuple[int, str]


@dataclass(frozen=True)
class Call:
    """The host, what the command's pattern matched, and all of standard input."""

    host: Host
    match: re.Match[str]
    stdin: str
