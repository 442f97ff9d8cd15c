"""Every word of the window has its Korean, and the compiled file is the one that was written."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication, QWidget

from stentviewer.core.paths import resources_dir
from stentviewer.core.sentences import sentence
from stentviewer.core.settings import load_settings
from stentviewer.ui import actions, i18n
from stentviewer.ui.actions import ACTIONS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = resources_dir() / "i18n" / "stentviewer_ko.ts"


def tool(name: str, *arguments: str | Path) -> None:
    """Run one of PySide6's own tools, from the environment that runs the tests."""
    program = shutil.which(f"pyside6-{name}", path=str(Path(sys.executable).parent))
    assert program, f"pyside6-{name} comes with PySide6"
    subprocess.run([program, *map(str, arguments)], cwd=ROOT, check=True, capture_output=True)


def messages(file: Path) -> dict[tuple[str, str], ET.Element]:
    contexts = ET.parse(file).getroot().findall("context")
    return {
        (context.findtext("name", ""), message.findtext("source", "")): message
        for context in contexts
        for message in context.findall("message")
    }


def test_every_string_is_translated_and_none_is_left_over(tmp_path):
    fresh = tmp_path / "stentviewer_ko.ts"
    shutil.copyfile(SOURCE, fresh)
    tool("lupdate", "-extensions", "py", "-no-obsolete", "-locations", "none",
         "stentviewer/ui", "-ts", fresh)  # fmt: skip
    assert messages(fresh).keys() == messages(SOURCE).keys(), "run lupdate again"
    for (context, text), message in messages(SOURCE).items():
        translation = message.find("translation")
        assert translation is not None, (context, text)
        assert translation.text, f"{context}: {text!r} has no Korean"
        assert "type" not in translation.attrib, f"{context}: {text!r} is {translation.attrib}"


def test_translations_keep_the_places_that_are_filled_in():
    for (context, text), message in messages(SOURCE).items():
        korean = message.findtext("translation", "")
        places = re.compile(r"\{\w+\}")
        assert sorted(places.findall(text)) == sorted(places.findall(korean)), (context, text)


def test_the_compiled_file_is_current(tmp_path):
    fresh = tmp_path / "stentviewer_ko.qm"
    tool("lrelease", SOURCE, "-qm", fresh)
    assert fresh.read_bytes() == SOURCE.with_suffix(".qm").read_bytes(), "run lrelease again"


@pytest.fixture
def korean(qapp: QApplication):
    i18n.install(qapp, "ko")
    yield
    i18n.uninstall(qapp)


def test_the_window_speaks_korean(korean, sit_down, picture):
    desk = sit_down()
    desk.open(picture("a.png"))
    desk.window.review.read()
    desk.settle()
    assert "모델의 판독" in desk.panel_text
    assert "연구용" in desk.panel_text
    for spec in ACTIONS:
        title = desk.window.actions_by_id[spec.id].text()
        assert re.search("[가-힣]", title), f"{spec.id} is not in Korean: {title}"


def test_the_choice_of_language_is_kept(desk):
    desk.window.use_korean()
    assert load_settings()[0].language == "ko"


def test_the_language_changes_both_ways_in_one_program(qapp: QApplication, qtbot):
    """Nothing of the former language is left: no translator, no sentence, no way of writing."""
    said = sentence("“{name}” is empty.", name="a")
    before = QLocale()
    try:
        for _ in range(2):
            i18n.install(qapp, "ko")
            korean = actions.translated("Open files…")
            assert re.search("[가-힣]", korean)
            assert re.search("[가-힣]", i18n.say(said))
            assert QLocale().language() == QLocale.Language.Korean
            assert len(qapp.findChildren(QTranslator)) == 2, "ours and Qt's own"
            i18n.install(qapp, "en")
            assert actions.translated("Open files…") == "Open files…"
            assert i18n.say(said) == "“a” is empty."
            assert QLocale().language() == QLocale.Language.English
            assert qapp.findChildren(QTranslator) == []
    finally:
        i18n.uninstall(qapp)
    assert QLocale() == before


def test_what_is_built_after_a_change_speaks_the_new_language(qapp: QApplication, qtbot):
    titles = []
    try:
        for language in ("en", "ko", "en"):
            i18n.install(qapp, language)
            owner = QWidget()
            qtbot.addWidget(owner)
            titles.append(actions.build(owner)["read"].text())
    finally:
        i18n.uninstall(qapp)
    assert titles == ["Read", "판독", "Read"]


@pytest.mark.parametrize(
    ("setting", "computer", "in_use"),
    [("en", "ko_KR", "en"), ("ko", "en_US", "ko"), ("system", "ko_KR", "ko"),
     ("system", "de_DE", "en")],
)  # fmt: skip
def test_as_the_computer_is_korean_only_on_a_korean_one(monkeypatch, setting, computer, in_use):
    monkeypatch.setattr(QLocale, "system", lambda: QLocale(computer))
    assert i18n.language_in_use(setting) == in_use
