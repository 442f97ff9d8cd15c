"""Everything a person can do, as data: menus, toolbar, palette and help page come from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from stentviewer.ui import icons
from stentviewer.ui.i18n import QT_TRANSLATE_NOOP


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides which actions are possible."""

    has_library: bool = False
    has_image: bool = False
    is_opening: bool = False
    frames: int = 1
    images: int = 0
    has_model: bool = False
    is_reading: bool = False
    has_heat: bool = False
    can_accept: bool = False
    can_undo: bool = False
    can_redo: bool = False


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing to do. `handler` is the name of a method of the window."""

    id: str
    title: str  # English; translated in the context "Actions"
    menu: str  # English title of its menu; a change of group draws a line
    group: int
    handler: str
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    enabled: Callable[[Situation], bool] = lambda _: True
    checkable: bool = False
    toolbar: bool = False


def _library(now: Situation) -> bool:
    return now.has_library


def _image(now: Situation) -> bool:
    return now.has_image


def _frames(now: Situation) -> bool:
    return now.has_image and now.frames > 1


def _images(now: Situation) -> bool:
    return now.images > 0


FILE = QT_TRANSLATE_NOOP("Actions", "&File")
REVIEW = QT_TRANSLATE_NOOP("Actions", "&Review")
IMAGE = QT_TRANSLATE_NOOP("Actions", "&Image")
VIEW = QT_TRANSLATE_NOOP("Actions", "&View")
HELP = QT_TRANSLATE_NOOP("Actions", "&Help")
MENUS = (FILE, REVIEW, IMAGE, VIEW, HELP)

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "open_files", QT_TRANSLATE_NOOP("Actions", "Open files…"), FILE, 0, "open_files",
        ("Ctrl+O",), "file-plus", _library, toolbar=True,
    ),
    ActionSpec(
        "open_folder", QT_TRANSLATE_NOOP("Actions", "Open folder…"), FILE, 0, "open_folder",
        ("Ctrl+Shift+O",), "folder-open", _library,
    ),
    ActionSpec(
        "open_example", QT_TRANSLATE_NOOP("Actions", "Open the example patient"), FILE, 0,
        "open_example", (), "user", _library,
    ),
    ActionSpec(
        "save", QT_TRANSLATE_NOOP("Actions", "Save review…"), FILE, 1, "save_review",
        ("Ctrl+S",), "floppy-disk", _image, toolbar=True,
    ),
    ActionSpec(
        "quit", QT_TRANSLATE_NOOP("Actions", "Quit"), FILE, 2, "close", ("Ctrl+Q",), "sign-out",
    ),
    ActionSpec(
        "read", QT_TRANSLATE_NOOP("Actions", "Read"), REVIEW, 0, "read", ("R",), "eye",
        lambda now: (now.has_image or now.is_opening) and now.has_model and not now.is_reading,
        toolbar=True,
    ),
    ActionSpec(
        "accept", QT_TRANSLATE_NOOP("Actions", "Accept"), REVIEW, 1, "accept", ("A",), "check",
        lambda now: now.can_accept, toolbar=True,
    ),
    ActionSpec(
        "correct", QT_TRANSLATE_NOOP("Actions", "Correct…"), REVIEW, 1, "correct", ("C",),
        "pencil-simple", lambda now: now.has_image and now.has_model, toolbar=True,
    ),
    ActionSpec(
        "undo", QT_TRANSLATE_NOOP("Actions", "Undo"), REVIEW, 2, "undo", ("Ctrl+Z",),
        "arrow-u-up-left", lambda now: now.can_undo,
    ),
    ActionSpec(
        "redo", QT_TRANSLATE_NOOP("Actions", "Redo"), REVIEW, 2, "redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"), "arrow-u-up-right", lambda now: now.can_redo,
    ),
    ActionSpec(
        "reader", QT_TRANSLATE_NOOP("Actions", "Your name…"), REVIEW, 3, "ask_reader",
        (), "identification-badge", _library,
    ),
    ActionSpec(
        "audit", QT_TRANSLATE_NOOP("Actions", "Audit trail"), REVIEW, 3, "show_audit",
        ("Ctrl+T",), "list-numbers", _library,
    ),
    ActionSpec(
        "fit", QT_TRANSLATE_NOOP("Actions", "Fit"), IMAGE, 0, "fit", ("F",), "arrows-out", _image,
        toolbar=True,
    ),
    ActionSpec(
        "one_to_one", QT_TRANSLATE_NOOP("Actions", "Actual pixels (1:1)"), IMAGE, 0, "one_to_one",
        ("1",), "frame-corners", _image,
    ),
    ActionSpec(
        "invert", QT_TRANSLATE_NOOP("Actions", "Invert"), IMAGE, 1, "invert", ("I",),
        "circle-half", _image, toolbar=True,
    ),
    ActionSpec(
        "auto_window", QT_TRANSLATE_NOOP("Actions", "Automatic window"), IMAGE, 1, "auto_window",
        ("W",), "sliders-horizontal", _image,
    ),
    ActionSpec(
        "reset", QT_TRANSLATE_NOOP("Actions", "Reset the view"), IMAGE, 1, "reset_view", ("0",),
        "arrow-counter-clockwise", _image,
    ),
    ActionSpec(
        "previous_frame", QT_TRANSLATE_NOOP("Actions", "Previous frame"), IMAGE, 2,
        "previous_frame", (",",), "caret-left", _frames,
    ),
    ActionSpec(
        "next_frame", QT_TRANSLATE_NOOP("Actions", "Next frame"), IMAGE, 2, "next_frame", (".",),
        "caret-right", _frames,
    ),
    ActionSpec(
        "cine", QT_TRANSLATE_NOOP("Actions", "Play or pause cine"), IMAGE, 2, "toggle_cine",
        ("K",), "play", _frames,
    ),
    ActionSpec(
        "previous_image", QT_TRANSLATE_NOOP("Actions", "Previous image"), IMAGE, 3,
        "previous_image", ("P", "Ctrl+Up"), "caret-up", _images,
    ),
    ActionSpec(
        "next_image", QT_TRANSLATE_NOOP("Actions", "Next image"), IMAGE, 3, "next_image",
        ("N", "Ctrl+Down"), "caret-down", _images,
    ),
    ActionSpec(
        "heat", QT_TRANSLATE_NOOP("Actions", "Heat map"), VIEW, 0, "show_heat", ("H",), "fire",
        lambda now: now.has_heat, checkable=True, toolbar=True,
    ),
    ActionSpec(
        "filter", QT_TRANSLATE_NOOP("Actions", "Filter the worklist"), VIEW, 1, "focus_filter",
        ("Ctrl+F",), "magnifying-glass", _images,
    ),
    ActionSpec(
        "use_english", QT_TRANSLATE_NOOP("Actions", "Language: English"), VIEW, 2, "use_english",
        (), "translate",
    ),
    ActionSpec(
        "use_korean", QT_TRANSLATE_NOOP("Actions", "Language: 한국어"), VIEW, 2, "use_korean",
        (), "translate",
    ),
    ActionSpec(
        "palette", QT_TRANSLATE_NOOP("Actions", "Find a command…"), HELP, 0, "show_palette",
        ("Ctrl+K",), "command", toolbar=True,
    ),
    ActionSpec(
        "shortcuts", QT_TRANSLATE_NOOP("Actions", "Keys and gestures"), HELP, 0, "show_shortcuts",
        ("F1",), "keyboard",
    ),
)  # fmt: skip


def translated(text: str) -> str:
    """The title in the window's language, the menu's & kept."""
    return QCoreApplication.translate("Actions", text)


def build(owner: QWidget) -> dict[str, QAction]:
    """Make every action, wired to `owner`'s handlers. A missing handler fails here, at start."""
    made: dict[str, QAction] = {}
    for spec in ACTIONS:
        action = QAction(translated(spec.title), owner)
        action.setObjectName(spec.id)
        action.setShortcuts([QKeySequence(keys) for keys in spec.shortcuts])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(spec.id.startswith(("next", "previous")))
        action.setCheckable(spec.checkable)
        if spec.icon:
            action.setIcon(icons.placeholder())
        keys = shortcut_text(action)
        action.setToolTip(f"{action.text()} ({keys})" if keys else action.text())
        action.triggered.connect(_call(owner, spec))
        owner.addAction(action)
        made[spec.id] = action
    return made


def _call(owner: QWidget, spec: ActionSpec) -> Callable[[bool], None]:
    handler = getattr(owner, spec.handler)
    if spec.checkable:
        return lambda checked: handler(checked)
    return lambda _: handler()


def update(made: Mapping[str, QAction], now: Situation) -> None:
    """Enable what is possible now."""
    for spec in ACTIONS:
        made[spec.id].setEnabled(spec.enabled(now))


def load_icons(made: Mapping[str, QAction]) -> None:
    """Give the actions their icons."""
    for spec in ACTIONS:
        if spec.icon:
            made[spec.id].setIcon(icons.icon(spec.icon))


def shortcut_text(action: QAction) -> str:
    """Its keys as written on this platform: "Ctrl+Shift+Z, Ctrl+Y"."""
    form = QKeySequence.SequenceFormat.NativeText
    return ", ".join(keys.toString(form) for keys in action.shortcuts())
