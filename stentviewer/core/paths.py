"""Where things are: the program's own resources, and the person's data."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _bundled(name: str) -> Path:
    """A folder of the project: inside the package when installed, beside it in a checkout."""
    inside = _PACKAGE / f"_{name}"
    return inside if inside.is_dir() else _PACKAGE.parent / name


def resources_dir() -> Path:
    """The folder of pictures, translations and tables that come with the program."""
    return _bundled("resources")


def models_dir() -> Path:
    """The folder of model bundles that come with the program."""
    return _bundled("models")


def data_dir() -> Path:
    """The person's own folder: library, models learned here, settings, logs.

    STENTVIEWER_HOME overrides it; else the platform's usual place.
    """
    override = os.environ.get("STENTVIEWER_HOME")
    if override:
        return Path(override).expanduser().resolve()
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "stentviewer"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "stentviewer"
    return Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share")) / "stentviewer"


def korean_font() -> Path | None:
    """A Korean typeface (NanumGothic, OFL) for machines that have none; None if not installed.

    The package is only looked at as a folder: importing it would import matplotlib.
    """
    spec = find_spec("koreanize_matplotlib")
    if spec is None or spec.origin is None:
        return None
    font = Path(spec.origin).parent / "fonts" / "NanumGothic.ttf"
    return font if font.is_file() else None
