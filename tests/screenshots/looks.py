"""In which looks the window is photographed."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.present.text import PSEUDO


@dataclass(frozen=True)
class Look:
    """One of them; ``name`` ends the names of its files. ``appearance``, ``contrast`` and ``language`` are options of
    the settings, ``scale`` is a factor, ``size`` that of the window in its own pixels."""

    name: str
    appearance: str = "light"
    contrast: str = "auto"
    language: str = "en"
    scale: int = 1
    size: tuple[int, int] = (1366, 768)

    @property
    def kept(self) -> dict[str, str]:
        """The settings that make it."""
        return {"appearance": self.appearance, "contrast": self.contrast, "language": self.language}


LOOKS = (
    Look("light"),
    Look("dark", appearance="dark"),
    Look("light-high", contrast="high"),
    Look("dark-high", appearance="dark", contrast="high"),
    Look("wide", size=(1920, 1080)),
    Look("200", scale=2),
    Look("german", language="de"),
    Look("pseudo", language=PSEUDO),
)
BY_NAME = {look.name: look for look in LOOKS}
SCALES = tuple(dict.fromkeys(look.scale for look in LOOKS))
