"""The look: Fusion in a dark and a light palette of our own, one accent, an 8 px grid.

`theme.TEXT`, `theme.ACCENT` and so on are the colours of the theme in use: read them when
something is made or painted, never while a module is imported.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from stentviewer.core.paths import korean_font, resources_dir

GRID = 8  # logical pixels


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a window, as #rrggbb. Text on any ground has a contrast of 4.5 or more."""

    window: str
    panel: str
    base: str  # what is written into
    raised: str
    line: str
    text: str
    quiet: str
    faint: str  # only for what is not possible now
    accent: str
    on_accent: str
    warning: str
    good: str
    chosen: str  # ground of a chosen row
    is_dark: bool


DARK = Theme(
    window="#14181c",
    panel="#1a1f24",
    base="#101316",
    raised="#262d34",
    line="#323a42",
    text="#e2e7ec",
    quiet="#9aa5b0",
    faint="#6b7681",
    accent="#5cc8ff",
    on_accent="#06202d",
    warning="#f0be5a",
    good="#86d6a8",
    chosen="#173a4d",
    is_dark=True,
)
LIGHT = Theme(
    window="#e9ecef",
    panel="#f4f6f8",
    base="#ffffff",
    raised="#dde2e7",
    line="#c3cad1",
    text="#1b2127",
    quiet="#4a5560",
    faint="#7b8691",
    accent="#00618f",
    on_accent="#ffffff",
    warning="#7a5000",
    good="#186639",
    chosen="#bfe0f2",
    is_dark=False,
)

WINDOW: str
PANEL: str
BASE: str
RAISED: str
LINE: str
TEXT: str
QUIET: str
FAINT: str
ACCENT: str
ON_ACCENT: str
WARNING: str
GOOD: str

_current = DARK

if not TYPE_CHECKING:  # the names above, of the theme in use

    def __getattr__(name: str) -> str:
        if name in __annotations__ and name.isupper():
            return getattr(_current, name.lower())
        raise AttributeError(f"the theme has no {name}")


def current() -> Theme:
    """The theme in use."""
    return _current


def apply_theme(app: QApplication, setting: str = "dark") -> None:
    """Give the program its style, palette and fonts; a Korean face where the system has none.

    `setting` is "dark", "light" or "system"; widgets made before keep what they took from the
    former theme, so a window is made again after a change.
    """
    global _current
    _current = LIGHT if _wants_light(app, setting) else DARK
    app.setStyle("Fusion")
    app.setPalette(_palette(_current))
    app.setStyleSheet(_style(_current))
    _add_korean_face(app)


def _wants_light(app: QApplication, setting: str) -> bool:
    """Also tells the desktop, which draws the frames of windows and the dialogs for files."""
    hints, scheme = app.styleHints(), Qt.ColorScheme
    if setting == "system":
        hints.unsetColorScheme()
        return hints.colorScheme() == scheme.Light
    hints.setColorScheme(scheme.Light if setting == "light" else scheme.Dark)
    return setting == "light"


def set_scale(percent: int) -> None:
    """Size of text and buttons; before the QApplication is made.

    What the person's own environment says of it comes first.
    """
    if percent != 100:
        os.environ.setdefault("QT_SCALE_FACTOR", f"{percent / 100:g}")


def _style(t: Theme) -> str:
    icons, kind = resources_dir() / "icons", "dark" if t.is_dark else "light"
    tick, more = ((icons / f"{name}_{kind}.svg").as_posix() for name in ("tick", "more"))
    return f"""
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; padding: 4px; }}
QMainWindow::separator {{ background: {t.window}; width: 4px; height: 4px; }}
QMenuBar {{ background: {t.window}; }}
QMenuBar::item {{ padding: 4px 8px; background: transparent; }}
QMenuBar::item:selected {{ background: {t.raised}; }}
QMenu {{ background: {t.panel}; border: 1px solid {t.line}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; }}
QMenu::item:selected {{ background: {t.raised}; color: {t.text}; }}
QMenu::item:disabled {{ color: {t.faint}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
QToolBar {{ background: {t.window}; border: 0; spacing: 4px; padding: 4px 8px; }}
QToolBar::separator {{ width: 1px; background: {t.line}; margin: 4px 8px; }}
QToolButton {{ border: 0; border-radius: 4px; padding: 5px 8px; color: {t.text}; }}
QToolButton:hover {{ background: {t.raised}; }}
QToolButton:checked {{ background: {t.raised}; color: {t.accent}; }}
QToolButton#qt_toolbar_ext_button {{ padding: 0; background: {t.raised};
  image: url("{more}"); }}
QToolButton#qt_toolbar_ext_button:hover {{ background: {t.line}; }}
QToolButton:disabled {{ color: {t.faint}; background: transparent; }}
QStatusBar QPushButton {{ padding: 1px 8px; }}
QToolButton:focus, QPushButton:focus {{ border: 1px solid {t.accent}; }}
QPushButton {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 4px;
  padding: 6px 12px; }}
QPushButton:hover {{ background: {t.line}; }}
QPushButton:disabled {{ color: {t.faint}; background: {t.panel}; }}
QPushButton[accent="true"] {{ background: {t.accent}; color: {t.on_accent};
  border-color: {t.accent}; }}
QPushButton[accent="true"]:focus {{ border: 1px solid {t.text}; }}
QPushButton[accent="true"]:disabled {{ background: {t.panel}; color: {t.faint};
  border-color: {t.line}; }}
QLineEdit {{ background: {t.base}; border: 1px solid {t.line}; border-radius: 4px;
  padding: 6px 8px; }}
QLineEdit:focus {{ border-color: {t.accent}; }}
QCheckBox::indicator {{ width: 14px; height: 14px; background: {t.base}; border-radius: 3px;
  border: 1px solid {t.quiet}; }}
QCheckBox::indicator:checked {{ background: {t.accent}; border-color: {t.accent};
  image: url("{tick}"); }}
QCheckBox::indicator:focus {{ border: 2px solid {t.text}; }}
QRadioButton::indicator {{ width: 14px; height: 14px; background: {t.base}; border-radius: 8px;
  border: 1px solid {t.quiet}; }}
QRadioButton::indicator:checked {{ background: {t.text}; border: 5px solid {t.accent};
  width: 6px; height: 6px; }}
QRadioButton::indicator:focus {{ border-color: {t.text}; }}
QTextBrowser {{ background: {t.panel}; border: 0; }}
QTreeView, QTableView, QListView {{ background: {t.panel}; border: 0; outline: 0; }}
QHeaderView::section {{ background: {t.panel}; color: {t.quiet}; border: 0; padding: 6px 8px;
  border-bottom: 1px solid {t.line}; }}
QTableView::item {{ padding: 0 5px; }}
QScrollBar {{ background: transparent; border: 0; }}
QScrollBar:vertical {{ width: 12px; }}
QScrollBar:horizontal {{ height: 12px; }}
QScrollBar::handle {{ background: {t.faint}; border-radius: 3px; margin: 3px; }}
QScrollBar::handle:hover {{ background: {t.quiet}; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QScrollArea {{ background: transparent; border: 0; }}
QStatusBar {{ background: {t.window}; color: {t.quiet}; }}
QStatusBar::item {{ border: 0; }}
QProgressBar {{ background: {t.base}; border: 0; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
QWidget#side {{ background: {t.panel}; }}
QListWidget#steps {{ padding: 16px 8px; }}
QListWidget#steps::item {{ padding: 10px 8px; border-radius: 4px; }}
QListWidget#steps::item:disabled {{ color: {t.faint}; }}
QListWidget#steps::item:selected {{ background: {t.chosen}; color: {t.text}; }}
QListWidget#steps::item:selected:focus {{ border: 1px solid {t.accent}; }}
QFrame#viewport {{ border: 1px solid {t.window}; }}
QFrame#viewport[active="true"] {{ border: 1px solid {t.accent}; }}
QFrame#card {{ background: {t.raised}; border-radius: 6px; }}
QFrame#card[several="true"] {{ border: 2px solid {t.raised}; }}
QFrame#card[several="true"]:focus {{ border: 2px solid {t.quiet}; }}
QFrame#card[chosen="true"] {{ border: 2px solid {t.accent}; }}
QFrame#messages {{ background: {t.raised}; border-left: 3px solid {t.warning}; }}
QLabel#quiet {{ color: {t.quiet}; }}
QLabel#heading {{ color: {t.quiet}; font-weight: 600; }}
QLabel#maker {{ font-size: 15pt; font-weight: 600; }}
QLabel#title {{ font-size: 18pt; font-weight: 600; }}
QLabel#research {{ color: {t.warning}; }}
"""


def _palette(t: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for where, colour in {
        role.Window: t.window,
        role.WindowText: t.text,
        role.Base: t.base,
        role.AlternateBase: t.panel,
        role.Text: t.text,
        role.Button: t.raised,
        role.ButtonText: t.text,
        role.BrightText: t.text,
        role.ToolTipBase: t.raised,
        role.ToolTipText: t.text,
        role.PlaceholderText: t.quiet,
        role.Highlight: t.chosen,
        role.HighlightedText: t.text,
        role.Link: t.accent,
        role.Accent: t.accent,
        role.Light: t.line,
        role.Mid: t.line,
        role.Dark: t.base if t.is_dark else t.line,
        role.Shadow: "#000000",
    }.items():
        palette.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, QColor(t.faint))
    return palette


def _add_korean_face(app: QApplication) -> None:
    """Without a Hangul face a bare Linux draws boxes for every Korean name."""
    if QFontDatabase.families(QFontDatabase.WritingSystem.Korean):
        return
    file = korean_font()
    if file is None:
        return
    bold = file.with_name(f"{file.stem}Bold{file.suffix}")
    if bold.is_file():
        QFontDatabase.addApplicationFont(str(bold))
    number = QFontDatabase.addApplicationFont(str(file))
    loaded = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    if loaded:
        font: QFont = app.font()
        font.setFamilies([QFontInfo(font).family(), *loaded])
        app.setFont(font)
