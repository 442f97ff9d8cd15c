"""The page at the first start: what the program is, who is reading, and where to begin."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from stentviewer.core.errors import UserError
from stentviewer.core.settings import Settings, change, settings_page
from stentviewer.ui import theme
from stentviewer.ui.i18n import say
from stentviewer.ui.settings_dialog import SettingRow

ASKED = ("reader", "language", "theme")


class FirstRunDialog(QDialog):
    """Shown once; after that from the Help menu. Every answer applies at once."""

    settingsChanged = Signal(object)  # the new Settings; the last one has first_run_done
    openFilesWanted = Signal()
    exampleWanted = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Welcome"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.settings = settings
        self.rows: dict[str, SettingRow] = {}
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(32, 24, 32, 16)
        column.setSpacing(theme.GRID * 2)
        self._say_what_it_is(column)
        self._ask(column)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(area, 1)
        outer.addLayout(self._make_buttons())
        self.resize(640, 520)

    def _say_what_it_is(self, column: QVBoxLayout) -> None:
        title = QLabel("stentviewer", self)
        title.setObjectName("title")
        column.addWidget(title)
        for text, look in (
            (
                self.tr(
                    "Opens a patient's images before a reintervention, says which manufacturer's "
                    "metal stents a model sees in the bile duct, shows where the model looked, "
                    "and keeps what you decide. Everything stays on this computer."
                ),
                "",
            ),
            (
                self.tr(
                    "For research use, not for primary diagnosis. The model that comes with it "
                    "was trained on simulated stents only: on real images its answers are a "
                    "demonstration. A stent of a design that it does not know may get a name that "
                    "is wrong."
                ),
                "research",
            ),
        ):
            label = QLabel(text, self)
            label.setObjectName(look)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            column.addWidget(label)

    def _ask(self, column: QVBoxLayout) -> None:
        line = QFrame(self)
        line.setFixedHeight(1)
        line.setStyleSheet(f"background: {theme.LINE}")
        column.addWidget(line)
        for setting in settings_page():
            if setting.name in ASKED:
                row = SettingRow(setting, self)
                row.chosen.connect(self._choose)
                row.show_value(getattr(self.settings, setting.name))
                self.rows[setting.name] = row
                column.addWidget(row)

    def _make_buttons(self) -> QHBoxLayout:
        self.files = QPushButton(self.tr("Open files…"), self)
        self.example = QPushButton(self.tr("Open the example patient"), self)
        self.start = QPushButton(self.tr("Start"), self)
        self.start.setProperty("accent", True)
        self.start.setDefault(True)
        self.files.clicked.connect(lambda: self._leave(self.openFilesWanted.emit))
        self.example.clicked.connect(lambda: self._leave(self.exampleWanted.emit))
        self.start.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setContentsMargins(32, theme.GRID, 32, 24)
        row.setSpacing(theme.GRID)
        row.addWidget(self.files)
        row.addWidget(self.example)
        row.addStretch(1)
        row.addWidget(self.start)
        return row

    def set_settings(self, settings: Settings) -> None:
        """Show what was changed elsewhere, without announcing it."""
        self.settings = settings
        for name, row in self.rows.items():
            row.show_value(getattr(settings, name))

    def _choose(self, name: str, value: object) -> None:
        row = self.rows[name]
        try:
            changed = change(self.settings, **{name: value})
        except UserError as error:
            row.refuse(say(str(error)))
            return
        row.show_value(getattr(changed, name))
        self._announce(changed)

    def _announce(self, changed: Settings) -> None:
        if changed != self.settings:
            self.settings = changed
            self.settingsChanged.emit(changed)

    def _leave(self, go_on: Callable[[], object]) -> None:
        self.accept()
        go_on()

    def done(self, result: int) -> None:
        """However it is left, it does not come again by itself."""
        self._announce(change(self.settings, first_run_done=True))
        super().done(result)
