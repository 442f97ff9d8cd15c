from __future__ import annotations

import sys

from PySide6.QtWidgets import QWidget


def test_calls_into_qt_keep_the_count_of_none(qtbot) -> None:
    """PySide6 6.12.0 lost a reference of None a call and, after some thousand, aborted."""
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(1000):
        widget.update()
    assert abs(sys.getrefcount(None) - before) < 500
