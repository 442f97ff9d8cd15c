"""Colours drawn over or beside an image; the rest of the window has its palette in the theme."""

from __future__ import annotations

from PySide6.QtGui import QColor

BACKGROUND = QColor(8, 10, 12)
TEXT = QColor(226, 231, 236)
QUIET_TEXT = QColor(150, 160, 170)
SHADOW = QColor(0, 0, 0, 200)
ACCENT = QColor(92, 200, 255)
WARNING = QColor(240, 190, 90)
