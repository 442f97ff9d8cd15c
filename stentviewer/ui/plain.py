"""Text that may come from anywhere, shown letter by letter."""

from __future__ import annotations

from PySide6.QtGui import Qt


def as_it_stands(text: str) -> str:
    """For a tool tip, which takes text that looks like HTML for HTML: nothing of it is swallowed.

    Names, descriptions and notes come from files and people.
    """
    return Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text
