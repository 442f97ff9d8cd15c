"""The look: Fusion in a dark palette of our own, one accent, an 8 px grid."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from stentviewer.core.paths import korean_font

GRID = 8  # logical pixels

WINDOW = "#14181c"
PANEL = "#1a1f24"
BASE = "#101316"
RAISED = "#262d34"
LINE = "#323a42"
TEXT = "#e2e7ec"
QUIET = "#9aa5b0"
FAINT = "#6b7681"
ACCENT = "#5cc8ff"
ON_ACCENT = "#06202d"
WARNING = "#f0be5a"
GOOD = "#86d6a8"

_STYLE = f"""
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px; }}
QMainWindow::separator {{ background: {WINDOW}; width: 4px; height: 4px; }}
QMenuBar {{ background: {WINDOW}; }}
QMenuBar::item {{ padding: 4px 8px; background: transparent; }}
QMenuBar::item:selected {{ background: {RAISED}; }}
QMenu {{ background: {PANEL}; border: 1px solid {LINE}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; }}
QMenu::item:selected {{ background: {RAISED}; color: {TEXT}; }}
QMenu::item:disabled {{ color: {FAINT}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {LINE}; margin: 4px 8px; }}
QToolBar {{ background: {WINDOW}; border: 0; spacing: 4px; padding: 4px 8px; }}
QToolBar::separator {{ width: 1px; background: {LINE}; margin: 4px 8px; }}
QToolButton {{ border: 0; border-radius: 4px; padding: 5px 8px; color: {TEXT}; }}
QToolButton:hover {{ background: {RAISED}; }}
QToolButton:checked {{ background: {RAISED}; color: {ACCENT}; }}
QToolButton:disabled {{ color: {FAINT}; background: transparent; }}
QStatusBar QPushButton {{ padding: 1px 8px; }}
QToolButton:focus, QPushButton:focus {{ border: 1px solid {ACCENT}; }}
QPushButton {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 4px;
  padding: 6px 12px; }}
QPushButton:hover {{ background: {LINE}; }}
QPushButton:disabled {{ color: {FAINT}; background: {PANEL}; }}
QPushButton[accent="true"] {{ background: {ACCENT}; color: {ON_ACCENT}; border-color: {ACCENT}; }}
QPushButton[accent="true"]:focus {{ border: 1px solid {TEXT}; }}
QPushButton[accent="true"]:disabled {{ background: {PANEL}; color: {FAINT};
  border-color: {LINE}; }}
QLineEdit {{ background: {BASE}; border: 1px solid {LINE}; border-radius: 4px; padding: 6px 8px; }}
QLineEdit:focus {{ border-color: {ACCENT}; }}
QTreeView, QTableView, QListView {{ background: {PANEL}; border: 0; outline: 0; }}
QHeaderView::section {{ background: {PANEL}; color: {QUIET}; border: 0; padding: 6px 8px;
  border-bottom: 1px solid {LINE}; }}
QScrollArea {{ background: transparent; border: 0; }}
QStatusBar {{ background: {WINDOW}; color: {QUIET}; }}
QStatusBar::item {{ border: 0; }}
QProgressBar {{ background: {BASE}; border: 0; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 3px; }}
QWidget#side {{ background: {PANEL}; }}
QFrame#card {{ background: {RAISED}; border-radius: 6px; }}
QFrame#messages {{ background: {RAISED}; border-left: 3px solid {WARNING}; }}
QLabel#quiet {{ color: {QUIET}; }}
QLabel#heading {{ color: {QUIET}; font-weight: 600; }}
QLabel#maker {{ font-size: 15pt; font-weight: 600; }}
QLabel#research {{ color: {WARNING}; }}
"""


def apply_theme(app: QApplication) -> None:
    """Give the program its style, palette and fonts; a Korean face where the system has none."""
    app.setStyle("Fusion")
    app.setPalette(_palette())
    app.setStyleSheet(_STYLE)
    _add_korean_face(app)


def _palette() -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for where, colour in {
        role.Window: WINDOW,
        role.WindowText: TEXT,
        role.Base: BASE,
        role.AlternateBase: PANEL,
        role.Text: TEXT,
        role.Button: RAISED,
        role.ButtonText: TEXT,
        role.BrightText: TEXT,
        role.ToolTipBase: RAISED,
        role.ToolTipText: TEXT,
        role.PlaceholderText: FAINT,
        role.Highlight: "#1f4a61",
        role.HighlightedText: TEXT,
        role.Link: ACCENT,
        role.Accent: ACCENT,
        role.Light: LINE,
        role.Mid: LINE,
        role.Dark: BASE,
        role.Shadow: "#000000",
    }.items():
        palette.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, QColor(FAINT))
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
