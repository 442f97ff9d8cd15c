"""Everything a person can do, as data: menus, toolbar, palette and help page come from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from stentviewer.ui import icons
from stentviewer.ui.menus import (
    file_menu,
    help_menu,
    image_menu,
    measure_menu,
    review_menu,
    view_menu,
)
from stentviewer.ui.menus.spec import MENUS, ActionSpec, Situation

ACTIONS: tuple[ActionSpec, ...] = (
    *file_menu.ACTIONS,
    *review_menu.ACTIONS,
    *image_menu.ACTIONS,
    *measure_menu.ACTIONS,
    *view_menu.ACTIONS,
    *help_menu.ACTIONS,
)

__all__ = ["ACTIONS", "MENUS", "ActionSpec", "Situation"]


def translated(text: str) -> str:
    """The title in the window's language, the menu's & kept."""
    return QCoreApplication.translate("Actions", text)


def build(owner: QWidget) -> dict[str, QAction]:
    """Make every action. Its handler is looked up on `owner` when it is triggered."""
    made: dict[str, QAction] = {}
    for spec in ACTIONS:
        action = QAction(translated(spec.title), owner)
        action.setObjectName(spec.id)
        action.setShortcuts([QKeySequence(keys) for keys in spec.shortcuts])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(spec.id.startswith(("next", "previous")))
        action.setCheckable(spec.checkable or spec.one_of)
        if spec.icon:
            action.setIcon(icons.placeholder())
        describe(action)
        action.triggered.connect(_call(owner, spec))
        owner.addAction(action)
        made[spec.id] = action
    return made


def describe(action: QAction) -> None:
    """The tool tip, with the keys as they are now."""
    keys = shortcut_text(action)
    action.setToolTip(f"{action.text()} ({keys})" if keys else action.text())


def _call(owner: QWidget, spec: ActionSpec) -> Callable[[bool], None]:
    handler = attrgetter(spec.handler)  # not kept: the viewport it leads to changes
    if spec.argument:
        return lambda _: handler(owner)(spec.argument)
    if spec.checkable:
        return lambda checked: handler(owner)(checked)
    return lambda _: handler(owner)()


def update(made: Mapping[str, QAction], now: Situation) -> None:
    """Enable what is possible now and tick what is on."""
    for spec in ACTIONS:
        action = made[spec.id]
        action.setEnabled(spec.enabled(now))
        if action.isCheckable():
            action.setChecked(spec.id in now.switches)  # `triggered` is not emitted by this


def name_presets(made: Mapping[str, QAction], titles: Mapping[str, str]) -> None:
    """Say in the menu which window each digit is for the image in front."""
    for spec in ACTIONS:
        if spec.id.startswith("preset_"):
            made[spec.id].setText(titles.get(spec.argument, translated(spec.title)))


def load_icons(made: Mapping[str, QAction]) -> None:
    """Give the actions their icons."""
    for spec in ACTIONS:
        if spec.icon:
            made[spec.id].setIcon(icons.icon(spec.icon))


def shortcut_text(action: QAction) -> str:
    """Its keys as written on this platform: "Ctrl+Shift+Z, Ctrl+Y"."""
    form = QKeySequence.SequenceFormat.NativeText
    return ", ".join(keys.toString(form) for keys in action.shortcuts())
