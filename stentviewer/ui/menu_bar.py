"""Menu bar and tool bar, made from the list of actions."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QWidget

from stentviewer.ui import actions, icons
from stentviewer.ui.menus.spec import HELP, MENUS


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
    bar = QToolBar(window.tr("Tools"), window)
    bar.setObjectName("tools")
    bar.setMovable(False)
    bar.setIconSize(icons.SIZE)
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
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
