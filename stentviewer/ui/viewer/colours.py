"""The colours that are drawn over an image: those of the dark theme, whatever the window's is."""

from __future__ import annotations

from PySide6.QtGui import QColor

from stentviewer.ui.theme import DARK

BACKGROUND = QColor(8, 10, 12)  # darker than the window: nothing competes with the image
SHADOW = QColor(0, 0, 0, 200)
TEXT = QColor(DARK.text)
QUIET_TEXT = QColor(DARK.quiet)
ACCENT = QColor(DARK.accent)
WARNING = QColor(DARK.warning)
