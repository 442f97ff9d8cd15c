"""One icon family (Phosphor, from qtawesome), loaded only after the window is on the screen."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPixmap

from stentviewer.ui import theme

SIZE = QSize(20, 20)


def icon(name: str, colour: str = "") -> QIcon:
    """The icon of this Phosphor name in the colour of text, or in another.

    The first call imports qtawesome, about 0.3 s.
    """
    import qtawesome

    found: QIcon = qtawesome.icon(
        f"ph.{name}", color=colour or theme.TEXT, color_disabled=theme.FAINT, color_on=theme.ACCENT
    )
    return found


def placeholder() -> QIcon:
    """An empty icon of the usual size: nothing moves when the real one comes."""
    pixmap = QPixmap(SIZE)
    pixmap.fill("transparent")
    return QIcon(pixmap)
