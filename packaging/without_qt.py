"""Makes an environment that has everything of this one but Qt, in a second.

The layers below the window must work on a server that never installs Qt; the tests of those layers
run in this environment to prove it.
"""

from __future__ import annotations

import sys
import sysconfig
import venv
from pathlib import Path

QT = ("pyside6", "shiboken6", "qtpy", "qtawesome", "pyqtgraph", "pytestqt", "pytest_qt")


def main(target: Path) -> int:
    """Create the environment at `target`, its packages linked to this one's, Qt's left out."""
    venv.create(target, with_pip=False, symlinks=True)
    here = Path(sysconfig.get_paths()["purelib"])
    there = Path(sysconfig.get_path("purelib", vars={"base": str(target), "platbase": str(target)}))
    for entry in here.iterdir():
        if not entry.name.lower().startswith(QT):
            (there / entry.name).symlink_to(entry.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
