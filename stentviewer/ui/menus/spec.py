"""What an action is, and what decides whether it is possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stentviewer.ui.i18n import QT_TRANSLATE_NOOP


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides which actions are possible, and which switches are on."""

    has_library: bool = False
    has_image: bool = False
    has_study: bool = False
    is_volume: bool = False
    frames: int = 1
    images: int = 0
    viewports: int = 1
    has_prior: bool = False
    can_flicker: bool = False
    has_model: bool = False
    can_read: bool = False
    is_reading: bool = False
    has_heat: bool = False
    can_accept: bool = False
    stents: int = 0  # found on the frame
    can_undo: bool = False
    can_redo: bool = False
    has_drawn: bool = False
    presets: frozenset[str] = frozenset()  # digits
    measurements: int = 0
    measurement_chosen: bool = False
    switches: frozenset[str] = frozenset()  # ids of the checkable actions that are on


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing to do. `handler` is where the window has its method: "canvas.fit"."""

    id: str
    title: str  # English; translated in the context "Actions"
    menu: str  # English title of its menu; a change of group draws a line
    group: int
    handler: str
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    enabled: Callable[[Situation], bool] = lambda _: True
    checkable: bool = False  # a switch: the handler is called with whether it is on
    one_of: bool = False  # ticked while it is in force; the handler is called as any other
    toolbar: bool = False
    submenu: str = ""  # English title of a menu within the menu
    argument: str = ""  # what the handler is called with


def library(now: Situation) -> bool:
    return now.has_library


def image(now: Situation) -> bool:
    return now.has_image


def frames(now: Situation) -> bool:
    return now.has_image and now.frames > 1


def images(now: Situation) -> bool:
    return now.images > 0


FILE = QT_TRANSLATE_NOOP("Actions", "&File")
REVIEW = QT_TRANSLATE_NOOP("Actions", "&Review")
IMAGE = QT_TRANSLATE_NOOP("Actions", "&Image")
MEASURE = QT_TRANSLATE_NOOP("Actions", "&Measure")
VIEW = QT_TRANSLATE_NOOP("Actions", "&View")
HELP = QT_TRANSLATE_NOOP("Actions", "&Help")
MENUS = (FILE, REVIEW, IMAGE, MEASURE, VIEW, HELP)
