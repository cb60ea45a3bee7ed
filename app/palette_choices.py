"""What search offers beside commands and things: the workspaces, and how the program looks and speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from app.shell.session.looks import LOOKS
from backend.core.present.text import _

if TYPE_CHECKING:
    from app.shell.session.services import Services


@dataclass(frozen=True)
class Choice:
    """Something that is changed at once: its words, the word for its kind, the act."""

    key: str
    words: str
    kind: str
    act: Callable[[], None]


def choices(services: Services, look_at: Callable[[UUID | None], None]) -> Iterator[Choice]:
    """Workspaces first, then all that can be chosen of how it looks and speaks."""
    workspace = _("Workspace")
    yield Choice("workspace:all", _("All workspaces"), workspace, partial(look_at, None))
    for row in services.view.workspaces:
        yield Choice(f"workspace:{row.id}", row.name, workspace, partial(look_at, row.id))
    for look in LOOKS:
        for key, word in look.options:
            words = _("{setting}: {choice}").format(setting=_(look.title), choice=_(word))
            act = partial(services.looks.choose, look.key, key)
            yield Choice(f"{look.key}:{key}", words, _("Appearance"), act)
