"""The settings page is made from the declarations, applies at once and refuses with a sentence."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QSlider, QSpinBox

from stentviewer.core.declared import Declared, Shown
from stentviewer.core.sentences import sentence
from stentviewer.core.settings import Settings, settings_page
from stentviewer.ui import i18n
from stentviewer.ui.settings_dialog import SettingRow, SettingsDialog


@pytest.fixture
def page(qtbot) -> SettingsDialog:
    made = SettingsDialog(Settings(reader="dr.kim"))
    qtbot.addWidget(made)
    made.show()
    return made


def test_every_declared_setting_stands_on_the_page_with_its_value(page) -> None:
    assert page.rows.keys() == {one.name for one in settings_page()}
    for one in settings_page():
        row = page.rows[one.name]
        assert row.title.text() == one.shown.title
        assert row.help.text() == one.shown.help
        assert row.control.accessibleName() == one.shown.title
        assert row.reset.isHidden() == (getattr(page.settings, one.name) == one.default)


@pytest.mark.parametrize("setting", settings_page(), ids=lambda one: one.name)
def test_every_setting_can_be_changed_and_reset(page, qtbot, setting: Declared) -> None:
    row, taken = page.rows[setting.name], []
    page.settingsChanged.connect(taken.append)
    control = row.control
    if isinstance(control, QCheckBox):
        qtbot.keyClick(control, Qt.Key.Key_Space)
    elif isinstance(control, QComboBox):
        last_first = Qt.Key.Key_Up if control.currentIndex() else Qt.Key.Key_Down
        qtbot.keyClick(control, last_first)
    elif isinstance(control, QSpinBox):
        qtbot.keyClick(control, Qt.Key.Key_Up)
    elif setting.kind is tuple:
        control.click()
        boxes = row.findChildren(QCheckBox)
        assert all(box.isVisible() for box in boxes)
        qtbot.keyClick(boxes[-1], Qt.Key.Key_Space)
    elif slider := control.findChild(QSlider):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    else:
        control.selectAll()
        qtbot.keyClicks(control, "  lee   min ")
        qtbot.keyClick(control, Qt.Key.Key_Return)
    assert len(taken) == 1
    new = getattr(taken[0], setting.name)
    assert new != getattr(Settings(reader="dr.kim"), setting.name)
    others = taken[0].model_dump(exclude={setting.name})
    assert others == Settings(reader="dr.kim").model_dump(exclude={setting.name})
    if setting.name == "reader":
        assert new == "lee min"
    assert row.reset.isVisible() == (new != setting.default)
    row.reset.click()
    assert getattr(page.settings, setting.name) == setting.default
    assert row.reset.isHidden()
    assert page.isVisible(), "Enter in a line does not close the page"


def test_what_cannot_be_is_answered_and_stays_to_be_put_right(page, qtbot) -> None:
    taken = []
    page.settingsChanged.connect(taken.append)
    row = page.rows["reader"]
    row.control.selectAll()
    qtbot.keyClicks(row.control, " ")
    qtbot.keyClick(row.control, Qt.Key.Key_Return)
    assert row.refusal.isVisible()
    assert row.refusal.text() == "“Your name” must not be empty."
    assert taken == []
    qtbot.keyClicks(row.control, "lee")
    qtbot.keyClick(row.control, Qt.Key.Key_Return)
    assert row.refusal.isHidden()
    assert [one.reader for one in taken] == ["lee"]


def test_a_number_between_the_steps_is_refused(page, qtbot) -> None:
    row = page.rows["scale"]
    row.control.selectAll()
    qtbot.keyClicks(row.control, "110")
    qtbot.keyClick(row.control, Qt.Key.Key_Return)
    assert "steps of 25 %" in row.refusal.text()
    assert page.settings.scale == 100


def test_reset_all_is_one_change_and_leaves_the_shortcuts(qtbot) -> None:
    mine = Settings(reader="kim", theme="light", cine_speed=3, shortcuts={"heat": ("Y",)})
    page, taken = SettingsDialog(mine), []
    qtbot.addWidget(page)
    page.settingsChanged.connect(taken.append)
    assert page.reset_all.isEnabled()
    page.reset_all.click()
    assert len(taken) == 1
    assert (taken[0].theme, taken[0].cine_speed) == ("dark", 15)
    assert taken[0].shortcuts == {"heat": ("Y",)}
    assert not page.reset_all.isEnabled()


def test_the_search_finds_by_words_in_any_order(page, qtbot) -> None:
    qtbot.keyClicks(page.search, "answer model")
    shown = {name for name, row in page.rows.items() if row.isVisible()}
    assert shown == {"sealed_reading"}
    headings = [one.text() for one in page.findChildren(QLabel, "heading") if one.isVisible()]
    assert headings == ["Reading"]
    page.search.setText("no such thing")
    said = [one.text() for one in page.findChildren(QLabel, "quiet") if one.isVisible()]
    assert said == ["No setting is called that."]
    page.search.clear()
    assert all(row.isVisible() for row in page.rows.values())


def test_what_was_changed_elsewhere_is_shown_and_not_announced(page) -> None:
    taken = []
    page.settingsChanged.connect(taken.append)
    page.set_settings(Settings(heat_table="cividis", heat_strength=0.2, scale=150))
    assert page.rows["heat_table"].control.currentText() == "Cividis"
    assert page.rows["scale"].control.value() == 150
    assert page.rows["heat_strength"].control.findChild(QSlider).value() == 20
    assert taken == []


def test_the_wheel_scrolls_the_page_and_changes_nothing(page, qtbot) -> None:
    for name in ("cine_speed", "heat_table"):
        control = page.rows[name].control
        centre = QPointF(control.rect().center())
        turned = QWheelEvent(
            centre,
            control.mapToGlobal(centre),
            QPoint(0, -120),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, turned)
    assert (page.settings.cine_speed, page.settings.heat_table) == (15, "inferno")


def test_several_of_the_choices(qtbot) -> None:
    shown = Shown(sentence("You"), sentence("Colours"), sentence("Light"), {"a": "A", "b": "B"})
    setting = Declared("several", shown, tuple, ("a", "b"), ("a",))
    from PySide6.QtWidgets import QWidget

    parent, taken = QWidget(), []
    qtbot.addWidget(parent)
    row = SettingRow(setting, parent)
    row.chosen.connect(lambda name, value: taken.append((name, value)))
    row.show_value(("a",))
    boxes = row.findChildren(QCheckBox)
    assert row.control.text() == "A"
    assert [box.isChecked() for box in boxes] == [True, False]
    boxes[1].click()
    boxes[0].click()
    assert taken == [("several", ("a", "b")), ("several", ("b",))]


def test_the_page_speaks_korean_and_is_searched_in_both_languages(qapp, qtbot) -> None:
    i18n.install(qapp, "ko")
    try:
        page = SettingsDialog(Settings(reader="김"))
        qtbot.addWidget(page)
        page.show()
        for name, row in page.rows.items():
            assert re.search("[가-힣]", row.title.text()), name
            assert re.search("[가-힣]", row.help.text()), name
        for typed in ("봉인", "sealed"):
            page.search.setText(typed)
            assert {n for n, r in page.rows.items() if r.isVisible()} == {"sealed_reading"}
        page.rows["reader"].control.setText("")
        page.rows["reader"].control.editingFinished.emit()
        assert page.rows["reader"].refusal.text() == "“이름” 항목은 비워 둘 수 없습니다."
    finally:
        i18n.uninstall(qapp)
