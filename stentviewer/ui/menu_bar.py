"""Menu bar and tool bar, made from the list of actions."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QWidget

from stentviewer.ui import actions, icons
from stentviewer.ui.menus.spec import HELP, MENUS


class _ToolBar(QToolBar):
    """Its buttons have words while there is room for all of them, else icons and tool tips."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self._with_words = 0  # logical pixels
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in {QEvent.Type.Resize, QEvent.Type.LayoutRequest}:
            self._fit()
        return done

    def _fit(self) -> None:
        styles = Qt.ToolButtonStyle
        words = self.toolButtonStyle() == styles.ToolButtonTextBesideIcon
        if words:
            self._with_words = self.sizeHint().width()
        fits = self.width() >= self._with_words
        if fits != words and self.isVisible():
            self.setToolButtonStyle(
                styles.ToolButtonTextBesideIcon if fits else styles.ToolButtonIconOnly
            )


def fill(window: QMainWindow, made: Mapping[str, QAction]) -> None:
    """Give the window its menus and its tool bar."""
    for title in MENUS:
        menu = window.menuBar().addMenu(actions.translated(title))
        inner: dict[str, QMenu] = {}
        group = 0
        for spec in (one for one in actions.ACTIONS if one.menu == title):
            if spec.group != group:
                menu.addSeparator()
                group = spec.group
            if spec.submenu and spec.submenu not in inner:
                inner[spec.submenu] = menu.addMenu(actions.translated(spec.submenu))
            inner.get(spec.submenu, menu).addAction(made[spec.id])
    window.addToolBar(_tool_bar(window, made))


def _tool_bar(window: QMainWindow, made: Mapping[str, QAction]) -> QToolBar:
    bar = _ToolBar(window.tr("Tools"), window)
    bar.setObjectName("tools")
    bar.setMovable(False)
    bar.setIconSize(icons.SIZE)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    last = ""
    for spec in (one for one in actions.ACTIONS if one.toolbar):
        if spec.menu == HELP:
            space = QWidget(bar)
            space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            bar.addWidget(space)
        elif last and spec.menu != last:
            bar.addSeparator()
        last = spec.menu
        bar.addAction(made[spec.id])
    return bar
