"""What stands around the viewports: each can be moved, closed, or taken out as its own window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

_Area = Qt.DockWidgetArea


class Docks(QObject):
    """The docks of a window by name. Shown or hidden, they say so."""

    changed = Signal()

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._docks: dict[str, QDockWidget] = {}
        window.setDockNestingEnabled(True)
        window.setCorner(Qt.Corner.BottomLeftCorner, _Area.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, _Area.RightDockWidgetArea)

    def add(
        self,
        name: str,
        title: str,
        widget: QWidget,
        area: Qt.DockWidgetArea,
        *,
        hidden: bool = False,
        beside: str = "",
    ) -> QDockWidget:
        """`beside` is the dock that it shares a place with, as a tab."""
        dock = QDockWidget(title, self._window)
        dock.setObjectName(name)
        dock.setWidget(widget)
        self._window.addDockWidget(area, dock)
        if beside:
            self._window.tabifyDockWidget(self._docks[beside], dock)
        dock.setVisible(not hidden)
        dock.visibilityChanged.connect(lambda _: self.changed.emit())
        self._docks[name] = dock
        return dock

    def dock(self, name: str) -> QDockWidget:
        return self._docks[name]

    def is_shown(self, name: str) -> bool:
        """Whether it is there, also as a tab behind another."""
        return not self._docks[name].isHidden()

    def show(self, name: str, on: bool = True) -> None:
        """Show or hide it; shown, it comes to the front."""
        dock = self._docks[name]
        dock.setVisible(on)
        if on:
            dock.raise_()

    @property
    def shown(self) -> frozenset[str]:
        """As ids of the actions that show them: "show_worklist"."""
        return frozenset(f"show_{name}" for name in self._docks if self.is_shown(name))

    def show_worklist(self, on: bool) -> None:
        self.show("worklist", on)

    def show_reading(self, on: bool) -> None:
        self.show("reading", on)

    def show_timeline(self, on: bool) -> None:
        self.show("timeline", on)

    def show_measurements(self, on: bool) -> None:
        self.show("measurements", on)

    def show_histogram(self, on: bool) -> None:
        self.show("histogram", on)
