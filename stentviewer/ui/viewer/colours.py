"""The theme's colours as they are drawn over an image."""

from __future__ import annotations

from PySide6.QtGui import QColor

from stentviewer.ui import theme

BACKGROUND = QColor(8, 10, 12)  # darker than the window: nothing competes with the image
SHADOW = QColor(0, 0, 0, 200)
TEXT = QColor(theme.TEXT)
QUIET_TEXT = QColor(theme.QUIET)
ACCENT = QColor(theme.ACCENT)
WARNING = QColor(theme.WARNING)
