"""Viewports in a window of their own, for a second monitor. The keys are the main window's."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QMainWindow

from stentviewer.ui.desk import Desk
from stentviewer.ui.grid import ViewerGrid


class ViewerWindow(QMainWindow):
    """A grid and nothing else; closing it closes nothing but itself."""

    cameForward = Signal()
    closed = Signal()

    def __init__(self, desk: Desk, actions: Sequence[QAction]) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("stentviewer: viewer"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.grid = ViewerGrid(desk, self)
        self.setCentralWidget(self.grid)
        self.addActions(list(actions))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.cameForward.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        for viewport in self.grid.viewports:
            viewport.clear()
        self.closed.emit()
