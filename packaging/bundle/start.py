"""What the bundle starts: the program, whose entry point is a module and not a script."""

import sys

from app.__main__ import main

sys.exit(main())
