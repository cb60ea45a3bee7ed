"""Tests. What PySide makes when it is first looked up is made at once here as in the program (app/cli/window.py)."""

import os

os.environ.setdefault("PYSIDE6_OPTION_LAZY", "0")
