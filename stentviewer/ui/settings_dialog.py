"""The settings page, made from the settings that are declared in core/settings.py."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from stentviewer.core.declared import Declared
from stentviewer.core.errors import UserError
from stentviewer.core.settings import Settings, change, settings_page
from stentviewer.ui import theme
from stentviewer.ui.i18n import say
from stentviewer.ui.search_words import has_words

_CONTROL_SIZE = QSize(240, 30)


class SettingsDialog(QDialog):
    """Every choice applies at once; one that cannot be is answered with a sentence."""

    settingsChanged = Signal(object)  # the new Settings, checked

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.settings = settings
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Find a setting"))
        self.search.setAccessibleName(self.tr("Find a setting"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.rows: dict[str, SettingRow] = {}
        self._headings: dict[str, QLabel] = {}
        self._nothing = QLabel(self.tr("No setting is called that."), self)
        self._nothing.setObjectName("quiet")
        self._nothing.hide()
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._make_rows())
        self._lay_out()
        self._show()
        self.search.setFocus()

    def _make_rows(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.GRID, 0)
        column.setSpacing(theme.GRID * 2)
        column.addWidget(self._nothing)
        for setting in settings_page():
            group = setting.shown.group
            if group not in self._headings:
                heading = QLabel(say(group), inside)
                heading.setObjectName("heading")
                heading.setContentsMargins(0, theme.GRID if self._headings else 0, 0, 0)
                self._headings[group] = heading
                column.addWidget(heading)
            row = SettingRow(setting, inside)
            row.chosen.connect(self._choose)
            self.rows[setting.name] = row
            column.addWidget(row)
        column.addStretch(1)
        return inside

    def _lay_out(self) -> None:
        self.reset_all = QPushButton(self.tr("Reset all"), self)
        self.reset_all.setToolTip(self.tr("Every setting as it came; shortcuts stay yours."))
        self.reset_all.clicked.connect(self._reset_all)
        close = QPushButton(self.tr("Close"), self)
        close.clicked.connect(self.close)
        for button in (self.reset_all, close):
            button.setAutoDefault(False)  # Enter ends what is being written
        buttons = QHBoxLayout()
        buttons.addWidget(self.reset_all)
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.search)
        column.addWidget(self.area, 1)
        column.addLayout(buttons)
        self.resize(640, 640)

    def set_settings(self, settings: Settings) -> None:
        """Show what was changed elsewhere, without announcing it."""
        self.settings = settings
        self._show()

    def _show(self) -> None:
        for name, row in self.rows.items():
            row.show_value(getattr(self.settings, name))
        self.reset_all.setEnabled(any(row.is_changed for row in self.rows.values()))

    def _choose(self, name: str, value: object) -> None:
        try:
            changed = change(self.settings, **{name: value})
        except UserError as error:
            self.rows[name].refuse(say(str(error)))
            return
        self._take(changed)

    def _reset_all(self) -> None:
        as_they_came = {name: row.setting.default for name, row in self.rows.items()}
        self._take(change(self.settings, **as_they_came))

    def _take(self, changed: Settings) -> None:
        is_new = changed != self.settings
        self.settings = changed
        self._show()
        if is_new:
            self.settingsChanged.emit(changed)

    def _filter(self, typed: str) -> None:
        found = set()
        for row in self.rows.values():
            fits = has_words(typed, *row.words)
            row.setVisible(fits)
            if fits:
                found.add(row.setting.shown.group)
        for group, heading in self._headings.items():
            heading.setVisible(group in found)
        self._nothing.setVisible(not found)


class SettingRow(QWidget):
    """One setting: its name, a control, what it does, and a way back."""

    chosen = Signal(str, object)  # name, value; not yet checked

    def __init__(self, setting: Declared, parent: QWidget) -> None:
        super().__init__(parent)
        self.setting = setting
        self.is_changed = False
        shown = setting.shown
        self.title = QLabel(say(shown.title), self)
        self.control, self._set = _make_control(setting, self, self._announce)
        self.title.setBuddy(self.control)
        self.control.setAccessibleName(say(shown.title))
        self.control.setAccessibleDescription(say(shown.help))
        self.reset = QToolButton(self)
        self.reset.setText("↺")
        self.reset.setToolTip(self.tr("Reset"))
        self.reset.setAccessibleName(self.tr("Reset {setting}").format(setting=say(shown.title)))
        self.reset.clicked.connect(lambda: self._announce(self.setting.default))
        self.help = QLabel(say(shown.help), self)
        self.help.setObjectName("quiet")
        self.refusal = QLabel(self)
        self.refusal.setObjectName("research")
        for label in (self.help, self.refusal):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.words = [
            *(text for one in (shown.group, shown.title, shown.help) for text in (one, say(one))),
            *(say(one) for one in shown.choices.values()),
        ]
        self._lay_out()

    def _lay_out(self) -> None:
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # nothing moves when it comes
        self.reset.setSizePolicy(policy)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GRID)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.title, 0, 0)
        grid.addWidget(self.control, 0, 1)
        grid.addWidget(self.reset, 0, 2)
        grid.addWidget(self.help, 1, 0, 1, 3)
        if isinstance(self.control, _Several):
            grid.addWidget(self.control.panel, 2, 0, 1, 3)
        grid.addWidget(self.refusal, 3, 0, 1, 3)

    def show_value(self, value: object) -> None:
        """What the setting is now."""
        with QSignalBlocker(self.control):
            self._set(value)
        self.is_changed = value != self.setting.default
        self.reset.setVisible(self.is_changed)
        self.refusal.hide()

    def refuse(self, sentence: str) -> None:
        """Why what was chosen cannot be; it stays in the control to be put right."""
        self.refusal.setText(sentence)
        self.refusal.show()

    def _announce(self, value: object) -> None:
        self.chosen.emit(self.setting.name, value)


Announce = Callable[[object], None]
Control = tuple[QWidget, Callable[[object], None]]


def _make_control(setting: Declared, row: QWidget, announce: Announce) -> Control:
    """The control of a setting's kind, and how a value is shown in it."""
    if setting.kind is bool:
        return _switch(row, announce)
    if setting.kind is tuple:
        return _Several(setting, row, announce).as_control()
    if setting.choices:
        return _choice(setting, row, announce)
    if setting.kind is str:
        return _line(row, announce)
    if setting.shown.percent:
        return _slider(setting, row, announce)
    return _number(setting, row, announce)


def _switch(row: QWidget, announce: Announce) -> Control:
    box = QCheckBox(row)
    box.toggled.connect(announce)
    return box, lambda value: box.setChecked(bool(value))


def _choice(setting: Declared, row: QWidget, announce: Announce) -> Control:
    box = QComboBox(row)
    for value in setting.choices:
        box.addItem(say(setting.shown.choices.get(value, value)), value)
    box.activated.connect(lambda: announce(box.currentData()))
    _size(box)
    return box, lambda value: box.setCurrentIndex(box.findData(value))


def _line(row: QWidget, announce: Announce) -> Control:
    line = QLineEdit(row)
    line.editingFinished.connect(lambda: announce(line.text()))
    _size(line)
    return line, lambda value: line.setText(str(value))


def _slider(setting: Declared, row: QWidget, announce: Announce) -> Control:
    """Percent, with its number beside it."""
    both = QWidget(row)
    slider = QSlider(Qt.Orientation.Horizontal, both)
    slider.setRange(round(setting.low * 100), round(setting.high * 100))
    slider.setSingleStep(round(setting.shown.step * 100))
    slider.setPageStep(10)
    number = QLabel(both)
    number.setMinimumWidth(number.fontMetrics().horizontalAdvance("100 %"))
    number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    line = QHBoxLayout(both)
    line.setContentsMargins(0, 0, 0, 0)
    line.addWidget(slider, 1)
    line.addWidget(number)
    both.setFocusProxy(slider)
    slider.valueChanged.connect(lambda percent: announce(percent / 100))
    _size(both)
    leave_wheel(slider)

    def show(value: object) -> None:
        percent = round(float(str(value)) * 100)
        with QSignalBlocker(slider):
            slider.setValue(percent)
        number.setText(f"{percent} %")

    return both, show


def _number(setting: Declared, row: QWidget, announce: Announce) -> Control:
    box: QSpinBox | QDoubleSpinBox
    box = QSpinBox(row) if setting.kind is int else QDoubleSpinBox(row)
    box.setRange(setting.low, setting.high)  # type: ignore[arg-type]
    box.setSingleStep(setting.shown.step)  # type: ignore[arg-type]
    box.setSuffix(setting.shown.unit)
    box.setKeyboardTracking(False)
    box.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToNearestValue)
    box.valueChanged.connect(announce)
    _size(box)
    return box, lambda value: box.setValue(setting.kind(value))


class _Several(QPushButton):
    """Any number of the choices: their names, and a panel with a switch for each on demand."""

    def __init__(self, setting: Declared, row: QWidget, announce: Announce) -> None:
        super().__init__(row)
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.panel = QWidget(row)
        self.panel.hide()
        self.toggled.connect(self.panel.setVisible)
        self._boxes: dict[str, QCheckBox] = {}
        grid = QGridLayout(self.panel)
        grid.setContentsMargins(0, theme.GRID, 0, theme.GRID)
        for place, value in enumerate(setting.choices):
            box = QCheckBox(say(setting.shown.choices.get(value, value)), self.panel)
            box.clicked.connect(lambda: announce(self.value()))
            grid.addWidget(box, place // 3, place % 3)
            self._boxes[value] = box
        _size(self)

    def value(self) -> tuple[str, ...]:
        """What is switched on, in the order of the choices."""
        return tuple(name for name, box in self._boxes.items() if box.isChecked())

    def as_control(self) -> Control:
        """Itself, and how a value is shown in it."""

        def show(value: object) -> None:
            for name, box in self._boxes.items():
                box.setChecked(isinstance(value, tuple) and name in value)
            names = ", ".join(box.text() for box in self._boxes.values() if box.isChecked())
            room = _CONTROL_SIZE.width() - 32
            short = self.fontMetrics().elidedText(names, Qt.TextElideMode.ElideRight, room)
            self.setText((short or self.tr("Nothing")).replace("&", "&&"))
            self.setToolTip(names)

        return self, show


def _size(control: QWidget) -> None:
    control.setFixedWidth(_CONTROL_SIZE.width())
    control.setMinimumHeight(_CONTROL_SIZE.height())
    leave_wheel(control)


class _WheelLeaver(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def leave_wheel(control: QWidget) -> None:
    """The wheel scrolls the page and changes nothing on its way."""
    control.installEventFilter(_WheelLeaver(control))
