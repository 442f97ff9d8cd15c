"""Starts the window: `python -m stentviewer [FILE or FOLDER …]`."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Open the window with the given files or folders."""
    from stentviewer.ui.app import run

    return run([Path(argument) for argument in sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
