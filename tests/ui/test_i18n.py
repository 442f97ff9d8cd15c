"""Every word of the window has its Korean, and the compiled file is the one that was written."""

from __future__ import annotations

import gc
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt, QTranslator
from PySide6.QtWidgets import QApplication, QWidget

from stentviewer.core.paths import resources_dir
from stentviewer.core.sentences import sentence
from stentviewer.core.settings import load_settings
from stentviewer.ui import actions, i18n
from stentviewer.ui.actions import ACTIONS
from stentviewer.ui.app import rebuilt
from stentviewer.ui.panels.audit import AuditDialog

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
    changed = messages(fresh).keys() ^ messages(SOURCE).keys()
    assert not changed, "run lupdate again"
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


def test_the_choice_of_language_is_kept_and_the_window_made_anew(
    qapp: QApplication, qtbot, desk, picture
):
    desk.open(picture("a.png"), picture("b.png"))
    first, session = desk.window.review.state.image.id, desk.session
    desk.press(Qt.Key.Key_N)
    desk.settle()
    shown = desk.window.review.state.image.id
    assert shown != first
    with qtbot.waitSignal(desk.window.rebuildWanted) as asked:
        desk.window.actions_by_id["use_korean"].trigger()
    assert load_settings()[0].language == "ko"
    gone = []
    desk.window.destroyed.connect(lambda: gone.append(True))
    i18n.install(qapp, asked.args[0].language)
    try:
        desk.window = rebuilt(desk.window, asked.args[0], session.library.folder)
        qtbot.addWidget(desk.window)
        qtbot.waitUntil(lambda: desk.window.review.state.image is not None)
        desk.settle()
        assert desk.window.review.state.image.id == shown
        assert desk.session is session
        assert len(desk.images()) == 2, "the library stays open"
        assert desk.window.actions_by_id["read"].text() == "판독"
        assert "연구용" in desk.panel_text
        assert gone, "the former window is no more"
    finally:
        i18n.uninstall(qapp)
        gc.collect()  # what is left of the former window, before qtbot would close it


def test_what_is_wrong_is_said_in_korean(korean, sit_down, tmp_path):
    desk = sit_down()
    (tmp_path / "empty.png").touch()
    desk.open(tmp_path / "empty.png", tmp_path / "gone.png")
    assert sorted(desk.window.messages.text.text().splitlines()) == [
        "“empty.png” 파일이 비어 있습니다.",
        "“gone.png” 파일이 없습니다. 이름과 폴더를 확인하십시오.",
    ]


def test_the_audit_trail_is_korean(korean, sit_down, picture):
    desk = sit_down()
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    desk.press(Qt.Key.Key_A)
    desk.settle()
    desk.window.show_audit()
    desk.settle()
    table = desk.window.findChild(AuditDialog).table
    rows = [
        [table.item(row, column).text() for column in (2, 3, 4)] for row in range(table.rowCount())
    ]
    assert len(rows) >= 4
    for what, where, detail in rows:
        assert re.search("[가-힣]", what), what
        assert re.search("[가-힣]", where), where
        words = re.sub(r"stent-test-\w+|SHA-256 \w+|NITI-S|PNG", "", detail)
        assert not re.search("[a-z]{3}", words), detail
    assert ["레이블 수락", "영상 1, 프레임 1", "NITI-S. 모델의 답: NITI-S 0.91"] in rows
    desk.window.findChild(AuditDialog).close()


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
